"use strict";
// The offline list of a counter and what was handed over from it, in IndexedDB. A hand-over leaves "given" only some
// hours after the server has answered it; an error never removes one.
//   list:  { serial, signature, owner, store, content, gone: [redemption, …] }, one per device
//   given: { nonce, list, signature, owner, redemption, code, at, name, what, state, detail }
self.jishanCounter = (() => {
  const AT_ONCE = 300;
  const PATIENCE_MS = 20000;
  const SHOWN_MS = 12 * 3600000;
  let opened;
  const open = () => {
    opened ??= new Promise((resolve, reject) => {
      const asked = indexedDB.open("jishan-counter", 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("list", { keyPath: "serial" });
        asked.result.createObjectStore("given", { keyPath: "nonce" });
      };
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
    opened.catch(() => { opened = undefined; });
    return opened;
  };
  // Resolves with the value of the request `work` returns, once the disk has everything.
  const within = async (names, mode, work) => {
    const base = await open();
    return new Promise((resolve, reject) => {
      const deal = base.transaction(names, mode, mode === "readwrite" ? { durability: "strict" } : {});
      const asked = work(...names.map((name) => deal.objectStore(name)));
      deal.oncomplete = () => resolve(asked?.result);
      deal.onabort = () => reject(deal.error);
      deal.onerror = () => reject(deal.error);
    });
  };

  const list = async () => (await within(["list"], "readonly", (lists) => lists.getAll()))[0] ?? null;
  const given = async () => (await within(["given"], "readonly", (rows) => rows.getAll())).sort((one, other) => other.at.localeCompare(one.at));
  const keepList = (made) => within(["list"], "readwrite", (lists) => { lists.clear(); return lists.put(made); });
  const dropList = () => within(["list"], "readwrite", (lists) => lists.clear());

  // One transaction: a code handed over twice on this device would find the row gone.
  const handOver = (row) => within(["list", "given"], "readwrite", (lists, rows) => {
    const asked = lists.get(row.list);
    asked.onsuccess = () => {
      const held = asked.result;
      if (!held || held.gone.includes(row.redemption)) { asked.transaction.abort(); return; }
      lists.put({ ...held, gone: [...held.gone, row.redemption] });
      rows.put(row);
    };
    return asked;
  });
  const forget = (redemption) => within(["list"], "readwrite", (lists) => {
    const asked = lists.getAll();
    asked.onsuccess = () => asked.result.forEach((held) => lists.put({ ...held, gone: [...held.gone, redemption] }));
    return asked;
  });

  // The slow hash of the server (offline.py), so that the list says nothing about the codes on it.
  const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const unhex = (text) => new Uint8Array(text.match(/../g).map((pair) => parseInt(pair, 16)));
  const check = async (code, content) => {
    const secret = await crypto.subtle.importKey("raw", new TextEncoder().encode(code), "PBKDF2", false, ["deriveBits"]);
    return hex(await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: unhex(content.salt), iterations: content.rounds }, secret, 128));
  };
  const read = (text) => text.toUpperCase().replace(/[^0-9A-Z]/g, "");
  const find = async (text) => {
    const held = await list();
    if (!held) return null;
    const code = read(text);
    const sum = await check(code, held.content);
    const row = held.content.rows.find((one) => one.check === sum && !held.gone.includes(one.redemption));
    return row ? { held, row, code } : null;
  };

  const cookie = (name) => document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
  const post = async (address, body, headers = {}) => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
    try {
      return await fetch(address, { method: "POST", body, headers: { ...headers, "X-CSRFToken": cookie("csrftoken") }, signal: stop.signal });
    } finally {
      clearTimeout(timer);
    }
  };

  const settle = async (row, result) => {
    const { code, ...shown } = row; // the code has done its work
    const detail = result.problem?.errors?.[0]?.detail ?? result.problem?.detail ?? "";
    await within(["given"], "readwrite", (rows) => rows.put({ ...shown, state: result.result, detail }));
  };
  const waiting = async (owner) => (await given()).filter((row) => row.state === "waiting" && row.owner === owner);
  let busy = false;
  // Sends what waits; resolves with the status that stopped it, or 0 when nothing is left.
  const sync = async (address, owner) => {
    if (busy) return -1;
    busy = true;
    try {
      for (let rows = await waiting(owner); rows.length; rows = await waiting(owner)) {
        const part = rows.filter((row) => row.list === rows[0].list).slice(0, AT_ONCE);
        const body = {
          list: part[0].list,
          signature: part[0].signature,
          sent_at: new Date().toISOString(),
          rows: part.map((row) => ({ redemption: row.redemption, code: row.code, captured_at: row.at, nonce: row.nonce })),
        };
        const answer = await post(address, JSON.stringify(body), { "Content-Type": "application/json" });
        if (!answer.ok) return answer.status;
        const { results } = await answer.json();
        await Promise.all(part.map((row, place) => settle(row, results[place])));
      }
      const old = new Date(Date.now() - SHOWN_MS).toISOString();
      const done = (await given()).filter((row) => row.state !== "waiting" && row.at < old);
      if (done.length) await within(["given"], "readwrite", (rows) => { done.forEach((row) => rows.delete(row.nonce)); });
      return 0;
    } catch {
      return -1;
    } finally {
      busy = false;
    }
  };

  // --- sounds: two notes up, one low; no file, and nothing before the first key or touch ------------------------
  let air;
  const tone = (good) => {
    try {
      air ??= new AudioContext();
      (good ? [[880, 0], [1320, 0.09]] : [[196, 0], [165, 0.18]]).forEach(([pitch, after]) => {
        const note = air.createOscillator();
        const loud = air.createGain();
        note.type = good ? "sine" : "square";
        note.frequency.value = pitch;
        loud.gain.setValueAtTime(good ? 0.25 : 0.12, air.currentTime + after);
        loud.gain.exponentialRampToValueAtTime(0.001, air.currentTime + after + 0.16);
        note.connect(loud).connect(air.destination);
        note.start(air.currentTime + after);
        note.stop(air.currentTime + after + 0.17);
      });
    } catch { /* silence is no reason to stop */ }
    document.documentElement.dataset.heard = good ? "ok" : "no";
  };

  return { list, given, keepList, dropList, handOver, forget, find, post, sync, waiting, tone };
})();
