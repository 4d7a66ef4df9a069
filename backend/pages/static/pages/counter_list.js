"use strict";
// The offline list of this device: take it, renew it while the page is open, give it back. What was handed over without
// network is sent first. The page that hands over without network is kept by the service worker (sw.js).
(() => {
  const root = document.querySelector("[data-offline-list]");
  if (!root) return;
  const RENEW_MS = 30 * 60000;
  const kept = self.jishanCounter;
  const words = document.querySelector("[data-words]").dataset;
  const [say, take, give, open] = ["[data-list-state]", "[data-list-take]", "[data-list-give]", "[data-list-open]"].map((one) => root.querySelector(one));
  const clock = new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const proof = (held) => new URLSearchParams({ store: root.dataset.store, serial: held?.serial ?? "", signature: held?.signature ?? "" });

  const show = async () => {
    const held = await kept.list();
    const over = held && new Date(held.content.expires_at) <= new Date();
    const waiting = (await kept.given()).filter((row) => row.state === "waiting").length;
    const lines = [];
    if (over) lines.push(words.listOver);
    else if (held) lines.push(fill(words.listHere, { n: held.content.rows.length - held.gone.length, until: clock.format(new Date(held.content.expires_at)) }));
    if (waiting) lines.push(fill(words.listWaiting, { n: waiting }));
    say.textContent = lines.join(" ");
    take.hidden = false;
    give.hidden = !held;
    open.hidden = !held;
  };
  const keepPage = async () => {
    const registration = await navigator.serviceWorker.register("/sw.js").then(() => navigator.serviceWorker.ready);
    registration.active.postMessage({ keep: root.dataset.page });
  };
  const renew = async () => {
    const held = await kept.list();
    try {
      if (await kept.sync(root.dataset.batch, root.dataset.owner)) throw new Error("not all sent"); // they are on the old list
      const answer = await kept.post(root.dataset.take, proof(held));
      if (!answer.ok) throw new Error(answer.status);
      const { serial, text, signature } = await answer.json();
      await kept.keepList({ serial, signature, owner: root.dataset.owner, store: root.dataset.store, content: JSON.parse(text), gone: [] });
      await keepPage();
      await show();
    } catch {
      await show();
      say.textContent = words.listFailed;
    }
  };

  take.addEventListener("click", renew);
  give.addEventListener("click", async () => {
    if (await kept.sync(root.dataset.batch, root.dataset.owner)) { say.textContent = words.listFailed; return; }
    const held = await kept.list();
    const answer = await kept.post(root.dataset.give, proof(held)).catch(() => null);
    if (!answer || (answer.status !== 404 && !answer.ok)) { say.textContent = words.listFailed; return; }
    await kept.dropList();
    await show();
  });
  document.addEventListener("jishan:handed-over", async ({ detail }) => { await kept.forget(detail); await show(); });
  document.addEventListener("jishan:no-network", async () => { if (await kept.list()) location.assign(root.dataset.page); });
  window.addEventListener("online", () => kept.sync(root.dataset.batch, root.dataset.owner).then(show));

  const begin = async () => {
    if (!window.indexedDB || !crypto.subtle || !("serviceWorker" in navigator)) { say.textContent = words.listInsecure; return; }
    await kept.sync(root.dataset.batch, root.dataset.owner);
    const held = await kept.list();
    // Signed in again, or what waits has changed: the session must know the list, and the list the new rows.
    if (held && held.owner === root.dataset.owner && held.store === root.dataset.store) {
      const age = Date.now() - new Date(held.content.taken_at);
      if (held.serial !== root.dataset.own || age > RENEW_MS) await renew();
    }
    await show();
    setInterval(async () => { if (!document.hidden && await kept.list()) renew(); }, RENEW_MS);
  };
  begin();
})();
