"use strict";
// Sorts the open shifts by distance. The position never leaves the phone: the sites' places are public.
(() => {
  const button = document.querySelector("[data-near]");
  const list = document.querySelector("[data-near-list]");
  if (!button || !list || !navigator.geolocation) return;
  const note = document.querySelector("[data-near-note]");
  const status = document.querySelector("[data-near-status]");
  button.hidden = false;

  const radians = (degrees) => (degrees * Math.PI) / 180;
  const metres = (here, card) => {
    const lat = Number(card.dataset.lat);
    const lng = Number(card.dataset.lng);
    const a = Math.sin(radians(lat - here.latitude) / 2) ** 2
      + Math.cos(radians(here.latitude)) * Math.cos(radians(lat)) * Math.sin(radians(lng - here.longitude) / 2) ** 2;
    return 2 * 6371000 * Math.asin(Math.sqrt(a));
  };
  const say = (distance) => (distance < 1000 ? `${Math.round(distance / 10) * 10} ${button.dataset.metres}` : `${(distance / 1000).toFixed(1)} ${button.dataset.kilometres}`);

  button.addEventListener("click", () => {
    const word = button.textContent;
    button.disabled = true;
    button.textContent = button.dataset.asking;
    note.hidden = false;
    const done = (message) => {
      button.disabled = false;
      button.textContent = word;
      status.textContent = message;
      if (message) note.textContent = message;
    };
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      const cards = [...list.children].map((card) => ({ card, away: metres(coords, card) }));
      cards.sort((one, other) => one.away - other.away);
      cards.forEach(({ card, away }) => {
        card.querySelector("[data-distance]").textContent = `· ${say(away)}`;
        list.append(card);
      });
      done("");
      button.hidden = true;
    }, () => done(button.dataset.failed), { timeout: 8000, maximumAge: 300000 });
  });
})();
