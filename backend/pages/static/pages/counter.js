"use strict";
// The desk: a scanner that types, keys, sounds, the camera, and a look every few seconds whether the volunteer has
// agreed. Without this script every button still works; the form is the desk.
(() => {
  const SCANNER_MS = 50; // nobody types that fast
  const WATCH_MS = 3000;
  const { tone } = self.jishanCounter;
  const first = document.getElementById("desk"); // the lists below are fresh with the page
  const desk = () => document.getElementById("desk");
  const field = () => document.getElementById("code");
  const press = (button) => button?.click(); // htmx sends the name of a button that was clicked, of no other
  const named = (step) => desk().querySelector(`button[value="${step}"]`);

  // --- a scanner types wherever the focus is --------------------------------------------------------------------
  let burst = "";
  let before = 0;
  const scanned = (text) => {
    field().value = text;
    press(named("scan"));
  };
  const typing = (target) => target.matches?.("input:not([type=hidden]):not([type=radio]), textarea, select");
  const elsewhere = (target) => typing(target) && target !== field();
  const inDesk = (target) => target === document.body || desk().contains(target) || !typing(target);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const now = performance.now();
    const fast = now - before < SCANNER_MS;
    before = now;
    if (event.key.length === 1) burst = fast ? burst + event.key : event.key;
    if (event.key === "Enter" && fast && burst.length >= 6 && elsewhere(event.target)) {
      event.preventDefault();
      if ("value" in event.target) event.target.value = event.target.value.replace(burst, "");
      scanned(burst);
      burst = "";
      return;
    }
    keys(event);
  });

  const keys = (event) => {
    const { target } = event;
    const empty = target === field() && field().value === "";
    if (event.key === "Escape") {
      event.preventDefault();
      clear();
    } else if (event.key === "Enter" && target.dataset?.enter) {
      event.preventDefault();
      press(named(target.dataset.enter));
    } else if (event.key === "/" && (empty || !typing(target))) {
      event.preventDefault();
      field().focus();
      field().select();
    } else if (event.key === " " && (empty || !typing(target)) && !target.closest?.("summary")) {
      event.preventDefault();
      if (!event.repeat) press(desk().querySelector("[data-space]"));
    } else if ((event.key === "+" || event.key === "-" || event.key === "=") && (empty || !typing(target))) {
      event.preventDefault();
      change(lastLine(), event.key === "-" ? -1 : 1);
    } else if (event.key === "ArrowDown" && target === field()) {
      event.preventDefault();
      document.querySelector("#suggestions button")?.focus();
    } else if (["ArrowDown", "ArrowUp"].includes(event.key) && target.closest?.("#suggestions")) {
      event.preventDefault();
      const rows = [...document.querySelectorAll("#suggestions button")];
      const place = rows.indexOf(target) + (event.key === "ArrowDown" ? 1 : -1);
      (rows[place] ?? field()).focus();
    } else if (event.key.length === 1 && event.key !== " " && !typing(target) && inDesk(target)) {
      field().focus(); // the letter itself goes there
    }
  };
  const clear = () => {
    const way = desk().querySelector("[data-clear]");
    if (field().value || !way) {
      field().value = "";
      document.getElementById("suggestions").replaceChildren();
      field().focus();
    } else location.assign(way.href);
  };

  // --- one step after another: what is scanned while the server still answers waits its turn --------------------
  const queue = [];
  let busy = false;
  let typed = "";
  let sent = "";
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "desk" || !busy) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    queue.push({ code: typed + field().value, name: event.submitter?.name ?? "step", value: event.submitter?.value ?? "scan" });
    field().value = "";
    typed = "";
  }, true);
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.id !== "desk") return;
    busy = true;
    sent = field().value;
    field().value = ""; // it is on its way; what is typed from now on is the next
  });
  document.addEventListener("htmx:beforeSwap", (event) => { if (event.detail.target.id === "desk") typed = field().value; });
  const next = () => {
    busy = false;
    const step = queue.shift();
    if (!step) return;
    const button = [...desk().querySelectorAll(`button[name="${step.name}"]`)].find((one) => one.value === step.value);
    if (!button) { next(); return; }
    const rest = field().value;
    field().value = step.code;
    press(button);
    field().value = rest;
  };

  // --- quantities -----------------------------------------------------------------------------------------------
  const lastLine = () => {
    const lines = [...document.querySelectorAll("[data-line]")];
    return lines.find((line) => line.contains(document.activeElement)) ?? lines[lines.length - 1];
  };
  const change = (line, by) => {
    const input = line?.querySelector("[data-quantity]");
    if (!input) return;
    input.value = Math.max(0, Math.min(99, Number(input.value) + by));
    press(named("update"));
  };
  document.addEventListener("click", (event) => {
    const step = event.target.closest("[data-less], [data-more]");
    if (step) change(step.closest("[data-line]"), step.matches("[data-less]") ? -1 : 1);
  });
  document.addEventListener("change", (event) => { if (event.target.matches("[data-quantity]")) press(named("update")); });

  // --- after every step -----------------------------------------------------------------------------------------
  let timer;
  const watch = () => {
    clearTimeout(timer);
    const waiting = desk().querySelector("[data-watch]");
    if (!waiting) return;
    const look = async () => {
      if (!waiting.isConnected) return;
      const state = await fetch(waiting.dataset.watch).then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);
      if (!waiting.isConnected) return;
      if (state && (state.confirmed || state.status !== "reserved")) {
        if (state.confirmed) tone(true);
        press(named("refresh"));
      } else timer = setTimeout(look, WATCH_MS);
    };
    timer = setTimeout(look, WATCH_MS);
  };
  const settled = () => {
    const shown = desk();
    if (shown.dataset.sound) tone(shown.dataset.sound === "ok");
    if (shown.dataset.done) document.dispatchEvent(new CustomEvent("jishan:handed-over", { detail: Number(shown.dataset.done) }));
    if (shown !== first) document.dispatchEvent(new CustomEvent("jishan:changed"));
    document.querySelectorAll("[data-update]").forEach((button) => { button.hidden = true; });
    const open = shown.querySelector("details[open] input:not([type=hidden])");
    const choices = shown.querySelector("#suggestions button");
    (open ?? choices ?? field()).focus({ preventScroll: true });
    if (typed) {
      field().value = typed + field().value; // some of it came before the new desk, the rest since
      field().focus({ preventScroll: true });
    } else if (shown.dataset.sound === "no") field().select();
    typed = "";
    watch();
    next();
  };
  // After settling, not after swapping: in between htmx follows autofocus.
  document.addEventListener("htmx:afterSettle", (event) => { if ((event.detail.elt ?? event.target).id === "desk") settled(); });
  // Stale suggestions must not land on a desk that has moved on.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target?.id === "suggestions" && field().value === "") event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.elt.id !== "desk") return;
    tone(false);
    field().value ||= sent;
    busy = false;
  });
  document.addEventListener("htmx:sendError", (event) => {
    if (event.detail.elt.id !== "desk") return;
    tone(false);
    field().value ||= sent;
    busy = false;
    document.dispatchEvent(new CustomEvent("jishan:no-network"));
  });
  settled();

  // --- the camera -------------------------------------------------------------------------------------------------
  const button = document.querySelector("[data-camera]");
  const box = document.querySelector("[data-camera-box]");
  if (!button || !navigator.mediaDevices?.getUserMedia) return;
  const video = box.querySelector("video");
  const say = box.querySelector("[data-camera-say]");
  const EVERY_MS = 150;
  const WIDE = 640;
  const AGAIN_MS = 3000;
  button.hidden = false;
  const library = (known, address) => new Promise((resolve, reject) => {
    if (window[known]) { resolve(); return; }
    const script = document.createElement("script");
    script.src = address;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
  // The browser's own eyes where it has some; else a library that is fetched only now.
  const bars = async () => {
    const wanted = ["ean_13", "ean_8"];
    const own = (await window.BarcodeDetector?.getSupportedFormats().catch(() => [])) ?? [];
    const formats = own.filter((one) => wanted.includes(one));
    if (formats.length) {
      const detector = new window.BarcodeDetector({ formats });
      return async () => (await detector.detect(canvas).catch(() => []))[0]?.rawValue;
    }
    await library("ZXing", button.dataset.bars);
    const { BarcodeFormat, BinaryBitmap, DecodeHintType, HybridBinarizer, MultiFormatReader, RGBLuminanceSource } = window.ZXing;
    const reader = new MultiFormatReader();
    reader.setHints(new Map([[DecodeHintType.POSSIBLE_FORMATS, [BarcodeFormat.EAN_13, BarcodeFormat.EAN_8]], [DecodeHintType.TRY_HARDER, true]]));
    return (pixels) => {
      const grey = new Uint8ClampedArray(pixels.width * pixels.height);
      for (let at = 0, from = 0; at < grey.length; at += 1, from += 4) grey[at] = (pixels.data[from] + 2 * pixels.data[from + 1] + pixels.data[from + 2]) / 4;
      try {
        return reader.decodeWithState(new BinaryBitmap(new HybridBinarizer(new RGBLuminanceSource(grey, pixels.width, pixels.height)))).getText();
      } catch {
        return ""; // nothing to be read in this picture; the next one comes
      }
    };
  };
  const canvas = document.createElement("canvas");
  const paper = canvas.getContext("2d", { willReadFrequently: true });
  let seen = { text: "", at: 0 };
  const look = async (detector) => {
    if (box.hidden) return;
    if (video.readyState === video.HAVE_ENOUGH_DATA && !document.hidden) {
      canvas.width = Math.min(WIDE, video.videoWidth);
      canvas.height = Math.round((canvas.width * video.videoHeight) / video.videoWidth);
      paper.drawImage(video, 0, 0, canvas.width, canvas.height);
      const pixels = paper.getImageData(0, 0, canvas.width, canvas.height);
      const square = window.jsQR(pixels.data, pixels.width, pixels.height, { inversionAttempts: "dontInvert" })?.data;
      const found = square || (await detector?.(pixels)) || "";
      if (found && (found !== seen.text || Date.now() - seen.at > AGAIN_MS)) {
        if (navigator.vibrate) navigator.vibrate(80);
        scanned(found);
      }
      if (found) seen = { text: found, at: Date.now() };
    }
    setTimeout(() => look(detector), EVERY_MS);
  };
  const close = () => {
    box.hidden = true;
    video.srcObject?.getTracks().forEach((track) => track.stop());
    button.textContent = button.dataset.on;
    field().focus();
  };
  button.addEventListener("click", async () => {
    if (!box.hidden) { close(); return; }
    box.hidden = false;
    button.textContent = button.dataset.off;
    try {
      const [stream, detector] = await Promise.all([navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }), bars().catch(() => null), library("jsQR", button.dataset.library)]);
      if (!detector) say.textContent = button.dataset.noBars;
      video.srcObject = stream;
      await video.play();
      field().focus();
      look(detector);
    } catch {
      close();
      button.textContent = button.dataset.denied;
      tone(false);
    }
  });
})();
