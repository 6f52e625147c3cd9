"""The phone's side of the API: what an app does, call by call. A developer drives it, and the tests do."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2

from cccd_nfc.api.answers import Begun, CodeSent, CodeShown, Done, HandedOver, Receipt
from cccd_nfc.api.answers_owner import DeviceStanding, LoggedIn, Messages, OwnDevice, OwnDevices, Owner, Waiting
from cccd_nfc.api.client_http import Sending, secrets_json
from cccd_nfc.evidence import Evidence
from cccd_nfc.registry.account_secrets import NewSecrets
from cccd_nfc.registry.attestations import Attestation
from cccd_nfc.registry.borrowed import HandOverCode
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.phone import Phone


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class PhoneClient(Sending):
    """Calls a registry's service as the phone whose key is given, and proves by it that the call is the phone's.

    token: of the login that `log_in` has opened, and empty without one.  clock: the phone's.
    """

    phone: Phone = field(repr=False)
    token: str = field(default="", repr=False, kw_only=True)
    clock: Callable[[], datetime] = field(default=_now, repr=False, kw_only=True)
    _nonce: str = field(default="", init=False, repr=False)

    def __enter__(self) -> PhoneClient:
        return self

    # --- F1: this phone becomes the account's one device --------------------------------------------------------------

    def begin(self, label: str = "", attestation: Attestation | None = None) -> Begun:
        """attestation: what the phone's platform says of its key."""
        asked: dict[str, Any] = {"label": label}
        if attestation is not None:
            content = base64.b64encode(attestation.content).decode()
            asked["attestation"] = {"format": attestation.format.value, "content": content}
        return self._post("/v1/transactions", asked, Begun)

    def submit(self, transaction_id: str, evidence: Evidence, number: str | None = None, by: str = "") -> CodeSent:
        """by: "sim" or "device", where the registry leaves it to the phone which way its code takes."""
        asked = {"evidence": evidence.to_json(), **_given(number=number, by=by)}
        return self._post(f"/v1/transactions/{transaction_id}/evidence", asked, CodeSent)

    def resend(self, transaction_id: str, by: str = "") -> CodeSent:
        return self._post(f"/v1/transactions/{transaction_id}/code", _given(by=by), CodeSent)

    def confirm(self, transaction_id: str, reference: str, code: str, secrets: NewSecrets | None = None) -> str:
        """The signed receipt; the phone signs for the code that `reference` names.

        secrets: for a first activation, where the registry asks for them.
        """
        asked: dict[str, Any] = {"code": code, "confirmation": self.phone.confirm(transaction_id, reference)}
        if secrets is not None:
            asked["secrets"] = secrets_json(secrets)
        return self._post(f"/v1/transactions/{transaction_id}/confirmation", asked, Receipt).receipt

    # --- F2: another phone reads the card -----------------------------------------------------------------------------

    def hand_over(self, transaction_id: str) -> HandedOver:
        """By the owner's phone, after `begin`: what the borrowed phone scans."""
        asked = {"statement": self.phone.state("hand-over", transaction=transaction_id)}
        return self._post(f"/v1/transactions/{transaction_id}/hand-over", asked, HandedOver)

    def redeem(self, text: str, label: str = "", platform: str = "") -> Begun:
        """By the borrowed phone: the challenge for the card. RefusedError for a text that is no hand-over's."""
        transaction_id, _, _ = HandOverCode.parts(text)
        statement = self.phone.state("redeem", transaction=transaction_id)
        asked = {"text": text, "statement": statement, "label": label, "platform": platform}
        return self._post("/v1/borrowed", asked, Begun)

    def submit_borrowed(self, transaction_id: str, evidence: Evidence, number: str | None = None) -> CodeShown:
        """By the borrowed phone: code and reference, which it shows; the owner's phone confirms with both."""
        digest = evidence.digest().hex()
        statement = self.phone.state("evidence", transaction=transaction_id, digest=digest)
        asked = {"evidence": evidence.to_json(), "statement": statement, **_given(number=number)}
        return self._post(f"/v1/borrowed/{transaction_id}/evidence", asked, CodeShown)

    # --- an owner's login ---------------------------------------------------------------------------------------------

    def log_in(
        self, number: str, password: str, *, label: str = "", platform: str = "", client_version: str = ""
    ) -> LoggedIn:
        """Opens a login, whose token the client keeps for the calls below."""
        asked = {"number": number, "password": password, "label": label}
        asked |= {"platform": platform, "client_version": client_version}
        opened = self._post("/v1/logins", asked, LoggedIn)
        self.token = opened.token
        return opened

    def log_out(self) -> None:
        self._post("/v1/logout", {}, Done, self.token)
        self.token = ""

    def whose(self) -> Owner:
        return self._get("/v1/owner", Owner, self.token)

    def devices(self) -> tuple[OwnDevice, ...]:
        return self._get("/v1/owner/devices", OwnDevices, self.token).devices

    def unlink(self, thumbprint: str) -> str:
        """The signed receipt of the active device's end; the login has ended with it."""
        receipt = self._post("/v1/owner/unlinking", {"thumbprint": thumbprint}, Receipt, self.token).receipt
        self.token = ""
        return receipt

    def change_password(self, old: str, new: str) -> None:
        self._post("/v1/owner/password", {"old": old, "new": new}, Done, self.token)

    def confirm_use(self, passcode: str, service: str) -> None:
        """Returns when the passcode allows the use of the service."""
        self._post("/v1/owner/confirmations", {"passcode": passcode, "service": service}, Done, self.token)

    def lock(self, number: str, password: str, reason: LockReason, passcode: str = "") -> None:
        """Locks an account from whatever phone this is; it needs no login."""
        asked = {"number": number, "password": password, "reason": reason.value, **_given(passcode=passcode)}
        self._post("/v1/locks", asked, Done)

    # --- the device, by its key ---------------------------------------------------------------------------------------

    def standing(self, number: str | None = None) -> DeviceStanding:
        """How this device stands. number: the account meant, where a family shares the phone."""
        return self._post("/v1/device/standing", _given(number=number), DeviceStanding)

    def messages(self) -> tuple[Waiting, ...]:
        """What waits for this device. It is given out once: what is lost on the way has to be asked for again."""
        return self._post("/v1/device/messages", {}, Messages).messages

    def unlink_itself(self, number: str | None = None) -> str:
        """The signed receipt of this device's end, to which its owner has said yes."""
        return self._post("/v1/device/unlinking", _given(number=number), Receipt).receipt

    # --- proofs -------------------------------------------------------------------------------------------------------

    def _headers(self, method: str, url: str, token: str) -> dict[str, str]:
        proof = self.phone.prove(method, url, self.clock(), nonce=self._nonce, access_token=token)
        return {"DPoP": proof, **({"Authorization": f"DPoP {token}"} if token else {})}

    def _heard(self, answer: httpx2.Response) -> bool:
        given = answer.headers.get("DPoP-Nonce", "")
        self._nonce = given or self._nonce
        return answer.status_code == 401 and bool(given)


def _given(**optional: str | None) -> dict[str, Any]:
    """What was said, without what was left out."""
    return {name: value for name, value in optional.items() if value}
