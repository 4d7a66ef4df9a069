"use strict";
// The phone's own way to pass an address on; where there is none, the address and its code stand there anyway.
document.querySelectorAll("[data-share]").forEach((button) => {
  if (!navigator.share) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    navigator.share({ title: document.title, text: button.dataset.words, url: button.dataset.share }).catch(() => {});
  });
});
