// What the page does by itself: hears of the reader, draws what changed, keeps the focus, and locks when nobody is here.
"use strict";

const meta = (name) => document.querySelector(`meta[name="${name}"]`).content;
const panel = () => document.getElementById("panel");
const post = (path) => fetch(path, { method: "POST", headers: { "X-CSRF": meta("csrf") }, redirect: "manual" });

// --- the reader, and the step that the desk is at ---------------------------------------------------------------------

function heard(state) {
  const text = (id, value) => { const found = document.getElementById(id); if (found) found.textContent = value; };
  const bar = document.getElementById("bar");
  if (bar) { bar.max = Math.max(state.total, 1); bar.value = state.done; }
  text("done", state.done);
  text("total", state.total);
  text("phase", state.phase);
  // Asked for once: a code for the screen is in the first answer alone.
  if (panel().dataset.signature !== state.panel) {
    if (heard.asked !== state.panel) htmx.ajax("GET", "/panel", { target: "#panel", swap: "outerHTML" });
    heard.asked = state.panel;
  } else if (state.reader !== heard.reader && document.getElementById("reader")) {
    // A reading that waits for the card says so in its whole panel.
    const whole = document.getElementById("bar") || state.panel.startsWith("reading");
    if (whole) htmx.ajax("GET", "/panel", { target: "#panel", swap: "outerHTML" });
    else htmx.ajax("GET", "/reader", { target: "#reader", swap: "outerHTML" });
  }
  heard.reader = state.reader;
}

// Two answers may overtake each other: when the dust has settled, what is drawn must be what the desk has now. What was
// heard before is not good enough: drawn by it, a form would lose what somebody has begun to type.
function settled(event) {
  if (event.detail.target.id !== "panel") return;
  focusFirst();
  setTimeout(() => { heard.asked = ""; fetch("/state").then((answer) => answer.json()).then(heard).catch(() => {}); }, 300);
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
document.addEventListener("htmx:afterSettle", settled);
document.addEventListener("click", (event) => { if (event.target.closest("[data-print]")) print(); });
