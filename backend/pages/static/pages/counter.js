"use strict";
// A barcode scanner is a keyboard: whatever it types must land in the code field, wherever the focus is.
(() => {
  const input = document.getElementById("code");
  const confirm = document.querySelector("[data-hand-over]");
  const clear = document.querySelector("[data-clear]");
  if (confirm) confirm.focus();

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      event.preventDefault();
      if (clear) clear.click();
      else { input.value = ""; input.focus(); }
    } else if (event.key === " " && confirm && event.target !== input) {
      event.preventDefault();
      if (!event.repeat) confirm.click();
    } else if (event.key.length === 1 && /[0-9a-z-]/i.test(event.key) && event.target !== input) {
      input.value = "";
      input.focus();
    }
  });

  const button = document.querySelector("[data-camera]");
  const box = document.querySelector("[data-camera-box]");
  if (!button || !navigator.mediaDevices?.getUserMedia) return;
  const video = box.querySelector("video");
  const say = box.querySelector("[data-camera-say]");
  button.hidden = false;

  const library = () => new Promise((resolve, reject) => {
    if (window.jsQR) { resolve(); return; }
    const script = document.createElement("script");
    script.src = button.dataset.library;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });

  const look = (canvas, picture) => {
    if (box.hidden) return;
    if (video.readyState === video.HAVE_ENOUGH_DATA) {
      canvas.width = video.videoWidth;
      canvas.height = video.videoHeight;
      picture.drawImage(video, 0, 0);
      const pixels = picture.getImageData(0, 0, canvas.width, canvas.height);
      const found = window.jsQR(pixels.data, pixels.width, pixels.height, { inversionAttempts: "dontInvert" });
      if (found?.data) {
        video.srcObject.getTracks().forEach((track) => track.stop());
        box.hidden = true;
        if (navigator.vibrate) navigator.vibrate(80);
        input.value = found.data;
        input.form.requestSubmit(input.form.querySelector("[value=find]"));
        return;
      }
    }
    requestAnimationFrame(() => look(canvas, picture));
  };

  button.addEventListener("click", async () => {
    button.disabled = true;
    box.hidden = false;
    try {
      const [stream] = await Promise.all([
        navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }),
        library(),
      ]);
      video.srcObject = stream;
      await video.play();
      const canvas = document.createElement("canvas");
      look(canvas, canvas.getContext("2d", { willReadFrequently: true }));
    } catch {
      say.textContent = button.dataset.denied;
      video.hidden = true;
      button.disabled = false;
    }
  });
})();
