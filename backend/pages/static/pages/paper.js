"use strict";
// The sheet is sent by script, so that the photograph stays chosen when a line has to be put right; and a large
// photograph is made smaller first, because the network where paper is needed is a weak one.
(() => {
  const form = document.querySelector("[data-sheet]");
  if (!form) return;
  const more = form.querySelector("[data-more]");
  const problem = form.querySelector("[data-problem]");
  const pattern = document.getElementById("line");
  const LARGE = 1500000;
  const LONGEST_SIDE = 2400;
  const list = () => form.querySelector("[data-list]");

  more.hidden = false;
  const add = () => {
    if (list().children.length >= Number(more.dataset.most)) return null;
    list().append(pattern.content.cloneNode(true));
    return list().lastElementChild.querySelector("[name=number]");
  };
  more.addEventListener("click", () => add()?.focus());
  // Enter goes on to the next line, as one reads down the paper; only the button sends.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.closest(".line-in")) return;
    event.preventDefault();
    const next = event.target.closest(".line-in").nextElementSibling?.querySelector("[name=number]") ?? add();
    next?.focus();
  });

  const smaller = async (file) => {
    if (file.size < LARGE) return file;
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
      const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      const made = await new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", 0.8); });
      return made && made.size < file.size ? made : file;
    } catch {
      return file; // the server can read what this browser cannot, or says so
    }
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("[data-testid=enter]");
    button.disabled = true;
    problem.hidden = true;
    try {
      const body = new FormData(form);
      const file = body.get("picture");
      if (file?.size) body.set("picture", await smaller(file), "sheet.jpg");
      const response = await fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
      if (response.redirected || response.status === 201) { location.assign(response.headers.get("Location") ?? response.url); return; }
      if (response.status >= 500 || response.status === 403) throw new Error(String(response.status));
      const box = document.createElement("template");
      box.innerHTML = await response.text();
      form.querySelector("[data-lines]").replaceWith(box.content.querySelector("[data-lines]"));
      (form.querySelector("[aria-invalid=true]") ?? form.querySelector("[data-testid=refusal]"))?.scrollIntoView({ block: "center" });
      form.querySelector("[aria-invalid=true]")?.focus();
    } catch {
      problem.textContent = form.dataset.failed;
      problem.hidden = false;
    }
    button.disabled = false;
  });
})();
