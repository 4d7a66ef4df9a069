"use strict";
// Handing over without network: by code, from the list on this device. Each hand-over is on the disk before the clerk
// reads that it is done, and is sent when the network is back.
(() => {
  const root = document.querySelector("[data-away]");
  if (!root) return;
  const RETRY_MS = 15000;
  const kept = self.jishanCounter;
  const { owner, batch, login } = root.dataset;
  const words = document.querySelector("[data-words]").dataset;
  const one = (selector) => root.querySelector(selector);
  const [state, input, say, found, list] = ["[data-list-state]", "#code", "[data-say]", "[data-found]", "[data-given]"].map(one);
  const clock = new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const make = (tag, className, text) => Object.assign(document.createElement(tag), { className, textContent: text });
  const random = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  const tell = (good, word) => {
    const sign = make("div", `card sign ${good ? "jade" : "rust"}`, "");
    sign.append(make("span", "sign__mark sign__mark--letter", good ? "✓" : "×"), make("p", "sign__word", word));
    say.replaceChildren(sign);
    kept.tone(good);
  };
  const what = (row) => row.lines.map((line) => `${line.name} × ${line.quantity} ${line.unit}`);
  const toneOf = { waiting: "amber", collected: "jade" };
  const rowOf = (row) => {
    const cell = make("li", "weui-cell", "");
    const body = make("span", "weui-cell__bd", row.name);
    body.append(make("span", "weui-cell__desc", [row.what, row.detail].filter(Boolean).join(" · ")));
    const word = words[row.state.replace(/_(\w)/g, (_, letter) => letter.toUpperCase())] ?? row.state;
    cell.append(body, make("span", `weui-cell__ft ${toneOf[row.state] ?? "rust"}`, `${word} ${clock.format(new Date(row.at))}`));
    cell.dataset.state = row.state;
    cell.dataset.testid = "away-row";
    return cell;
  };
  const usable = async () => {
    const held = await kept.list();
    if (!held) return { word: words.none };
    if (held.owner !== owner) return { word: words.other };
    if (new Date(held.content.expires_at) <= new Date()) return { word: words.over };
    const until = clock.format(new Date(held.content.expires_at));
    return { held, word: fill(words.here, { n: held.content.rows.length - held.gone.length, until }) };
  };
  const show = async () => {
    state.textContent = (await usable()).word;
    const rows = (await kept.given()).filter((row) => row.owner === owner);
    list.replaceChildren(...rows.map(rowOf));
    const waiting = rows.filter((row) => row.state === "waiting").length;
    one("[data-waiting-count]").textContent = waiting ? fill(words.waitingCount, { n: waiting }) : "";
  };

  let timer;
  const send = async () => {
    clearTimeout(timer);
    const stopped = await kept.sync(batch, owner);
    one("[data-sign-in]").hidden = ![401, 403].includes(stopped);
    await show();
    if ((await kept.waiting(owner)).length) timer = setTimeout(send, RETRY_MS);
  };

  let chosen = null;
  const clear = () => {
    chosen = null;
    found.hidden = true;
    input.value = "";
    input.focus();
  };
  const look = async () => {
    const text = input.value;
    clear();
    const { held, word } = await usable();
    if (!held) { tell(false, word); return; }
    const hit = await kept.find(text);
    if (!hit) { tell(false, words.notOnList); return; }
    if (new Date(hit.row.until) <= new Date()) { tell(false, words.lapsed); return; }
    chosen = hit;
    say.replaceChildren();
    found.hidden = false;
    one("[data-name]").textContent = hit.row.name;
    one("[data-lines]").replaceChildren(...what(hit.row).map((line) => make("li", "", line)));
    one("[data-give]").focus();
  };
  const give = async () => {
    if (!chosen) return;
    const { held, row, code } = chosen;
    clear();
    try {
      await kept.handOver({ nonce: random(), list: held.serial, signature: held.signature, owner, redemption: row.redemption, code, at: new Date().toISOString(), name: row.name, what: what(row).join("、"), state: "waiting" });
    } catch {
      tell(false, words.unsaved);
      return;
    }
    tell(true, words.kept);
    await show();
    send();
  };

  one("[data-code-form]").addEventListener("submit", (event) => { event.preventDefault(); look(); });
  one("[data-give]").addEventListener("click", give);
  one("[data-clear]").addEventListener("click", clear);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") { event.preventDefault(); clear(); say.replaceChildren(); }
    else if (event.key === " " && event.target !== input) { event.preventDefault(); if (!event.repeat) give(); }
    else if (event.key.length === 1 && event.target !== input && /[0-9a-z/-]/i.test(event.key)) input.focus();
  });
  one("[data-sign-in]").href = login;
  window.addEventListener("online", send);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) send(); });
  show().then(send);
  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register("/sw.js").then(() => navigator.serviceWorker.ready)
      .then((registration) => registration.active.postMessage({ keep: location.pathname })).catch(() => {});
  }
})();
