"use strict";
// The tray: what this phone scanned and the server has not answered yet, in IndexedDB, for pages and service worker
// alike. A row leaves it with the server's answer (`settle`) or by its owner's hand (`remove`), never by an error.
//   row: { nonce, owner, url, site, intent, at, fields, state, detail, tries, tried_at }
// `owner` is whose it is: a volunteer number here. Another account on the same phone neither sees nor sends it.
self.jishanTray = (() => {
  const BASE = "jishan";
  const KEPT = "kept";
  const ANSWERED = "answered";
  const OLD = "jishan.scans"; // where an earlier version kept them
  const ANSWERS_KEPT = 20;
  const spare = new Map(); // for a browser that lends no storage: as long as the page lives
  const channel = "BroadcastChannel" in self ? new BroadcastChannel("jishan-tray") : null;
  const listeners = new Set();

  const tell = () => {
    listeners.forEach((listener) => listener());
    channel?.postMessage("changed");
  };
  channel?.addEventListener("message", () => listeners.forEach((listener) => listener()));

  let opened;
  const open = () => {
    opened ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(BASE, 1);
      request.onupgradeneeded = () => [KEPT, ANSWERED].forEach((name) => {
        request.result.createObjectStore(name, { keyPath: "nonce" }).createIndex("owner", "owner");
      });
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const base = request.result;
        base.onclose = () => { opened = undefined; };
        base.onversionchange = () => { base.close(); opened = undefined; };
        resolve(base);
      };
    }).then(moveIn);
    opened.catch(() => { opened = undefined; });
    return opened;
  };

  // Resolves with the value of the request `work` returns, once the disk has everything.
  const commit = (base, names, mode, work) => new Promise((resolve, reject) => {
    const deal = base.transaction(names, mode, { durability: "strict" });
    let asked;
    deal.oncomplete = () => resolve(asked?.result);
    deal.onabort = () => reject(deal.error);
    asked = work(...names.map((name) => deal.objectStore(name)));
  });
  const within = async (names, mode, work) => commit(await open(), names, mode, work);

  // What an earlier version left in localStorage; it is cleared there only when it is safely here.
  const moveIn = async (base) => {
    let left = [];
    try { left = JSON.parse(self.localStorage?.getItem(OLD) ?? "[]"); } catch { /* nothing that can be read */ }
    if (!Array.isArray(left) || !left.length) return base;
    await commit(base, [KEPT], "readwrite", (kept) => {
      left.filter((scan) => scan?.fields?.nonce).forEach(({ number, url, site, at, fields }) => {
        const { nonce, intent, ...rest } = fields;
        kept.put({ nonce, owner: number, url, site, intent, at, fields: rest, state: "moved", tries: 0 });
      });
    });
    self.localStorage.removeItem(OLD);
    return base;
  };

  const stored = async (name, owner) => {
    try {
      return await within([name], "readonly", (store) => store.index("owner").getAll(owner));
    } catch {
      return [];
    }
  };

  // Returns whether the row survives closing the page.
  const keep = async (row) => {
    let safe = true;
    try {
      await within([KEPT], "readwrite", (kept) => kept.put(row));
    } catch {
      spare.set(row.nonce, row);
      safe = false;
    }
    tell();
    return safe;
  };

  const all = async (owner) => {
    const unsafe = [...spare.values()].filter((row) => row.owner === owner);
    return [...await stored(KEPT, owner), ...unsafe].sort((one, other) => one.at - other.at);
  };

  const answered = async (owner) => (await stored(ANSWERED, owner)).sort((one, other) => other.answered_at - one.answered_at);

  // Notes what came of an attempt to send; a row that has left meanwhile stays away.
  const mark = async (nonce, state, detail = "") => {
    const note = (row) => Object.assign(row, { state, detail, tries: (row.tries ?? 0) + 1, tried_at: Date.now() });
    if (spare.has(nonce)) note(spare.get(nonce));
    else {
      await within([KEPT], "readwrite", (kept) => {
        const found = kept.get(nonce);
        found.onsuccess = () => { if (found.result) kept.put(note(found.result)); };
      }).catch(() => {}); // the row itself is as it was
    }
    tell();
  };

  const remove = async (nonce) => {
    spare.delete(nonce);
    await within([KEPT], "readwrite", (kept) => kept.delete(nonce)).catch(() => {});
    tell();
  };

  // Exchanges a row for its answer in one step.
  const settle = async (row, answer) => {
    spare.delete(row.nonce);
    const { nonce, owner, url, site, intent, at } = row;
    const line = { nonce, owner, url, intent, at, ...answer, site: answer.site || site, answered_at: Date.now() };
    const older = (await answered(owner)).filter((other) => other.nonce !== nonce).slice(ANSWERS_KEPT - 1);
    await within([KEPT, ANSWERED], "readwrite", (kept, answers) => {
      older.forEach((other) => answers.delete(other.nonce));
      answers.put(line);
      kept.delete(nonce);
    }).catch(() => {}); // sent again, the server gives the same answer
    tell();
  };

  // Drops an answer that no longer holds.
  const forget = async (nonce) => {
    await within([ANSWERED], "readwrite", (answers) => answers.delete(nonce)).catch(() => {});
    tell();
  };

  return { keep, all, answered, mark, remove, settle, forget, changed: (listener) => listeners.add(listener) };
})();
