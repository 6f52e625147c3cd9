// The phone's key: made here, kept here, and used here alone (S-26). This file knows neither the page nor the network.
"use strict";

const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SIGNING = { name: "ECDSA", hash: "SHA-256" };
const DATABASE = "cccd-phone";
const STORE = "keys";
const MINE = "mine";

// --- where it is kept -------------------------------------------------------------------------------------------------

function openedDatabase() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function inStore(mode, act) {
  const database = await openedDatabase();
  try {
    return await new Promise((resolve, reject) => {
      const change = database.transaction(STORE, mode);
      const asked = act(change.objectStore(STORE));
      change.oncomplete = () => resolve(asked.result);
      change.onabort = () => reject(change.error);
    });
  } finally {
    database.close();
  }
}

const keptKey = () => inStore("readonly", (store) => store.get(MINE));
const deleteKey = () => inStore("readwrite", (store) => store.delete(MINE));

// Not extractable: no script reads the private half, and the browser keeps it as it is. `add` overwrites no key that
// another tab has made meanwhile.
async function makeKey(name) {
  const pair = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
  await inStore("readwrite", (store) => store.add({ pair, name }, MINE));
  // A browser that is short of space forgets the rest first.
  if (navigator.storage && navigator.storage.persist) await navigator.storage.persist();
}

// --- what is said of it, and by it ------------------------------------------------------------------------------------

function base64url(bytes) {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const utf8 = (text) => new TextEncoder().encode(text);

// Members and order of RFC 7638 §3.2, so that its digest is the key's thumbprint.
async function publicJwk(pair) {
  const { crv, kty, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  return JSON.stringify({ crv, kty, x, y });
}

async function thumbprint(jwk) {
  return base64url(await crypto.subtle.digest("SHA-256", utf8(jwk)));
}

// What a desk asks to confirm: {transaction, reference}, from the short text, an address that ends in it, or the
// statement itself; null for anything else. The letters allowed cannot leave the JSON that is signed.
function askedIn(text) {
  const short = text.match(/(?:^|#)cccd-confirm:([\w-]{1,100}):([A-Z0-9]{1,8})$/);
  if (short) return { transaction: short[1], reference: short[2] };
  const whole = text.match(/^\{"purpose":"activate","reference":"([A-Z0-9]{1,8})","transaction":"([\w-]{1,100})"\}$/);
  return whole && { transaction: whole[2], reference: whole[1] };
}

// A compact JWS (RFC 7515 §7.1); WebCrypto gives the signature as r || s, which is what ES256 wants (RFC 7518 §3.4).
async function confirmation(pair, { transaction, reference }) {
  const header = '{"alg":"ES256","typ":"cccd-activation+jwt"}';
  const payload = `{"purpose":"activate","reference":"${reference}","transaction":"${transaction}"}`;
  const signed = `${base64url(utf8(header))}.${base64url(utf8(payload))}`;
  return `${signed}.${base64url(await crypto.subtle.sign(SIGNING, pair.privateKey, utf8(signed)))}`;
}
