"use strict";{% load static %}
// When a phone's camera opens a site's code and there is no network, this answers with the page kept for it; the
// scanner of a site's staff is kept too, under its own address. When the network is back it may send what the tray
// holds, even with every page closed.
importScripts("{% static 'pages/tray.js' %}", "{% static 'pages/upload.js' %}");
const KEPT = "jishan-scan";
const SHELL = "{{ shell }}";
const WAITING = "{{ waiting }}";
const PAGES = [SHELL, WAITING];
const COUNTER = "{{ counter }}";
const AWAY = "{{ away }}"; // the counter when the network is gone
const SCANNER = /^\/manage\/sites\/\d+\/scanner\/$/;
const CODE = /^\/s\/[A-Za-z0-9_-]{40}$/;
const PATIENCE_MS = 5000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const isKept = (address) => PAGES.includes(address) || address === AWAY || SCANNER.test(address);

// Keep a page and whatever it loads; one that sends us elsewhere (signed out) is not kept.
const keep = async (page) => {
  const answer = await fetch(page, { credentials: "same-origin", cache: "no-store" });
  if (!answer.ok || answer.redirected) return;
  const html = await answer.clone().text();
  const files = [...html.matchAll(/(?:href|src|data-library)="(\/static\/[^"]+)"/g)].map((found) => found[1]);
  const shelf = await caches.open(KEPT);
  await shelf.addAll([...new Set(files)]);
  await shelf.put(page, answer);
};
self.addEventListener("message", (event) => {
  const pages = event.data === "keep" ? PAGES : [event.data?.keep].filter(isKept);
  event.waitUntil(Promise.all(pages.map(keep)).then(() => event.source?.postMessage({ kept: event.data?.keep }), () => {}));
});

const send = async () => {
  if (await self.jishanUpload.round({ door: WAITING })) throw new Error("not all sent"); // the browser comes back
};
self.addEventListener("sync", (event) => {
  if (event.tag === "jishan-scans") event.waitUntil(send());
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
  const page = CODE.test(url.pathname) ? SHELL : url.pathname === COUNTER ? AWAY : url.pathname;
  if (request.mode === "navigate" && isKept(page)) event.respondWith(orKept(patiently(request), page));
  else if (url.pathname.startsWith("/static/")) event.respondWith(orKept(fetch(request), request));
});
