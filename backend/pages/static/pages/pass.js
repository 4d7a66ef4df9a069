"use strict";
// My own code: changes every 30 s by the server's clock. Ten minutes are fetched ahead, so a flaky network shows no
// gap; when they have run out the old code is greyed and the page says so.
(() => {
  const page = document.querySelector("[data-pass]");
  const box = page.querySelector("[data-code]");
  const bar = page.querySelector("[data-bar]");
  const stale = page.querySelector("[data-stale]");
  const RETRY_MS = 10000;
  const ENOUGH_MS = 480000; // fetched again when less than this is left
  let codes = [];
  let ahead = 0; // server clock minus this clock
  let shown = "";
  let asked = -Infinity;

  const fetchCodes = async () => {
    asked = performance.now();
    try {
      const response = await fetch(page.dataset.pass, { headers: { Accept: "application/json" }, cache: "no-store" });
      if (response.redirected) {
        location.reload();
        return;
      }
      if (!response.ok) throw new Error(String(response.status));
      const answer = await response.json();
      ({ codes } = answer);
      ahead = answer.now - Date.now();
    } catch {
      // Those already here go on; tick() says when they have run out.
    }
  };

  const tick = () => {
    const now = Date.now() + ahead;
    const current = codes.find((code) => code.from <= now && now < code.until);
    if (current && current.svg !== shown) {
      shown = current.svg;
      box.innerHTML = current.svg;
    }
    bar.style.transform = `scaleX(${current ? (current.until - now) / (current.until - current.from) : 0})`;
    const old = codes.length > 0 && !current;
    box.classList.toggle("is-old", old);
    if (stale.hidden === old) stale.hidden = !old;
    const left = (codes.at(-1)?.until ?? 0) - now;
    if (left < ENOUGH_MS && performance.now() - asked > RETRY_MS) fetchCodes();
  };

  const stayAwake = async () => {
    try { await navigator.wakeLock?.request("screen"); } catch { /* it may dim; the code is still right */ }
  };
  document.addEventListener("visibilitychange", () => { if (!document.hidden) stayAwake(); });
  window.addEventListener("online", fetchCodes);

  stayAwake();
  fetchCodes();
  setInterval(tick, 250);
})();
