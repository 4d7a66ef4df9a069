"use strict";
// Prepares this phone to answer a site's code without network, as long as its owner is signed in.
(() => {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.register("/sw.js")
    .then(() => navigator.serviceWorker.ready)
    .then((registration) => registration.active.postMessage("keep"))
    .catch(() => {}); // without it everything works, but only with network
})();
