"use strict";
// Adds up the basket while it is filled. The server counts again; this only saves a disappointment.
(() => {
  const form = document.querySelector("[data-basket]");
  if (!form) return;
  const total = form.querySelector("[data-total]");
  const reserve = form.querySelector("[data-reserve]");
  const empty = total.textContent;
  const available = Number(form.dataset.available);
  const inputs = [...form.querySelectorAll("[data-count] input")];
  const value = (input) => Math.min(Number(input.max), Math.max(0, Math.floor(Number(input.value) || 0)));

  const show = () => {
    let points = 0;
    let pieces = 0;
    inputs.forEach((input) => {
      points += value(input) * Number(input.dataset.points);
      pieces += value(input);
      const box = input.closest("[data-count]");
      box.querySelector("[data-less]").disabled = value(input) === 0;
      box.querySelector("[data-more]").disabled = value(input) === Number(input.max);
    });
    const short = points > available;
    const say = (words, values) => words.replace(/#(\w+)/g, (_, name) => values[name].toLocaleString());
    const sum = say(total.dataset.sum, { pieces, points });
    const missing = short ? say(total.dataset.missing, { points: points - available }) : "";
    total.textContent = pieces ? sum + missing : empty;
    total.className = short ? "amber strong" : "strong";
    reserve.disabled = !pieces || short;
    reserve.toggleAttribute("data-dead", reserve.disabled);
  };

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-less], [data-more]");
    if (!button) return;
    const input = button.closest("[data-count]").querySelector("input");
    input.value = value(input) + (button.hasAttribute("data-more") ? 1 : -1);
    input.value = value(input);
    show();
  });
  form.addEventListener("input", show);
  show();
})();
