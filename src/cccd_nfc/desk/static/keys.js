// Security keys (WebAuthn): the browser talks to the key, the desk to the browser; the registry decides.
"use strict";

async function sent(path, fields) {
  const csrf = document.querySelector('meta[name="csrf"]').content;
  const answer = await fetch(path, { method: "POST", headers: { "X-CSRF": csrf }, body: new URLSearchParams(fields) });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error);
  return said;
}

async function answered(kind, options) {
  if (kind === "register") {
    return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
  }
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
}

async function ceremony(box) {
  const fields = {};
  for (const input of document.querySelectorAll('#login, .key input')) fields[input.name] = input.value;
  const begun = await sent(box.dataset.begin, fields);
  let key;
  try {
    key = await answered(box.dataset.key, begun.options);
  } catch {
    throw new Error(box.querySelector("[data-silent]").dataset.silent);
  }
  return sent(box.dataset.end, { ...fields, ceremony: begun.ceremony, answer: JSON.stringify(key.toJSON()) });
}

function say(element, text) {
  element.textContent = text;
  element.hidden = false;
}

document.addEventListener("click", async (event) => {
  const box = event.target.closest("button") && event.target.closest(".key");
  if (!box) return;
  const trouble = box.querySelector("[data-silent]");
  trouble.hidden = true;
  try {
    const done = await ceremony(box);
    if (done.go) location.assign(done.go);
    else say(box.querySelector("[data-done]"), box.querySelector("[data-done]").dataset.done);
  } catch (error) {
    say(trouble, error.message);
  }
});
