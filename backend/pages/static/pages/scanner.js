"use strict";
// Scans of volunteers' codes, kept on this device until the server has answered each of them. The queue outlives
// the page, the browser and a day without network; a row leaves it only with its answer, or when it is thrown away.
(() => {
  const root = document.querySelector("[data-scanner]");
  if (!root) return;
  const AT_ONCE = 500;
  const PATIENCE_MS = 20000;
  const RETRY_MS = 15000;
  const SAME_CODE_MS = 60000;
  const SHOWN_MS = 12 * 3600000;
  const one = (selector) => document.querySelector(selector);
  const [list, last, input, words, pattern] = ["[data-list]", "[data-last]", "#code", "[data-words]", "#scan-row"].map(one);
  const { site, owner } = root.dataset;
  const hours = new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });
  const random = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const cookie = (name) => document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";

  // --- the queue --------------------------------------------------------------------------------------------
  const memory = new Map(); // where the browser lends no storage
  const store = new Promise((resolve) => {
    const asked = window.indexedDB?.open("jishan-scanner", 1);
    if (!asked) { resolve(null); return; }
    asked.onupgradeneeded = () => asked.result.createObjectStore("scans", { keyPath: "nonce" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => resolve(null);
  });
  const inside = async (mode, act) => {
    const base = await store;
    return new Promise((resolve, reject) => {
      const work = base.transaction("scans", mode, mode === "readwrite" ? { durability: "strict" } : {});
      const asked = act(work.objectStore("scans"));
      work.oncomplete = () => resolve(asked?.result);
      work.onerror = () => reject(work.error);
      work.onabort = () => reject(work.error);
    });
  };
  const put = async (scan) => {
    if (!await store) memory.set(scan.nonce, scan);
    else await inside("readwrite", (scans) => scans.put(scan));
  };
  const drop = async (nonce) => {
    if (!await store) memory.delete(nonce);
    else await inside("readwrite", (scans) => scans.delete(nonce));
  };
  const everything = async () => (await store ? inside("readonly", (scans) => scans.getAll()) : [...memory.values()]);
  const mine = async () => (await everything()).filter((scan) => scan.owner === owner).sort((a, b) => a.at.localeCompare(b.at));

  // --- what is shown ----------------------------------------------------------------------------------------
  const tone = (scan) => {
    if (scan.state === "waiting") return { tone: "amber", sign: "…", word: words.dataset.waitingWord };
    if (scan.state === "failed") return { tone: "rust", sign: "×", word: words.dataset.failed };
    const way = scan.intent === "in" ? "In" : "Out";
    if (scan.state === "accepted") return { tone: "jade", sign: "✓", word: words.dataset[`accepted${way}`] };
    if (scan.state === "provisional") return { tone: "amber", sign: "!", word: words.dataset.provisional };
    return { tone: "rust", sign: "×", word: words.dataset[`refused${way}`] };
  };
  const row_of = (scan) => {
    const row = pattern.content.cloneNode(true).querySelector("li");
    const shown = tone(scan);
    const text = (name, value) => { row.querySelector(`[data-${name}]`).textContent = value; };
    row.dataset.tone = shown.tone;
    row.dataset.nonce = scan.nonce;
    row.dataset.state = scan.state;
    row.querySelector(".taken__sign").textContent = shown.sign;
    text("word", scan.state === "waiting" ? `${words.dataset[scan.intent]} · ${shown.word}` : shown.word);
    text("who", scan.who ?? "");
    text("time", hours.format(new Date(scan.at)));
    text("sentence", scan.sentence ?? "");
    row.querySelector("[data-again]").hidden = scan.state !== "failed";
    return row;
  };
  const announce = (look, sentence) => {
    last.replaceChildren();
    const sign = Object.assign(document.createElement("div"), { className: `sign ${look.tone}` });
    const mark = Object.assign(document.createElement("span"), { className: "sign__mark", textContent: look.sign });
    const box = document.createElement("div");
    box.append(Object.assign(document.createElement("p"), { className: "sign__word", textContent: look.word }));
    if (sentence) box.append(Object.assign(document.createElement("p"), { className: "sign__line", textContent: sentence }));
    sign.append(mark, box);
    last.append(sign);
    if (navigator.vibrate) navigator.vibrate(look.tone === "rust" ? [80, 60, 80] : 120);
  };
  const refresh = async () => {
    const all = await everything();
    const own = all.filter((scan) => scan.owner === owner && scan.site === site);
    const waiting = all.filter((scan) => scan.owner === owner && scan.state === "waiting").length;
    const others = all.filter((scan) => scan.owner !== owner && scan.state === "waiting").length;
    own.sort((a, b) => b.at.localeCompare(a.at));
    list.replaceChildren(...own.map(row_of));
    one("[data-none]").hidden = own.length > 0;
    one("[data-total]").textContent = own.length || "";
    one("[data-waiting]").hidden = waiting === 0;
    one("[data-waiting-count]").textContent = waiting;
    one("[data-others]").hidden = others === 0;
    one("[data-others-count]").textContent = others;
  };

  // --- sending ------------------------------------------------------------------------------------------------
  const body_of = (scan) => ({ token: scan.code, intent: scan.intent, nonce: scan.nonce, site: Number(scan.site), captured_at: scan.at, sent_at: new Date().toISOString() });
  const send = async (scans) => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
    try {
      const response = await fetch(root.dataset.batch, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": cookie("csrftoken") },
        body: JSON.stringify({ scans: scans.map(body_of) }),
        signal: stop.signal,
      });
      one("[data-sign-in]").hidden = ![401, 403].includes(response.status);
      if (response.status === 400 || response.status === 413 || response.status === 422) return { spoilt: await response.json().catch(() => ({})) };
      if (!response.ok) return {};
      return { results: (await response.json()).results };
    } catch {
      return {};
    } finally {
      clearTimeout(timer);
    }
  };
  // Each row goes its own way: answered for good, refused as a row, or (a fault of the server) kept for later.
  const settle = async (scan, result) => {
    const { code, ...shown } = scan;
    if (result.answer) {
      const { answer } = result;
      const kept = { ...shown, state: answer.result, sentence: answer.reasons[0]?.message, attendance: answer.attendance?.id };
      await put(kept); // without the code: it has done its work
      return kept;
    }
    if (result.status >= 500 || result.status === 429) return scan;
    const refused = { ...scan, state: "failed", sentence: result.problem?.errors?.[0]?.detail ?? result.problem?.detail ?? "" };
    await put(refused);
    return refused;
  };
  // The answers name nobody; the site's staff may see whose they are. Returns the last of them.
  const named = async (settled) => {
    const ids = settled.map((scan) => scan.attendance).filter(Boolean);
    const found = ids.length ? await fetch(`${root.dataset.names}?ids=${ids.join(",")}`).then((response) => (response.ok ? response.json() : {})).catch(() => ({})) : {};
    const known = settled.map((scan) => (found[scan.attendance] ? { ...scan, who: found[scan.attendance] } : scan));
    await Promise.all(known.filter((scan) => scan.who).map(put));
    return known[known.length - 1];
  };
  let busy = false;
  let retry;
  const upload = async () => {
    if (busy) return;
    busy = true;
    clearTimeout(retry);
    let size = AT_ONCE;
    try {
      for (let waiting = await queue(); waiting.length; waiting = await queue()) {
        const part = waiting.slice(0, size);
        const { results, spoilt } = await send(part);
        if (spoilt && part.length > 1) { size = 1; continue; } // one of them spoils the lot: find it
        if (!results && !spoilt) break;
        const settled = await Promise.all(part.map((scan, place) => settle(scan, results ? results[place] : { status: 400, problem: spoilt })));
        const newest = await named(settled);
        await refresh();
        if (newest.state !== "waiting") announce(tone(newest), [newest.who, newest.sentence].filter(Boolean).join(" · "));
        if (settled.some((scan) => scan.state === "waiting")) break;
      }
    } finally {
      busy = false;
    }
    if ((await queue()).length) retry = setTimeout(upload, RETRY_MS);
  };
  const queue = async () => (await mine()).filter((scan) => scan.state === "waiting");

  // --- taking in ----------------------------------------------------------------------------------------------
  const seen = new Map();
  const take = async (text) => {
    const code = text.trim();
    const intent = one("[name=way]:checked")?.value;
    const complain = (word) => announce({ tone: "rust", sign: "×", word }, "");
    if (!intent) { complain(words.dataset.noWay); return; }
    if (/^\d*$/.test(code) || code.length < 16) { complain(words.dataset.noCode); return; }
    const name = `${intent} ${code}`;
    if (Date.now() - (seen.get(name) ?? 0) < SAME_CODE_MS) { announce({ tone: "amber", sign: "!", word: words.dataset.justNow }, ""); return; }
    seen.set(name, Date.now());
    const scan = { nonce: random(), owner, site, code, intent, at: new Date().toISOString(), state: "waiting" };
    await put(scan);
    announce(tone(scan), hours.format(new Date(scan.at)));
    await refresh();
    upload();
  };
  one("[data-code-form]").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value;
    input.value = "";
    input.focus();
    take(text);
  });
  list.addEventListener("click", async (event) => {
    const nonce = event.target.closest("li")?.dataset.nonce;
    const scan = (await mine()).find((other) => other.nonce === nonce);
    if (!scan) return;
    if (event.target.closest("[data-retry]")) { await put({ ...scan, state: "waiting", sentence: "" }); upload(); }
    if (event.target.closest("[data-drop]")) await drop(nonce);
    await refresh();
  });
  // A barcode scanner is a keyboard: whatever it types must land in the field, wherever the focus is.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target === input) return;
    if (event.key.length === 1 && /[\w-]/.test(event.key)) input.focus();
  });
  document.querySelectorAll("[name=way]").forEach((radio) => radio.addEventListener("change", () => input.focus({ preventScroll: true })));
  window.addEventListener("online", upload);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) upload(); });
  window.addEventListener("beforeunload", (event) => { if (memory.size && [...memory.values()].some((scan) => scan.state === "waiting")) event.preventDefault(); });

  // --- the camera ---------------------------------------------------------------------------------------------
  const button = one("[data-camera]");
  const box = one("[data-camera-box]");
  const video = box.querySelector("video");
  const EVERY_MS = 150;
  const WIDE = 640;
  const library = () => new Promise((resolve, reject) => {
    if (window.jsQR) { resolve(); return; }
    const script = document.createElement("script");
    script.src = button.dataset.library;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
  const canvas = document.createElement("canvas");
  const paper = canvas.getContext("2d", { willReadFrequently: true });
  let before = "";
  const look = () => {
    if (box.hidden) return;
    if (video.readyState === video.HAVE_ENOUGH_DATA && !document.hidden) {
      canvas.width = Math.min(WIDE, video.videoWidth);
      canvas.height = Math.round((canvas.width * video.videoHeight) / video.videoWidth);
      paper.drawImage(video, 0, 0, canvas.width, canvas.height);
      const pixels = paper.getImageData(0, 0, canvas.width, canvas.height);
      const found = window.jsQR(pixels.data, pixels.width, pixels.height, { inversionAttempts: "dontInvert" })?.data ?? "";
      if (found && found !== before) take(found);
      before = found || before;
    }
    setTimeout(look, EVERY_MS);
  };
  const close = () => {
    box.hidden = true;
    before = "";
    video.srcObject?.getTracks().forEach((track) => track.stop());
    button.textContent = button.dataset.on;
  };
  if (navigator.mediaDevices?.getUserMedia) button.hidden = false;
  button.addEventListener("click", async () => {
    if (!box.hidden) { close(); return; }
    box.hidden = false;
    button.textContent = button.dataset.off;
    try {
      const [stream] = await Promise.all([navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }), library()]);
      video.srcObject = stream;
      await video.play();
      look();
    } catch {
      close();
      announce({ tone: "rust", sign: "×", word: button.dataset.denied }, "");
    }
  });
  document.querySelectorAll("[name=way]").forEach((radio) => radio.addEventListener("change", () => { before = ""; }));

  // --- beginning ----------------------------------------------------------------------------------------------
  const begin = async () => {
    one("[data-sign-in]").href = root.dataset.login;
    one("[data-memory]").hidden = Boolean(await store);
    const old = new Date(Date.now() - SHOWN_MS).toISOString();
    await Promise.all((await everything()).filter((scan) => !["waiting", "failed"].includes(scan.state) && scan.at < old).map((scan) => drop(scan.nonce)));
    await refresh();
    upload();
    navigator.storage?.persist?.().catch(() => {});
  };
  begin();
  // This page opens without network as long as its owner stays signed in (sw.js).
  if ("serviceWorker" in navigator && "caches" in window) {
    const ready = async () => { one("[data-ready]").hidden = !await caches.match(location.pathname); };
    navigator.serviceWorker.addEventListener("message", ready);
    ready();
    navigator.serviceWorker.register("/sw.js")
      .then(() => navigator.serviceWorker.ready)
      .then((registration) => registration.active.postMessage({ keep: location.pathname }))
      .catch(() => {});
  }
})();
