"use strict";
// The rules' form: what it would change is asked for while one types; nothing typed is lost by walking away.
(() => {
  document.querySelectorAll("[data-copy]").forEach((button) => {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.textContent = button.dataset.copied;
    });
  });

  const form = document.querySelector("[data-rule]");
  if (!form) return;
  const preview = document.getElementById("preview");
  const failed = document.querySelector("[data-failed]");
  const unsaved = document.querySelector("[data-unsaved]");
  const tries = (event) => event.target === preview;

  // --- unsaved ---
  let changed = false;
  const touch = () => { changed = true; unsaved.hidden = false; };
  form.addEventListener("input", (event) => { if (!event.target.closest("[data-testid=made-up-form]")) touch(); });
  form.addEventListener("submit", () => { changed = false; });
  window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });

  // --- the preview ---
  const fail = (event) => { if (tries(event)) failed.hidden = false; };
  ["htmx:responseError", "htmx:sendError", "htmx:timeout"].forEach((name) => document.addEventListener(name, fail));
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (!tries(event)) {
      // Rows come with the whole page; whatever else came back (signed out, refused) is no row.
      if (xhr.status >= 400 || new URL(xhr.responseURL).pathname !== new URL(form.action).pathname) event.detail.shouldSwap = false;
      return;
    }
    // Signed out, or the draft is gone: what comes back is no preview.
    const gone = xhr.status >= 400 || !new URL(xhr.responseURL).pathname.endsWith("/preview/");
    failed.hidden = !gone;
    if (gone) event.detail.shouldSwap = false;
  });
  // Without script the button brings the page again; with it, the answer is where the eye is led.
  form.querySelector("[value=preview]").addEventListener("click", (event) => {
    if (!window.htmx) return;
    event.preventDefault();
    window.htmx.trigger(preview, "try");
    preview.closest("aside").scrollIntoView({ block: "start" });
  });
  document.querySelector("[data-retry]").addEventListener("click", () => {
    failed.hidden = true;
    window.htmx.trigger(preview, "try");
  });

  // --- rows ---
  document.addEventListener("htmx:afterSettle", (event) => {
    const group = document.getElementById(event.detail.target?.id);
    if (!group?.matches("[data-group]")) return;
    touch();
    const { requestConfig } = event.detail;
    const rows = group.querySelectorAll("fieldset.rule__row");
    const added = String(requestConfig?.triggeringEvent?.target?.value ?? requestConfig?.elt?.value ?? "").startsWith("add-");
    const last = rows[rows.length - 1];
    (added && last ? last.querySelector("input:not([type=hidden])") : group.querySelector(":scope > p:last-child button")).focus();
    window.htmx.trigger(preview, "try");
  });
})();
