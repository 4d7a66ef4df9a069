"use strict";
// A finger's strokes become SVG path data in a hidden field: absolute moves and lines in whole steps.
(() => {
  const pad = document.querySelector("[data-pad]");
  if (!pad) return;
  const form = pad.closest("form");
  const field = form.querySelector("input[name='drawing']");
  const path = pad.querySelector("path");
  const MOST = 7900;
  let drawing = false;
  let stroke = "";
  let started = "";

  const show = () => path.setAttribute("d", field.value + stroke);
  const place = (event) => {
    const box = pad.getBoundingClientRect();
    const step = (value, size, most) => Math.min(most, Math.max(0, Math.round((value / size) * most)));
    return `${step(event.clientX - box.left, box.width, 600)} ${step(event.clientY - box.top, box.height, 240)}`;
  };
  const finish = () => {
    if (!drawing) return;
    drawing = false;
    if (stroke.includes("L") && field.value.length + stroke.length <= MOST) field.value += stroke;
    stroke = "";
    show();
  };

  pad.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    pad.setPointerCapture(event.pointerId);
    drawing = true;
    started = place(event);
    stroke = `M${started}`;
  });
  pad.addEventListener("pointermove", (event) => {
    if (!drawing || field.value.length + stroke.length > MOST) return;
    const here = place(event);
    if (here === started) return;
    started = here;
    stroke += `L${here}`;
    show();
  });
  pad.addEventListener("pointerup", finish);
  pad.addEventListener("pointercancel", finish);
  form.querySelector("[data-pad-clear]").addEventListener("click", () => {
    field.value = "";
    stroke = "";
    show();
  });
  show();
})();
