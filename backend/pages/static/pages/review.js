"use strict";
// Sixty rows at six o'clock. Approving waits ten seconds before anything is written, because an approved record
// is final; leaving the page sends it, as the person asked. New rows come in at the end and move nothing.
(() => {
  const list = document.querySelector("[data-rows]");
  if (!list) return;
  const UNDO_MS = 10000;
  const RETRY_MS = 5000;
  const AT_ONCE = 50;
  const one = (selector) => document.querySelector(selector);
  const [form, bar, say, go, undo, live, unsent, pattern, keys] = ["[data-bulk]", "[data-bar]", "[data-bar-say]", "[data-go]", "[data-undo]", "[data-live]", "[data-unsent]", "#decide", "[data-keys-list]"].map(one);
  const csrf = form.elements.csrfmiddlewaretoken.value;
  const told = (element, word, value) => element.dataset[word].replace("%s", value);
  const announce = (sentence) => { live.textContent = ""; setTimeout(() => { live.textContent = sentence; }, 50); };

  // --- rows -----------------------------------------------------------------------------------------------
  const rows = () => [...list.querySelectorAll(".att")];
  const seen = (row) => row.offsetParent !== null;
  const undecided = (row) => !row.classList.contains("att--done");
  const free = (row) => undecided(row) && !row.classList.contains("is-held");
  const open = (row) => row?.querySelector(".att__open");
  const current = () => document.activeElement?.closest?.(".att");
  const go_to = (row) => { const link = open(row); if (link) { link.focus(); row.scrollIntoView({ block: "nearest" }); } return Boolean(link); };

  const step = (by, wanted = () => true) => {
    const shown = rows().filter(seen);
    const here = shown.indexOf(current());
    const order = by > 0 ? shown.slice(here + 1) : shown.slice(0, here < 0 ? 0 : here).reverse();
    return go_to(order.find(wanted));
  };
  const onward = (row) => {
    const all = rows().filter(seen);
    const place = all.indexOf(row);
    go_to([...all.slice(place + 1), ...all.slice(0, place)].find(free) ?? row);
  };

  const count = () => {
    const all = rows();
    const numbers = { clean: 0, look: 0, done: 0 };
    let ticked = 0;
    all.forEach((row) => {
      if (!undecided(row)) numbers.done += row.hasAttribute("data-barred") ? 0 : 1;
      else if (row.dataset.clean === "yes") numbers.clean += 1;
      else numbers.look += 1;
      if (free(row) && row.querySelector("[name=ids]:checked")) ticked += 1;
    });
    Object.entries(numbers).forEach(([name, number]) => { one(`[data-count="${name}"]`).textContent = number; });
    const waiting = held.filter((gesture) => !gesture.sending).flatMap((gesture) => gesture.rows).length;
    undo.hidden = waiting === 0;
    go.hidden = !ticked && !waiting;
    go.textContent = waiting ? go.dataset.now : told(go, "word", ticked);
    if (waiting) say.textContent = told(say, "held", waiting);
    else if (held.length) say.textContent = say.dataset.sent;
    else say.textContent = numbers.look ? told(say, "look", numbers.look) : say.dataset.all;
    bar.hidden = all.length === 0;
    one("[data-none]").hidden = all.length > 0;
  };

  const replace = (html) => {
    const box = document.createElement("template");
    box.innerHTML = html;
    const made = [...box.content.querySelectorAll(".att")];
    made.forEach((row) => {
      const old = document.getElementById(row.id);
      const inside = old?.contains(document.activeElement);
      old?.replaceWith(row);
      if (inside) open(row).focus();
    });
    return made;
  };

  const post = async (address, fields) => {
    const response = await fetch(address, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { "X-CSRFToken": csrf, "HX-Request": "true" },
    });
    if (response.redirected) { location.assign(response.url); throw new Error("signed out"); }
    if (response.status >= 500 || response.status === 403) throw new Error(String(response.status));
    return { ok: response.ok, html: await response.text() };
  };

  // --- approving, with ten seconds to think again ------------------------------------------------------------
  let held = [];
  const fields = (ids) => ids.map((id) => ["ids", id]);

  const hold = (chosen) => {
    if (!chosen.length) return;
    const gesture = { rows: chosen, sending: false };
    gesture.timer = setTimeout(() => send(gesture), UNDO_MS);
    held.push(gesture);
    chosen.forEach((row) => {
      shut(row);
      row.classList.add("is-held");
      open(row).append(Object.assign(document.createElement("span"), { className: "att__held", textContent: live.dataset.leaving }));
    });
    const names = chosen.length === 1 ? chosen[0].dataset.name : go.dataset.word.replace("%s", chosen.length);
    announce(told(live, "held", names));
    count();
  };
  const rest = (row) => { row.classList.remove("is-held"); row.querySelector(".att__held")?.remove(); };
  const release = (gesture) => {
    clearTimeout(gesture.timer);
    held = held.filter((other) => other !== gesture);
    gesture.rows.forEach(rest);
  };
  const take_back = () => {
    const gesture = held.filter((other) => !other.sending).pop();
    if (!gesture) return;
    release(gesture);
    announce(live.dataset.undone);
    count();
    go_to(gesture.rows.find(seen));
  };
  const send = async (gesture) => {
    clearTimeout(gesture.timer);
    gesture.sending = true;
    count();
    try {
      while (gesture.rows.length) {
        const part = gesture.rows.slice(0, AT_ONCE);
        const { html } = await post(form.action, fields(part.map((row) => row.dataset.id)));
        replace(html);
        // A row the answer does not name is out of reach; it comes to rest undecided.
        part.forEach(rest);
        gesture.rows = gesture.rows.slice(AT_ONCE);
      }
      release(gesture);
      unsent.hidden = true;
    } catch {
      unsent.hidden = false;
      gesture.timer = setTimeout(() => send(gesture), RETRY_MS);
    }
    count();
  };
  const send_all = () => held.filter((gesture) => !gesture.sending).forEach(send);

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (held.some((gesture) => !gesture.sending)) send_all();
    else {
      hold(rows().filter((row) => free(row) && row.querySelector("[name=ids]:checked")));
      undo.focus();
    }
  });
  undo.addEventListener("click", take_back);
  window.addEventListener("online", () => held.filter((gesture) => gesture.sending).forEach(send));
  window.addEventListener("pagehide", () => {
    const ids = held.flatMap((gesture) => gesture.rows.map((row) => row.dataset.id));
    if (!ids.length) return;
    held.forEach((gesture) => clearTimeout(gesture.timer));
    fetch(form.action, { method: "POST", body: new URLSearchParams([...fields(ids), ["csrfmiddlewaretoken", csrf]]), keepalive: true });
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  // --- one row ----------------------------------------------------------------------------------------------
  const shut = (row) => { row.querySelector("[data-panel]")?.remove(); open(row)?.setAttribute("aria-expanded", "false"); };
  const unfold = (row, part) => {
    let panel = row.querySelector("[data-panel]");
    if (!panel) {
      panel = document.createElement("div");
      panel.dataset.panel = "";
      panel.append(pattern.content.cloneNode(true));
      const address = open(row).getAttribute("href");
      panel.querySelectorAll("form").forEach((each) => { each.action = `${address}${each.dataset.do}/`; });
      panel.querySelector("[data-evidence]").href = address;
      if (row.dataset.because) {
        const { elements } = panel.querySelector("[data-do=adjust]");
        elements.minutes.value = row.dataset.suggested;
        elements.reason.value = row.dataset.because;
      }
      if (!row.dataset.minutes) panel.querySelector("[data-do=approve]").remove();
      row.append(panel);
      open(row).setAttribute("aria-expanded", "true");
    }
    if (part) {
      const details = panel.querySelector(`[data-part=${part}]`);
      panel.querySelectorAll("details").forEach((other) => { other.open = other === details; });
      details?.querySelector("input:not([type=hidden]), textarea")?.focus();
    }
    row.scrollIntoView({ block: "nearest" });
  };

  list.addEventListener("click", (event) => {
    const link = event.target.closest(".att__open");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const row = link.closest(".att");
    if (!free(row)) return;
    event.preventDefault();
    if (row.querySelector("[data-panel]")) shut(row);
    else unfold(row);
  });
  list.addEventListener("submit", async (event) => {
    event.preventDefault();
    const sheet = event.target;
    const row = sheet.closest(".att");
    if (sheet.dataset.do === "approve") { hold([row]); onward(row); return; }
    const button = sheet.querySelector("button");
    const slot = row.querySelector("[data-say]");
    button.disabled = true;
    try {
      const { ok, html } = await post(sheet.action, new FormData(sheet));
      if (ok) {
        const [made] = replace(html);
        announce(`${made.dataset.name} ${made.querySelector("[data-testid=outcome]")?.textContent ?? ""}`);
        onward(made);
      } else slot.innerHTML = html;
      unsent.hidden = true;
    } catch {
      unsent.hidden = false;
    }
    button.disabled = false;
    count();
  });
  list.addEventListener("change", count);

  // --- rows that come in meanwhile ------------------------------------------------------------------------
  const busy = (row) => row.contains(document.activeElement) || row.querySelector("[data-panel]") || row.classList.contains("is-held");
  let before = 0;
  document.addEventListener("htmx:configRequest", (event) => {
    if (!event.target.matches("[data-fresh]")) return;
    event.detail.parameters.known = rows().filter(undecided).map((row) => row.dataset.id).join(",");
    before = rows().length;
  });
  // Signed out, or no longer in charge: what comes back is no row.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (xhr.status >= 400 || !new URL(xhr.responseURL).pathname.endsWith("/fresh/")) event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:oobBeforeSwap", (event) => { if (busy(event.detail.target)) event.detail.shouldSwap = false; });
  document.addEventListener("htmx:afterSettle", () => {
    // A decision taken back elsewhere makes a row new again: the one that says “decided” goes.
    const newest = new Map(rows().map((row) => [row.id, row]));
    rows().forEach((row) => { if (newest.get(row.id) !== row) row.remove(); });
    const came = rows().length - before;
    if (came > 0) announce(told(live, "came", came));
    count();
  });
  const look_again = () => { const asks = one("[data-fresh]"); if (asks && window.htmx) window.htmx.trigger(asks, "look-again"); };
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look_again(); });

  // --- keys -------------------------------------------------------------------------------------------------
  const on_row = (act) => () => { const row = current(); if (row && free(row)) act(row); else step(1, free); return true; };
  const table = {
    j: () => step(1), k: () => step(-1), n: () => step(1, (row) => free(row) && row.dataset.clean === "no"),
    a: on_row((row) => { if (row.dataset.minutes) { hold([row]); onward(row); } else unfold(row, "adjust"); }),
    e: on_row((row) => unfold(row, "adjust")),
    r: on_row((row) => unfold(row, "reject")),
    q: on_row((row) => unfold(row, "ask")),
    x: on_row((row) => { const box = row.querySelector("[name=ids]"); if (box) { box.checked = !box.checked; count(); } }),
    u: () => { take_back(); return true; },
    "?": () => { keys.showModal(); return true; },
  };
  const letter = (event) => {
    if (event.key === "?") return "?";
    if (event.shiftKey) return "";
    if (event.key === "ArrowDown" || event.key === "ArrowUp") return current() ? { ArrowDown: "j", ArrowUp: "k" }[event.key] : "";
    return /^Key[A-Z]$/.test(event.code) ? event.code[3].toLowerCase() : event.key.toLowerCase(); // also under a Chinese input method
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || keys.open) return;
    if (event.key === "Escape") {
      const row = current();
      if (row?.querySelector("[data-panel]")) { shut(row); open(row).focus(); }
      return;
    }
    if (event.target.matches("input:not([type=checkbox]), textarea, select")) return;
    if (table[letter(event)]?.()) event.preventDefault();
  });
  const help = one("[data-keys]");
  help.hidden = false;
  help.addEventListener("click", () => keys.showModal());

  count();
})();
