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

  const waiting = document.getElementById("waiting-scans");
  try {
    const kept = JSON.parse(localStorage.getItem("jishan.scans") || "[]");
    if (waiting && kept.length) waiting.hidden = false;
  } catch {
    // A browser that lends no storage keeps no scans either.
  }
})();
