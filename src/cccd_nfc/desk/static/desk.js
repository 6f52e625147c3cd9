// What the page does by itself: hears of the reader, draws what changed, keeps the focus, and locks when nobody is here.
"use strict";

const meta = (name) => document.querySelector(`meta[name="${name}"]`).content;
const panel = () => document.getElementById("panel");
const post = (path) => fetch(path, { method: "POST", headers: { "X-CSRF": meta("csrf") }, redirect: "manual" });

// --- the reader, and the step that the desk is at ---------------------------------------------------------------------

let actUntil = 0; // an act's answer brings the panel by itself; one that does not come is not waited for
let drawings = 0;
let asked = "";
let last = null;

function heard(state) {
  const text = (id, value) => { const found = document.getElementById(id); if (found) found.textContent = value; };
  const bar = document.getElementById("bar");
  if (bar) { bar.max = Math.max(state.total, 1); bar.value = state.done; }
  text("done", state.done);
  text("total", state.total);
  text("phase", state.phase);
  const moved = last !== null && last.reader !== state.reader;
  last = state;
  if (Date.now() < actUntil) return;
  if (panel().dataset.signature !== state.panel) draw("panel", state.panel);
  else if (moved && document.getElementById("reader")) {
    // A reading that waits for the card says so in its whole panel.
    draw(state.panel.startsWith("reading") ? "panel" : "reader", `${state.panel} ${state.reader}`);
  }
}

// Draws a part anew, unless a later drawing or an act has overtaken it: somebody may be typing by then.
async function draw(part, wanted) {
  if (asked === wanted) return;
  asked = wanted;
  const mine = ++drawings;
  try {
    const answer = await fetch(`/${part}`, { headers: { "HX-Request": "true" } });
    const elsewhere = answer.headers.get("HX-Redirect");
    const text = await answer.text();
    if (mine !== drawings) return;
    if (elsewhere) { leave(elsewhere); return; }
    const drawn = /data-signature="([^"]*)"/.exec(text)?.[1];
    if (part === "panel" && !wanted.includes(" ") && drawn === panel().dataset.signature) return; // heard too late
    document.getElementById(part).outerHTML = text;
    htmx.process(document.getElementById(part));
    if (part === "panel") focusFirst();
  } catch { /* the line strip says it */ } finally {
    if (mine === drawings) { asked = ""; setTimeout(compare, 300); }
  }
}

// When the dust has settled, what is drawn must be what was heard last.
function compare() {
  if (last && !leaving && panel().hasAttribute("data-live")) heard(last);
}

function begun(event) {
  if (event.detail.requestConfig.verb === "get") return;
  actUntil = Date.now() + 3000;
  drawings += 1;
  asked = "";
}

function ended(event) {
  if (event.detail.requestConfig.verb !== "get") actUntil = 0;
}

function settled(event) {
  if (event.detail.target.id !== "panel") return;
  focusFirst();
  setTimeout(compare, 300);
}

function listen() {
  const line = document.getElementById("line");
  const source = new EventSource("/events");
  source.onopen = () => { line.hidden = true; };
  source.onmessage = (event) => heard(JSON.parse(event.data));
  source.onerror = () => {
    if (!leaving) line.hidden = false;
    source.close();
    setTimeout(listen, 1000);
  };
  source.addEventListener("away", () => { source.close(); leave("/idle"); });
}

// --- nobody here ------------------------------------------------------------------------------------------------------

let leaving = false;
let lastSeen = Date.now();
let lastTold = Date.now();

function leave(path) {
  leaving = true;
  panel().replaceChildren();
  location.replace(path);
}

function seen() {
  lastSeen = Date.now();
  if (lastSeen - lastTold > 60000) { lastTold = lastSeen; post("/here").catch(() => {}); }
}

function watchTheClock() {
  if (leaving || Date.now() - lastSeen < 1000 * Number(meta("idle"))) return;
  leaving = true;
  panel().replaceChildren();
  post("/lock").catch(() => {}).finally(() => leave("/idle"));
}

// --- focus, print -----------------------------------------------------------------------------------------------------

function focusFirst() {
  const wanted = panel().querySelector("[data-focus]") || panel().querySelector("h1");
  if (wanted) wanted.focus({ preventScroll: true });
}

document.addEventListener("DOMContentLoaded", () => {
  focusFirst();
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, seen, { passive: true });
  if (location.pathname !== "/idle") setInterval(watchTheClock, 1000);
  if (panel().hasAttribute("data-live")) listen();
});
addEventListener("beforeunload", () => { leaving = true; });
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
document.addEventListener("htmx:beforeRequest", begun);
document.addEventListener("htmx:afterRequest", ended);
document.addEventListener("htmx:afterSettle", settled);
document.addEventListener("click", (event) => { if (event.target.closest("[data-print]")) print(); });
