"use strict";
// Prints the sheet of cards.
document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
