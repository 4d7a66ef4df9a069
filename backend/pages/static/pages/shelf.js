"use strict";
// Adds up the basket while it is filled, and narrows the shelf while somebody types what they look for.
// The server counts again, and refuses a sum that has risen since; this only saves a disappointment.
(() => {
  const form = document.querySelector("[data-basket]");
  if (!form) return;
  const total = form.querySelector("[data-total]");
  const reserve = form.querySelector("[data-reserve]");
  const expected = form.querySelector("[data-expected]");
  const empty = total.textContent;
  const available = Number(form.dataset.available);
  const inputs = [...form.querySelectorAll("[data-count] input")];
  const value = (input) => Math.min(Number(input.max), Math.max(0, Math.floor(Number(input.value) || 0)));
  // The first ones may expire soon and be cheaper.
  const cost = (input) => {
    const cheap = Math.min(value(input), Number(input.dataset.cheapCount || 0));
    return cheap * Number(input.dataset.cheap || 0) + (value(input) - cheap) * Number(input.dataset.points);
  };

  const show = () => {
    let points = 0;
    let pieces = 0;
    inputs.forEach((input) => {
      points += cost(input);
      pieces += value(input);
      const box = input.closest("[data-count]");
      box.querySelector("[data-less]").disabled = value(input) === 0;
      box.querySelector("[data-more]").disabled = value(input) === Number(input.max);
    });
    const short = points > available;
    const say = (words, values) => words.replace(/#(\w+)/g, (_, name) => values[name].toLocaleString());
    const said = { pieces, points, rest: available - points, missing: points - available };
    total.textContent = pieces ? say(short ? total.dataset.short : total.dataset.sum, said) : empty;
    total.className = short ? "amber strong" : "strong";
    expected.value = pieces ? points : "";
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
  // Enter in a number field would press the button; the sum goes with what stands in the fields.
  form.addEventListener("submit", () => inputs.forEach((input) => { input.value = value(input); }));
  show();
})();
(() => {
  const finder = document.querySelector("[data-finder]");
  if (!finder) return;
  const word = finder.querySelector("input");
  const groups = [...document.querySelectorAll("[data-group]")];
  const nothing = document.querySelector("[data-nothing]");
  const narrow = () => {
    const wanted = word.value.trim().toLowerCase();
    let any = false;
    groups.forEach((group) => {
      let here = false;
      group.querySelectorAll("[data-name]").forEach((item) => {
        item.hidden = !item.dataset.name.toLowerCase().includes(wanted);
        here ||= !item.hidden;
      });
      group.hidden = !here;
      document.querySelector(`a[href="#${group.id}"]`)?.toggleAttribute("hidden", !here);
      any ||= here;
    });
    nothing.hidden = any;
    groups.find((group) => !group.hidden)?.scrollIntoView({ block: "start" });
  };
  word.addEventListener("input", narrow);
  finder.addEventListener("submit", (event) => {
    event.preventDefault();
    narrow();
  });
})();
