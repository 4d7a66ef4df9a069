"use strict";
// What every page has: a form is sent once, a countdown counts, a scan kept on this phone is not forgotten.
(() => {
  const buttons = (form) => [...form.querySelectorAll("button:not([type='button'])")];

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-once]") || event.defaultPrevented) return;
    // After the browser has read the button's own value.
    setTimeout(() => buttons(form).forEach((button) => { button.disabled = true; }), 0);
  });
  // Coming back by the Back button must find live buttons.
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-once]").forEach((form) => buttons(form).forEach((button) => {
      if (!button.dataset.countdown && !button.hasAttribute("data-dead")) button.disabled = false;
    }));
  });

  document.querySelectorAll("[data-countdown]").forEach((button) => {
    const word = button.textContent;
    let left = Number(button.dataset.countdown);
    const tick = () => {
      button.disabled = left > 0;
      button.textContent = left > 0 ? `${left} ${button.dataset.counting}` : word;
      if (left > 0) setTimeout(tick, 1000);
      else delete button.dataset.countdown;
      left -= 1;
    };
    tick();
  });

  document.querySelectorAll("select[data-autosubmit]").forEach((select) => {
    select.addEventListener("change", () => select.form.requestSubmit());
  });

  const focus = document.querySelector("[data-focus]");
  if (focus) focus.focus();

  // The page kept for scanning without network names its owner: it goes when they sign out.
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-sign-out]") && "caches" in window) caches.delete("jishan-scan");
  });

  // --- what waits in this phone's tray ---------------------------------------------------------------------
  const tray = self.jishanTray;
  const badge = document.querySelector("[data-tray-badge]");
  if (!tray || !badge) return;
  const FIRST_MS = 10000; // longer than one attempt takes
  const LONGEST_MS = 300000;
  const { owner, door } = badge.dataset;
  let pause = FIRST_MS;
  let timer;
  let running = false;

  let again = false; // asked for while a round was under way

  const upload = async () => {
    again = running;
    if (running) return;
    running = true;
    clearTimeout(timer);
    timer = undefined;
    const left = await self.jishanUpload.round({ door, owner }).catch(() => 1);
    running = false;
    if (left && again) {
      upload();
      return;
    }
    if (left) pause = Math.min(pause * 2, LONGEST_MS);
    await count();
  };
  const count = async () => {
    const rows = await tray.all(owner);
    // One that is on its way for the first time is not waiting yet.
    const waiting = rows.filter((row) => row.state || Date.now() - row.at > FIRST_MS).length;
    badge.hidden = waiting === 0 || document.querySelector("[data-tray]") !== null;
    badge.querySelector("[data-tray-count]").textContent = waiting;
    // Not all at once when a whole hall comes back online.
    if (rows.length && !running) timer ??= setTimeout(upload, pause * (0.75 + Math.random() / 2));
    if (!rows.length) pause = FIRST_MS;
  };
  const soon = () => {
    pause = FIRST_MS;
    upload();
  };
  tray.changed(count);
  window.addEventListener("online", soon);
  window.addEventListener("pageshow", soon);
  document.addEventListener("jishan:upload", soon);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) soon(); });
})();
