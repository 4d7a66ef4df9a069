"use strict";
// The tray, laid open: every scan this phone still keeps, what happened to it, and the last answers.
(() => {
  const tray = self.jishanTray;
  const page = document.querySelector("[data-tray]");
  if (!tray || !page) return;
  const { owner } = page.dataset;
  const list = page.querySelector("[data-tray-list]");
  const past = page.querySelector("[data-tray-past]");
  const dialog = document.querySelector("[data-tray-dialog]");
  const words = document.getElementById("tray-words").content;
  const moments = new Intl.DateTimeFormat("zh-CN", { month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });
  const word = (name) => words.querySelector(`[data-word="${name}"]`)?.textContent ?? "";
  const fill = (card, name, text) => { card.querySelector(`[data-${name}]`).textContent = text; };

  const rowOf = (row) => {
    const card = document.getElementById("tray-row").content.firstElementChild.cloneNode(true);
    card.dataset.nonce = row.nonce;
    card.dataset.state = row.state;
    fill(card, "site", row.site);
    fill(card, "intent", word(row.intent));
    fill(card, "time", moments.format(row.at));
    fill(card, "state", row.state ? `${word(row.state)}${row.detail ?? ""}` : word("fresh"));
    return card;
  };
  const answerOf = (answer) => {
    const line = document.getElementById("tray-answer").content.firstElementChild.cloneNode(true);
    line.dataset.result = answer.result;
    fill(line, "word", answer.word);
    fill(line, "sentence", answer.sentence);
    fill(line, "site", answer.site);
    fill(line, "time", moments.format(answer.at));
    line.querySelector("[data-word]").classList.add({ accepted: "jade", provisional: "amber", refused: "rust" }[answer.result]);
    return line;
  };

  // Cards keep their place on the page while they are the same, so that a finger or a cursor on one stays there.
  const draw = async () => {
    const rows = await tray.all(owner);
    const answers = await tray.answered(owner);
    const present = new Map([...list.children].map((card) => [card.dataset.nonce, card]));
    rows.forEach((row) => {
      const card = present.get(row.nonce);
      if (!card) list.append(rowOf(row));
      else {
        card.dataset.state = row.state;
        fill(card, "state", `${word(row.state)}${row.detail ?? ""}`);
        present.delete(row.nonce);
      }
    });
    present.forEach((card) => card.remove());
    past.querySelector("ul").replaceChildren(...answers.map(answerOf));
    past.hidden = answers.length === 0;
    page.querySelector("[data-tray-none]").hidden = rows.length > 0;
    page.querySelector("[data-tray-some]").hidden = rows.length === 0;
    page.removeAttribute("aria-busy");
  };

  let chosen;
  page.addEventListener("click", (event) => {
    if (event.target.closest("[data-retry]")) document.dispatchEvent(new Event("jishan:upload"));
    const thrown = event.target.closest("[data-throw]");
    if (!thrown) return;
    chosen = thrown.closest("[data-nonce]").dataset.nonce;
    if (dialog.showModal) dialog.showModal();
    else if (confirm(dialog.querySelector("p").textContent)) tray.remove(chosen); // an old browser
  });
  dialog.addEventListener("close", async () => {
    if (dialog.returnValue === "throw") await tray.remove(chosen);
    dialog.returnValue = "";
  });

  tray.changed(draw);
  draw();
})();
