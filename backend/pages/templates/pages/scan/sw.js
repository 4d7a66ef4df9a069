"use strict";
// When a phone's camera opens a site's code and there is no network, this answers with the page kept for it. The
// scanner of a site's staff is kept too, under its own address.
const KEPT = "jishan-scan";
const SHELL = "{{ shell }}";
const SCANNER = /^\/manage\/sites\/\d+\/scanner\/$/;
const CODE = /^\/s\/[A-Za-z0-9_-]{40}$/;
const PATIENCE_MS = 5000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// Keep the page and whatever it loads; a page that sends us elsewhere (signed out) is not kept.
const keep = async (address) => {
  const answer = await fetch(address, { credentials: "same-origin", cache: "no-store" });
  if (!answer.ok || answer.redirected) return;
  const html = await answer.clone().text();
  const files = [...html.matchAll(/(?:href|src|data-library)="(\/static\/[^"]+)"/g)].map((found) => found[1]);
  const shelf = await caches.open(KEPT);
  await shelf.addAll([...new Set(files)]);
  await shelf.put(address, answer);
};
self.addEventListener("message", (event) => {
  const address = event.data === "keep" ? SHELL : event.data?.keep;
  if (address === SHELL || SCANNER.test(address)) event.waitUntil(keep(address).then(() => event.source?.postMessage({ kept: address }), () => {}));
});

const patiently = (request) => new Promise((resolve, reject) => {
  const timer = setTimeout(reject, PATIENCE_MS);
  fetch(request).then(resolve, reject).finally(() => clearTimeout(timer));
});
const orKept = async (answer, address) => {
  try {
    return await answer;
  } catch (reason) {
    const kept = await caches.match(address);
    if (kept) return kept;
    throw reason ?? new TypeError("offline");
  }
};

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && CODE.test(url.pathname)) event.respondWith(orKept(patiently(request), SHELL));
  else if (request.mode === "navigate" && SCANNER.test(url.pathname)) event.respondWith(orKept(patiently(request), url.pathname));
  else if (url.pathname.startsWith("/static/")) event.respondWith(orKept(fetch(request), request));
});
