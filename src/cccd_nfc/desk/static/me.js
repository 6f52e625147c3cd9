// What a citizen's page does by itself: keeps the focus, shows what is typed on demand, and goes when nobody is here.
"use strict";

const meta = (name) => document.querySelector(`meta[name="${name}"]`).content;
const post = (path) => fetch(path, { method: "POST", headers: { "X-CSRF": meta("csrf") }, redirect: "manual" });
let leaving = false;
let lastSeen = Date.now();
let lastTold = Date.now();

function focusFirst() {
  const wanted = document.querySelector("[data-focus]") || document.querySelector("h1");
  if (wanted) wanted.focus({ preventScroll: true });
}

// After a refusal: to the field that is wrong, which still holds what was typed.
function settled(event) {
  if (event.detail.target.id !== "form-said") return;
  const said = [...document.querySelectorAll(".wrong")].find((each) => each.textContent.trim());
  for (const each of document.querySelectorAll("[aria-invalid]")) each.removeAttribute("aria-invalid");
  const field = said && document.getElementById(said.dataset.for);
  if (!field) return;
  const input = field.matches("input") ? field : field.querySelector("select");
  if (field === input) input.setAttribute("aria-invalid", "true");
  input.focus();
}

function seen() {
  lastSeen = Date.now();
  if (lastSeen - lastTold > 60000) { lastTold = lastSeen; post("/me/here").catch(() => {}); }
}

function watchTheClock() {
  if (leaving || Date.now() - lastSeen < 1000 * Number(meta("idle"))) return;
  leaving = true;
  document.getElementById("panel").replaceChildren();
  post("/me/away").catch(() => {}).finally(() => location.replace("/me/idle"));
}

function reveal(event) {
  if (!event.target.closest("[data-reveal]")) return;
  for (const each of document.querySelectorAll("[data-secret]")) each.type = event.target.checked ? "text" : "password";
}

document.addEventListener("DOMContentLoaded", () => {
  focusFirst();
  for (const each of document.querySelectorAll("[data-reveal]")) each.hidden = false;
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, seen, { passive: true });
  if (location.pathname !== "/me/idle") setInterval(watchTheClock, 1000);
});
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
document.addEventListener("htmx:afterSettle", settled);
document.addEventListener("change", reveal);
