"use strict";
// The screen fetches codes ten minutes ahead, so ten minutes without network show nothing but right codes; when even
// those run out it keeps the last one and says so. It is never blank.
(() => {
  const screen = document.querySelector("[data-codes]");
  const box = screen.querySelector("[data-code]");
  const bar = screen.querySelector("[data-bar]");
  const clock = screen.querySelector("[data-clock]");
  const live = screen.querySelector("[data-live]");
  const offline = screen.querySelector("[data-offline]");
  const demo = screen.querySelector("[data-demo-link]"); // a demo on one computer has no camera to hold up
  const FETCH_MS = 20000;
  const PATIENCE_MS = 10000;
  const hours = new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });
  let codes = [];
  let key = "";
  let ahead = 0; // server clock minus this clock, in ms
  let shown = "";

  const fetchCodes = async () => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
    try {
      const last = codes[codes.length - 1];
      const held = last ? `?until=${last.until}&key=${key}` : "";
      const response = await fetch(screen.dataset.codes + held, { headers: { Accept: "application/json" }, cache: "no-store", signal: stop.signal });
      if (response.redirected || response.status === 403 || response.status === 404) {
        location.reload();
        return;
      }
      if (!response.ok) throw new Error(String(response.status));
      const answer = await response.json();
      // A changed key makes every code that was sent ahead worthless.
      const good = answer.key === key ? codes.filter((code) => code.until > answer.now) : [];
      codes = [...good, ...answer.codes];
      key = answer.key;
      ahead = answer.now - Date.now();
      live.textContent = answer.live;
    } catch {
      // Codes already here go on; tick() says when they have run out.
    } finally {
      clearTimeout(timer);
    }
    setTimeout(fetchCodes, FETCH_MS);
  };

  const tick = () => {
    const now = Date.now() + ahead;
    clock.textContent = hours.format(now);
    const current = codes.find((code) => code.from <= now && now < code.until);
    if (current) {
      if (current.svg !== shown) {
        shown = current.svg;
        box.innerHTML = current.svg;
        box.dataset.token = current.token;
        if (demo) demo.href = `/s/${current.token}`;
      }
      bar.style.transform = `scaleX(${(current.until - now) / (current.until - current.from)})`;
    } else {
      bar.style.transform = "scaleX(0)";
    }
    const stale = codes.length > 0 && !current;
    box.classList.toggle("is-old", stale);
    offline.hidden = !stale;
  };

  const stayAwake = async () => {
    try { await navigator.wakeLock?.request("screen"); } catch { /* the screen may dim; the code is still right */ }
  };
  document.addEventListener("visibilitychange", () => { if (!document.hidden) stayAwake(); });
  document.addEventListener("dblclick", () => { document.documentElement.requestFullscreen?.().catch(() => {}); });

  stayAwake();
  fetchCodes();
  setInterval(tick, 250);
})();
