// The phone's page: shows what fits to the key that is there, and talks to the desk where it can be reached.
"use strict";

const found = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";
let mine = null; // {pair, name} of phone_key.js, while there is one

// --- what is said -----------------------------------------------------------------------------------------------------

function say(id, text) {
  found(id).textContent = text;
  found(id).hidden = !text;
}

function quiet() {
  say("trouble", "");
  say("said", "");
}

const trouble = (name) => say("trouble", found("trouble").dataset[name]);
const said = (name) => say("said", found("said").dataset[name]);

// Every act begins without what was said before, and ends in words, whatever happens.
function acting(act, otherwise) {
  return async (event) => {
    event.preventDefault();
    quiet();
    try {
      await act(event);
    } catch (error) {
      if (error instanceof Refused) say("trouble", error.message);
      else trouble(otherwise);
    }
  };
}

// --- the desk ---------------------------------------------------------------------------------------------------------

class Refused extends Error {}

const token = () => document.querySelector('meta[name="csrf"]');

const posted = (path, fields) =>
  fetch(path, { method: "POST", headers: { "X-CSRF": token().content }, body: new URLSearchParams(fields) });

// An installed page stays open for days; the desk forgets it in minutes.
async function freshToken() {
  const page = new DOMParser().parseFromString(await (await fetch("/phone")).text(), "text/html");
  token().content = page.querySelector('meta[name="csrf"]').content;
}

async function sent(path, fields) {
  let answer = await posted(path, fields);
  if (answer.status === 403) {
    await freshToken();
    answer = await posted(path, fields);
  }
  const said = await answer.json();
  if (!answer.ok) throw new Refused(said.error);
  return said;
}

function part(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// The desk draws, for public texts only. Without it the text is still there.
async function showQr(box, text) {
  box.replaceChildren();
  const { side, path } = await sent("/phone/qr", { text });
  const drawing = part("svg", { class: "qr", role: "img", "aria-label": box.dataset.label, viewBox: `0 0 ${side} ${side}` });
  drawing.append(part("rect", { width: side, height: side, fill: "#fff" }), part("path", { d: path }));
  box.replaceChildren(drawing);
}

// --- the key ----------------------------------------------------------------------------------------------------------

async function show() {
  mine = await keptKey();
  found("none").hidden = Boolean(mine);
  found("mine").hidden = !mine;
  found("lettered").hidden = found("signed").hidden = true;
  if (!mine) return;
  const jwk = await publicJwk(mine.pair);
  found("named").textContent = mine.name;
  found("ends").textContent = (await thumbprint(jwk)).slice(-4);
  found("public").value = jwk;
  await showQr(found("public-qr"), jwk).catch(() => trouble("unreachable"));
}

async function make() {
  await makeKey(found("name").value.trim());
  await show();
  found("letters").focus();
}

async function offer() {
  const { code } = await sent("/phone/keys", { key: found("public").value, label: mine.name });
  found("lettered").hidden = false;
  found("letters-shown").textContent = `${code.slice(0, 3)} ${code.slice(3)}`;
}

async function remove() {
  if ((await answered("gone")) !== "yes") return;
  await deleteKey();
  found("public").value = found("word").value = found("asked").value = "";
  await show();
  said("deleted");
  found("name").focus();
}

// --- the confirmation -------------------------------------------------------------------------------------------------

// What the person has answered; Escape is no.
function answered(id) {
  const dialog = found(id);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true }));
}

async function look() {
  const asked = askedIn(found("asked").value.trim());
  found("signed").hidden = true;
  if (!asked) return trouble("notOne");
  found("sure-reference").textContent = asked.reference;
  if ((await answered("sure")) !== "yes") return undefined;
  return handOver(asked, await confirmation(mine.pair, asked));
}

// By the line to the desk that waits for it; else for a scanner, or to copy.
async function handOver(asked, word) {
  found("word").value = word;
  const fields = { transaction: asked.transaction, confirmation: word };
  const { taken } = await sent("/phone/confirmations", fields).catch(() => ({ taken: false }));
  said(taken ? "sent" : "signed");
  found("signed").hidden = taken;
  found("asked").value = "";
  if (!taken) await showQr(found("word-qr"), word).catch(() => trouble("unreachable"));
}

// A phone's own camera opens this page with what the desk asks behind the #, which no server sees.
function takeAddress() {
  if (!mine || !askedIn(location.hash)) return;
  found("asked").value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  found("asked").focus();
}

// --- the camera, where the browser reads QR codes itself --------------------------------------------------------------

// The same button ends it.
async function scan() {
  const video = found("seen");
  if (!video.hidden) {
    video.hidden = true;
    return;
  }
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  try {
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    found("asked").value = (await firstSeen(detector, video)) || found("asked").value;
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.hidden = true;
  }
}

async function firstSeen(detector, video) {
  while (!video.hidden) {
    const codes = await detector.detect(video);
    const code = codes.find((each) => askedIn(each.rawValue));
    if (code) return code.rawValue;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  return "";
}

// ----------------------------------------------------------------------------------------------------------------------

// Where a browser does not let a page copy, the text is marked, and the person copies it.
async function copy(event) {
  const field = found(event.target.dataset.copy);
  field.select();
  await navigator.clipboard.writeText(field.value).then(() => said("copied"), () => {});
}

document.addEventListener("DOMContentLoaded", async () => {
  if (!window.isSecureContext) return trouble("insecure");
  found("making").addEventListener("submit", acting(make, "failed"));
  found("letters").addEventListener("click", acting(offer, "unreachable"));
  found("looking").addEventListener("submit", acting(look, "failed"));
  found("delete").addEventListener("click", acting(remove, "failed"));
  found("camera").addEventListener("click", acting(scan, "noCamera"));
  for (const button of document.querySelectorAll("[data-copy]")) button.addEventListener("click", acting(copy, "failed"));
  found("camera").hidden = !("BarcodeDetector" in window);
  await show().catch(() => trouble("failed"));
  takeAddress();
  return undefined;
});
addEventListener("hashchange", takeAddress);
