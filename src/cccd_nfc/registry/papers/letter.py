"""The written answer to an authority's request (R-088, R-089, L-17): what it says, before anything is drawn.

Its digest goes into the audit entry of the decision, so that a letter shown years later is the one that was decided;
it is over what the letter says and not over the PDF, which another version of the library writes otherwise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cccd_nfc.errors import EncodingError, RefusedError, SignatureError
from cccd_nfc.registry import signed
from cccd_nfc.registry.clock import moment_of
from cccd_nfc.registry.lock_grounds import LockGround, Role, profile_named
from cccd_nfc.registry.models import LockRequest

LETTER_TYPE = "cccd-letter+jwt"


@dataclass(frozen=True, slots=True)
class Letter:
    """unit: who answers, empty where it is written by hand.  account: the masked number, the one thing about a person.

    document, document_date: of the request.  decided_at: ISO 8601, UTC.  signer: the role that the law lets decide.
    """

    request: str
    unit: str
    agency: str
    document: str
    document_date: str
    kind: str
    account: str
    granted: bool
    reason: str
    clause: str
    decided_at: str
    decided_by: str
    signer: str

    @property
    def digest(self) -> str:
        """SHA-256 over the letter as canonical JSON (RFC 8785), hex."""
        return hashlib.sha256(rfc8785.dumps(asdict(self))).hexdigest()


def letter_of(request: LockRequest, account: str) -> Letter:
    """The answer to a request that is decided; account: the masked number. RefusedError for one that is not."""
    if request.decided_at is None:
        raise RefusedError("the request has not been decided yet")
    rule = profile_named(request.profile).grounds[LockGround(request.ground)]
    return Letter(
        request=request.id,
        unit=request.unit,
        agency=request.agency,
        document=request.document,
        document_date=request.document_date,
        kind=request.kind,
        account=account,
        granted=request.state == "APPROVED",
        reason=request.refusal,
        clause=rule.clause,
        decided_at=moment_of(request.decided_at).isoformat(),
        decided_by=request.decided_by,
        signer=Role.AGENCY_HEAD if rule.forward_days else Role.UNIT_HEAD,
    )


def sign_letter(key: Ed25519PrivateKey, letter: Letter, pdf: bytes) -> str:
    """A compact JWS that goes beside the PDF: its SHA-256, and what the letter decides."""
    decision = "granted" if letter.granted else "refused"
    said = {"request": letter.request, "document": letter.document, "kind": letter.kind, "decision": decision}
    digests = {"letter": letter.digest, "pdf": hashlib.sha256(pdf).hexdigest()}
    return signed.sign(key, LETTER_TYPE, {**said, **digests, "time": letter.decided_at})


def verify_letter(pdf: bytes, token: str, public_key: str) -> Mapping[str, Any]:
    """What was signed: request, document, kind, decision, time, letter, pdf.

    Raises SignatureError when that key did not sign it or the PDF is another, EncodingError when it is no signature.
    """
    content = signed.verified(token, public_key, LETTER_TYPE)
    wanted = ("request", "document", "kind", "decision", "time", "letter", "pdf")
    if not all(isinstance(content.get(name), str) for name in wanted):
        raise EncodingError("not the signature of a letter")
    if content["pdf"] != hashlib.sha256(pdf).hexdigest():
        raise SignatureError("the letter is not the one that was signed")
    return content
