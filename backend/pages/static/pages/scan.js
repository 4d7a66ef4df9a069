"use strict";
// A scan survives a bad network: it is made once (one nonce per code and intent), kept on the phone when it
// cannot be sent, and sent again until the server has answered. The server gives a repeated nonce its first answer.
(() => {
  const KEPT = "jishan.scans";
  const NONCES = "jishan.nonces";
  const DEVICE = "jishan.device";
  const PATIENCE_MS = 8000;
  const RETRY_MS = 15000;
  const DAY_MS = 86400000;
  const hours = new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });
  const stage = document.getElementById("scan");
  const form = document.querySelector("[data-scan]");
  if (!stage) return;

  const load = (key, otherwise) => {
    try { return JSON.parse(localStorage.getItem(key)) ?? otherwise; } catch { return otherwise; }
  };
  const save = (key, value) => {
    try { localStorage.setItem(key, JSON.stringify(value)); return true; } catch { return false; }
  };
  const random = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  const device = () => {
    const known = load(DEVICE, "");
    if (known) return known;
    const fresh = random();
    save(DEVICE, fresh);
    return fresh;
  };

  // One nonce per code, intent and person, so that pressing twice, reloading or retrying is the same scan.
  const nonceFor = (name) => {
    const now = Date.now();
    const nonces = Object.fromEntries(Object.entries(load(NONCES, {})).filter(([, kept]) => now - kept.at < DAY_MS));
    nonces[name] ??= { nonce: random(), at: now };
    save(NONCES, nonces);
    return nonces[name].nonce;
  };

  // --- what is kept ---------------------------------------------------------------------------------------
  const kept = () => load(KEPT, []).filter((scan) => scan.number === stage.dataset.number);
  const keep = (scan) => save(KEPT, [...load(KEPT, []).filter((other) => other.fields.nonce !== scan.fields.nonce), scan]);
  const forget = (scan) => save(KEPT, load(KEPT, []).filter((other) => other.fields.nonce !== scan.fields.nonce));

  // Read now: the form that carries it leaves the page when an answer takes its place.
  const csrf = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";

  // Returns the server's answer as HTML, or null when there was none to be had.
  const send = async (scan) => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
    try {
      const response = await fetch(scan.url, {
        method: "POST",
        body: new URLSearchParams({ ...scan.fields, csrfmiddlewaretoken: csrf }),
        headers: { "X-Requested-With": "fetch" },
        signal: stop.signal,
      });
      if (response.redirected) {
        keep(scan);
        location.assign(response.url);
        return null;
      }
      if (response.status >= 500 || response.status === 403 || response.status === 429) return null;
      return await response.text();
    } catch {
      return null;
    } finally {
      clearTimeout(timer);
    }
  };

  // --- what is shown --------------------------------------------------------------------------------------
  let sound;
  const wakeSound = () => {
    try { sound ??= new AudioContext(); } catch { sound = null; }
  };
  const beep = (result) => {
    const good = result !== "refused";
    if (navigator.vibrate) navigator.vibrate(good ? 120 : [80, 60, 80]);
    if (!sound) return;
    const tones = good ? [880, 1320] : [220];
    tones.forEach((pitch, place) => {
      const tone = sound.createOscillator();
      const volume = sound.createGain();
      const start = sound.currentTime + place * 0.13;
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.12, start);
      volume.gain.exponentialRampToValueAtTime(0.001, start + 0.25);
      tone.connect(volume).connect(sound.destination);
      tone.start(start);
      tone.stop(start + 0.26);
    });
  };

  const count = () => {
    const clock = document.querySelector("[data-since]");
    if (!clock) return;
    const two = (value) => String(value).padStart(2, "0");
    const tick = () => {
      if (!clock.isConnected) return;
      const seconds = Math.max(0, Math.floor((Date.now() - Number(clock.dataset.since)) / 1000));
      clock.textContent = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
      setTimeout(tick, 1000);
    };
    tick();
  };

  const show = (html) => {
    stage.innerHTML = html;
    const result = stage.querySelector("[data-result]")?.dataset.result;
    if (result) beep(result);
    stage.querySelector("[data-focus]")?.focus();
    count();
  };

  const showKept = (scan) => {
    const card = document.getElementById("scan-kept").content.cloneNode(true);
    card.querySelector("[data-kept-time]").textContent = hours.format(scan.at);
    card.querySelector("[data-kept-site]").textContent = scan.site;
    card.querySelector("[data-kept-count]").textContent = kept().length;
    card.querySelector("[data-kept-retry]").addEventListener("click", () => resume());
    stage.replaceChildren(card);
  };

  // --- sending what is kept -------------------------------------------------------------------------------
  let busy = false;
  let retry;
  const upload = async () => {
    const waiting = kept();
    if (busy || !waiting.length) return;
    busy = true;
    clearTimeout(retry);
    const answers = [];
    for (const scan of waiting) {
      const answer = await send(scan);
      if (answer === null) break;
      forget(scan);
      answers.push(answer);
    }
    busy = false;
    if (answers.length) show(answers.join(""));
    const left = kept();
    if (!left.length) return;
    if (!answers.length) showKept(left[left.length - 1]);
    retry = setTimeout(upload, RETRY_MS);
  };
  // The page kept for no network has no live CSRF token; the page of waiting scans has.
  const shell = stage.dataset.waitingUrl;
  const resume = () => { if (shell && navigator.onLine) location.assign(shell); else upload(); };
  window.addEventListener("online", resume);

  if (form) {
    form.elements.device.value = device();
    if (shell) {
      form.setAttribute("action", location.pathname);
      form.elements.captured_at.value = new Date().toISOString();
    }
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (busy) return;
      busy = true;
      wakeSound();
      const pressed = event.submitter ?? form.querySelector("button");
      const intent = pressed.value;
      form.querySelectorAll("button").forEach((button) => { button.disabled = true; });
      pressed.setAttribute("aria-busy", "true");
      const fields = Object.fromEntries([...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken"));
      const scan = {
        url: form.getAttribute("action"),
        site: stage.dataset.site,
        number: stage.dataset.number,
        at: Date.now(),
        fields: { ...fields, intent, nonce: nonceFor(`${form.getAttribute("action")} ${intent} ${stage.dataset.number}`) },
      };
      keep(scan);
      const answer = await send(scan);
      busy = false;
      if (answer === null) {
        showKept(scan);
        retry = setTimeout(resume, RETRY_MS);
      } else {
        forget(scan);
        show(answer);
      }
    });
  }

  // --- a place, only when the person taps for it -----------------------------------------------------------
  const place = document.querySelector("[data-place]");
  if (form && place && navigator.geolocation) {
    const ask = place.querySelector("[data-place-ask]");
    const say = place.querySelector("[data-place-say]");
    place.hidden = false;
    const agree = () => fetch(form.dataset.consentUrl, {
      method: "POST",
      body: new URLSearchParams({ kind: "location", granted: "yes", csrfmiddlewaretoken: csrf }),
    });
    ask.addEventListener("click", async () => {
      ask.disabled = true;
      say.textContent = say.dataset.asking;
      navigator.geolocation.getCurrentPosition(async ({ coords }) => {
        try {
          if (ask.hasAttribute("data-agree")) await agree();
        } catch {
          // The scan itself will say that the place was not used.
        }
        form.elements.lat.value = coords.latitude;
        form.elements.lng.value = coords.longitude;
        form.elements.accuracy.value = Math.round(coords.accuracy);
        say.textContent = `${say.dataset.done} ${Math.round(coords.accuracy)} ${say.dataset.metres}`;
        ask.hidden = true;
      }, () => {
        say.textContent = say.dataset.none;
        ask.hidden = true;
      }, { enableHighAccuracy: true, timeout: 8000, maximumAge: 30000 });
    });
  }

  const clock = document.querySelector("[data-clock]");
  if (clock) setInterval(() => { clock.textContent = hours.format(Date.now()); }, 5000);

  count();
  if (stage.hasAttribute("data-upload-all")) {
    const none = document.querySelector("[data-none-waiting]");
    if (kept().length) { showKept(kept()[0]); upload(); } else none.hidden = false;
  }
})();
