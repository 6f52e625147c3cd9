"""An offline desk: it verifies cards, locks, and binds provisionally, all into a journal for the registry (S-40).

The chip's challenge is drawn from the station's key, the device's key and a nonce of the station, which the signed
record holds (S-27). What this cannot show: that the nonce was new. A station that is in bad hands can choose nonces,
and so hand in a reading that it made before for the same phone; it cannot turn a reading to another phone, nor use
one twice, since the registry takes each evidence once. A station is enabled by name for that reason, and the binding
is nobody's before the registry has taken it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cccd_nfc.errors import NotVerifiedError, RefusedError
from cccd_nfc.evidence import Evidence
from cccd_nfc.inspection.policy import FIELD
from cccd_nfc.inspection.verifying import verify
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.registry.clock import Clock, utc_now
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround
from cccd_nfc.registry.offline_journal import Journal, Record, Station
from cccd_nfc.registry.phone import DeviceKey, check_statement
from cccd_nfc.sentences import Said

CHALLENGE_LIFE = timedelta(minutes=5)
TRIES = 5
_DOMAIN = b"cccd_nfc offline challenge 1"


def offline_challenge(station: DeviceKey, device: DeviceKey, nonce: bytes) -> bytes:
    """What the chip signs, 8 bytes: of SHA-256 over the station's key, the device's key and 16 bytes of chance."""
    parts = (_DOMAIN, station.thumbprint.encode(), device.thumbprint.encode(), nonce)
    return hashlib.sha256(b"".join(len(part).to_bytes(2, "big") + part for part in parts)).digest()[:8]


@dataclass(slots=True)
class OfflineBinding:
    """One binding under way at the desk. challenge: for the chip.  code: shown at the desk, typed on the phone."""

    device: DeviceKey
    nonce: bytes = field(repr=False)
    challenge: bytes = field(repr=False)
    code: str = field(repr=False)
    begun_at: datetime
    label: str = ""
    tries_left: int = TRIES
    evidence: Evidence | None = field(default=None, repr=False)

    def statement_facts(self, station: str) -> dict[str, str]:
        """What the phone signs, for the purpose "offline-bind"."""
        return {"station": station, "nonce": self.nonce.hex(), "code": self.code}


@dataclass(frozen=True, slots=True)
class OfflineDesk:
    """trust: the desk's own trust store; the registry verifies again with its own."""

    station: Station
    journal: Journal
    trust: TrustStore
    clock: Clock = utc_now

    def take_pass(self, token: str) -> Record:
        """Writes down what the registry gave at the last contact: what changed since then, the desk cannot know."""
        return self.journal.append(self.station, "pass", {"pass": token}, self.clock())

    def lock(
        self, number: str, reason: LockReason, *, officer: str, ground: LockGround = LockGround.OWNER_REQUEST
    ) -> Record:
        """A lock, that wins over every binding that was made offline. Tightening is safe."""
        facts = {"number": number, "reason": str(reason), "ground": str(ground), "officer": officer}
        return self.journal.append(self.station, "lock", facts, self.clock())

    def begin(self, device: DeviceKey, *, label: str = "") -> OfflineBinding:
        nonce = secrets.token_bytes(16)
        challenge = offline_challenge(self.station.keys.public, device, nonce)
        code = f"{secrets.randbelow(10**6):06d}"
        return OfflineBinding(device, nonce, challenge, code, self.clock(), label[:80])

    def accept(self, binding: OfflineBinding, evidence: Evidence) -> str:
        """The code to show at the desk, once the card has proved itself; NotVerifiedError when it has not."""
        now = self.clock()
        if not timedelta(0) <= now - binding.begun_at < CHALLENGE_LIFE:
            raise RefusedError("the binding has expired; begin again")
        if verify(evidence, self.trust, FIELD, now=now).verified_identity().grade not in ("A", "B"):
            raise NotVerifiedError("only Active Authentication proves to others that this chip signed; it is missing")
        proof = evidence.active_authentication
        if proof is None or not hmac.compare_digest(proof.challenge, binding.challenge):
            raise NotVerifiedError("the card did not sign for this station and this device")
        binding.evidence = evidence
        return binding.code

    def bind(self, binding: OfflineBinding, code: str, statement: str, *, officer: str, face_checked: bool) -> Record:
        """The provisional binding, signed by station and device, in the journal (DS-11).

        code: as it was typed on the phone.  statement: what the phone signed.  face_checked: the officer has compared
        face and card, which stands for the SIM that an offline desk cannot reach. RefusedError where one is missing.
        """
        if binding.evidence is None:
            raise RefusedError("the card was not read yet")
        if not (officer and face_checked):
            raise RefusedError("without the officer's check of the face nothing is bound offline")
        if not timedelta(0) <= self.clock() - binding.begun_at < 2 * CHALLENGE_LIFE:
            raise RefusedError("the binding has expired; begin again")
        _check_code(binding, code)
        facts = binding.statement_facts(self.station.id)
        check_statement(statement, binding.device, "offline-bind", **facts)
        binding.tries_left = 0  # one binding gives one record
        content = {
            "device": binding.device.pem,
            "label": binding.label,
            "nonce": binding.nonce.hex(),
            "code": binding.code,
            "statement": statement,
            "officer": officer,
            "evidence": binding.evidence.to_bytes().decode(),
        }
        return self.journal.append(self.station, "bind", content, self.clock())


def _check_code(binding: OfflineBinding, code: str) -> None:
    if binding.tries_left <= 0:
        raise RefusedError("the code was used, or has no tries left; begin again")
    binding.tries_left -= 1
    if not hmac.compare_digest(code.strip().encode(), binding.code.encode()):
        raise RefusedError(Said("the code is wrong; {left} tries left", left=binding.tries_left))
