"use strict";
// “Approve all clean ones” waits ten seconds, so that a slip can be taken back before anything is written:
// an approved record is final. Leaving the page sends it, as the person asked.
(() => {
  const form = document.querySelector("[data-bulk]");
  const bar = document.querySelector("[data-bulk-bar]");
  if (!form || !bar) return;
  const say = bar.querySelector("[data-bulk-say]");
  const go = bar.querySelector("[data-bulk-go]");
  const undo = bar.querySelector("[data-bulk-undo]");
  const calm = say.textContent;
  const picked = () => [...document.querySelectorAll("input[name=ids]:checked")];
  let timer = 0;

  const count = () => {
    const number = picked().length;
    if (!timer) go.textContent = `${go.dataset.word} ${number} ${go.dataset.unit}`;
    go.disabled = number === 0;
  };
  const rest = () => {
    clearTimeout(timer);
    timer = 0;
    undo.hidden = true;
    say.textContent = calm;
    count();
  };

  form.addEventListener("submit", (event) => {
    if (timer) {
      clearTimeout(timer);
      timer = 0;
      return;
    }
    event.preventDefault();
    timer = setTimeout(() => form.requestSubmit(), 10000);
    undo.hidden = false;
    say.textContent = say.dataset.waiting;
    go.textContent = go.dataset.now;
    undo.focus();
  });
  undo.addEventListener("click", rest);
  window.addEventListener("pagehide", () => {
    if (!timer) return;
    clearTimeout(timer);
    timer = 0;
    fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), keepalive: true });
  });
  document.addEventListener("change", (event) => { if (event.target.name === "ids") count(); });
  document.addEventListener("htmx:afterSwap", count);
  count();
})();
