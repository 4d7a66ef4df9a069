"use strict";
// A scan survives a bad network: it lies in the phone's tray before it is sent, and leaves it with the server's
// answer. Pressing twice, reloading and retrying are one scan: the server gives a repeated nonce its first answer.
(() => {
  const tray = self.jishanTray;
  const DEVICE = "jishan.device";
  const SAME_MS = 600000;
  const opened = Date.now();
  const hours = new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });
  const stage = document.getElementById("scan");
  const form = document.querySelector("[data-scan]");
  if (!stage) return;
  const { owner } = stage.dataset;

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

  // The scan this press repeats, if it does. A refusal is no end: whoever presses again wants another answer. A
  // poster's code stays the same for months, so only the last minutes count.
  const sameScan = async (url, intent) => {
    const same = (one) => one.url === url && one.intent === intent && Date.now() - one.at < SAME_MS;
    return (await tray.all(owner)).find(same) ?? (await tray.answered(owner)).find((one) => same(one) && one.result !== "refused");
  };

  // Read now: the form that carries it leaves the page when an answer takes its place.
  const csrf = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";

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

  const untilAnnul = () => {
    const card = document.querySelector("[data-annul-until]");
    const said = card?.querySelector("[data-annul-left]");
    const tick = () => {
      if (!card?.isConnected) return;
      const left = Math.floor((Number(card.dataset.annulUntil) - Date.now()) / 1000);
      said.textContent = `${said.dataset.left} ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      if (left > 0) setTimeout(tick, 1000);
      else card.remove();
    };
    tick();
  };

  const show = (html) => {
    stage.innerHTML = html;
    const result = stage.querySelector("[data-result]")?.dataset.result;
    if (result) beep(result);
    stage.querySelector("[data-focus]")?.focus();
    count();
    untilAnnul();
  };

  // --- what could not be sent yet --------------------------------------------------------------------------
  let shown; // the nonce whose card is on the stage
  const word = (state) => document.getElementById("tray-words").content.querySelector(`[data-word="${state}"]`)?.textContent ?? "";
  const follow = async () => {
    if (!shown) return;
    const row = (await tray.all(owner)).find((one) => one.nonce === shown);
    const said = stage.querySelector("[data-kept-state]");
    if (row && said) said.textContent = `${word(row.state)}${row.detail ?? ""}`;
    const answer = (await tray.answered(owner)).find((one) => one.nonce === shown);
    if (!answer || !shown) return;
    shown = undefined;
    show(answer.html);
  };
  tray.changed(follow);
  const showKept = async (row, { state, detail }) => {
    const card = document.getElementById("scan-kept").content.cloneNode(true);
    card.querySelector("[data-kept-time]").textContent = hours.format(row.at);
    card.querySelector("[data-kept-site]").textContent = row.site;
    card.querySelector("[data-kept-state]").textContent = `${word(state)}${detail ?? ""}`;
    card.querySelector("[data-kept-unsafe]").hidden = row.safe;
    card.querySelector("[data-kept-count]").textContent = (await tray.all(owner)).length;
    card.querySelector("[data-kept-retry]").addEventListener("click", () => document.dispatchEvent(new Event("jishan:upload")));
    stage.replaceChildren(card);
    stage.querySelector("[data-focus]")?.focus();
    shown = row.nonce;
    await follow(); // another page may have sent it meanwhile
  };
  // The browser itself may wake up for it, with every page closed; where it cannot, the next page does it.
  const laterToo = () => navigator.serviceWorker?.ready.then((registration) => registration.sync?.register("jishan-scans")).catch(() => {});

  let busy = false;
  const press = async (button) => {
    const intent = button.value;
    const url = form.getAttribute("action");
    const { csrfmiddlewaretoken: _token, nonce: _spare, ...fields } = Object.fromEntries(new FormData(form));
    const offline = form.hasAttribute("data-offline");
    const before = await sameScan(url, intent);
    const row = {
      nonce: before?.nonce ?? random(),
      owner,
      url,
      site: stage.dataset.site,
      intent,
      at: before?.at ?? (offline ? opened : Date.now()),
      fields,
      state: "",
      tries: 0,
    };
    row.safe = await tray.keep(row);
    const { answer, ...came } = offline ? { state: "offline" } : await self.jishanUpload.post(row, { csrf });
    if (answer) {
      await tray.settle(row, answer);
      show(answer.html);
      return;
    }
    await tray.mark(row.nonce, came.state, came.detail);
    await showKept(row, came);
    laterToo();
    if (offline ? navigator.onLine : came.state === "expired") document.dispatchEvent(new Event("jishan:upload"));
  };

  if (form) {
    form.elements.device.value = device();
    if (form.hasAttribute("data-offline")) form.setAttribute("action", location.pathname);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (busy) return;
      busy = true;
      wakeSound();
      const pressed = event.submitter ?? form.querySelector("button");
      form.querySelectorAll("button").forEach((button) => { button.disabled = true; });
      pressed.setAttribute("aria-busy", "true");
      press(pressed);
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

  // What was taken back is not repeated by the next press.
  const annulled = document.querySelector("[data-annulled]");
  if (annulled) tray.forget(annulled.dataset.annulled);

  count();
  untilAnnul();
})();
