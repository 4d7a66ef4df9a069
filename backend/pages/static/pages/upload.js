"use strict";
// Sending what is in the tray, from a page or from the service worker. Only the server's answer to a scan (accepted,
// provisional, refused) takes a row out; whatever else comes back is written beside it and it is sent again later.
self.jishanUpload = (() => {
  const tray = self.jishanTray;
  const PATIENCE_MS = 8000;
  const ANSWERS = ["accepted", "provisional", "refused"];
  const HOLD = ["offline", "strange", "login", "expired", "other", "busy"]; // as good as certain for the next row too

  // Returns { response, body } or { state }. A redirect is never followed: it leads to the sign-in page.
  const ask = async (url, options) => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
    const headers = { Accept: "application/json", "X-Requested-With": "fetch" };
    try {
      const response = await fetch(url, {
        ...options, headers, credentials: "same-origin", cache: "no-store", redirect: "manual", signal: stop.signal,
      });
      if (response.type === "opaqueredirect") return { state: "login" };
      if (response.status === 403) return { state: "expired" };
      if (response.status === 429 || response.status >= 500) return { state: "busy" };
      const body = await response.json().catch(() => null);
      // A page where data was asked for: somebody else's, as a waiting room's Wi-Fi sends, or our own last resort.
      return body === null ? { state: response.ok ? "strange" : "busy" } : { response, body };
    } catch {
      return { state: "offline" };
    } finally {
      clearTimeout(timer);
    }
  };

  // Sends one row. `late` says when the phone scanned it; without it the scan is happening now.
  const post = async (row, { csrf, late }) => {
    const fields = { ...row.fields, intent: row.intent, nonce: row.nonce, owner: row.owner, csrfmiddlewaretoken: csrf };
    if (late) fields.captured_at = new Date(row.at).toISOString();
    fields.sent_at = new Date().toISOString();
    const { response, body, state } = await ask(row.url, { method: "POST", body: new URLSearchParams(fields) });
    if (state) return { state };
    if (response.ok && ANSWERS.includes(body.result)) return { answer: body };
    if (body.code === "scan_of_another") return { state: "other" };
    return { state: "unread", detail: body.detail ?? "" };
  };

  const sendAll = async (door, owner) => {
    const { body, state } = await ask(door);
    const whose = owner ?? body?.number;
    const rows = await tray.all(whose);
    let held = state ?? (body.number === whose ? "" : "other");
    for (const row of rows) {
      const { answer, state: came, detail } = held ? { state: held } : await post(row, { csrf: body.csrf, late: true });
      if (answer) await tray.settle(row, answer);
      else await tray.mark(row.nonce, came, detail);
      // The check-out behind a check-in that did not get through would be refused for want of it.
      if (HOLD.includes(came)) held = came;
    }
    return (await tray.all(whose)).length;
  };

  // One round through the tray of `owner` (in the service worker: of whoever is signed in), oldest first. `door` is
  // the address that says who is signed in and gives a fresh token. Returns how many rows are left.
  const round = async ({ door, owner }) => {
    if (owner && !(await tray.all(owner)).length) return 0;
    if (!self.navigator.locks) return sendAll(door, owner);
    return self.navigator.locks.request("jishan-upload", () => sendAll(door, owner));
  };

  return { post, round };
})();
