"""WebAuthn in our words: what a FIDO2 key is asked, and what its answer proves. The one place for that library.

A key asks for its PIN or a finger, so that it is two factors by itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from joserfc.jwk import ECKey

from cccd_nfc.errors import RefusedError, UsageError

Found = TypeVar("Found")
NOT_ACCEPTED = "the key's answer was not accepted"


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Whom the key answers. id: the host's name.  origin: the page's, such as https://desk.example."""

    id: str
    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class NewKey:
    """id: the credential's, base64url.  public_key: COSE.  thumbprint: RFC 7638, of a key on P-256; empty for others,
    which no account's device can be."""

    id: str
    public_key: bytes
    sign_count: int
    thumbprint: str


def registration_options(
    party: RelyingParty, user: bytes, login: str, challenge: bytes, known: list[str], life: timedelta
) -> str:
    """JSON for `navigator.credentials.create`. known: ids of keys that the officer has already."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers.structs import AuthenticatorSelectionCriteria, UserVerificationRequirement

    options = generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_name=login,
        user_id=user,
        challenge=challenge,
        timeout=life // timedelta(milliseconds=1),
        authenticator_selection=AuthenticatorSelectionCriteria(user_verification=UserVerificationRequirement.REQUIRED),
        exclude_credentials=_descriptors(known),
    )
    return options_to_json(options)


def login_options(party: RelyingParty, challenge: bytes, known: list[str], life: timedelta) -> str:
    """JSON for `navigator.credentials.get`. known: ids of the keys that may answer."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=life // timedelta(milliseconds=1),
        allow_credentials=_descriptors(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def check_registration(party: RelyingParty, answer: dict[str, Any], challenge: bytes) -> NewKey:
    """The key that has answered; RefusedError when the answer is not for this challenge, host and page."""
    from webauthn import verify_registration_response

    def check() -> NewKey:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
        public = made.credential_public_key
        return NewKey(credential_name(made.credential_id), public, made.sign_count, _thumbprint(public))

    return _checked(check)


def check_login(
    party: RelyingParty, answer: dict[str, Any], challenge: bytes, public_key: bytes, sign_count: int
) -> int:  # fmt: skip
    """The key's new counter; RefusedError when the answer is not right, or the counter has not grown: a copy."""
    from webauthn import verify_authentication_response

    return _checked(
        lambda: (
            verify_authentication_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=party.id,
                expected_origin=party.origin,
                credential_public_key=public_key,
                credential_current_sign_count=sign_count,
                require_user_verification=True,
            ).new_sign_count
        )
    )


def parsed(answer: str) -> dict[str, Any]:
    """The answer as the page gives it; UsageError for what is no JSON object."""
    try:
        said = json.loads(answer)
    except ValueError as error:
        raise UsageError("the key's answer is not JSON") from error
    if not isinstance(said, dict):
        raise UsageError("the key's answer is not JSON")
    return said


def credential_name(raw: bytes) -> str:
    """A credential's id as it is kept: base64url without padding."""
    from webauthn.helpers import bytes_to_base64url

    return bytes_to_base64url(raw)


def _descriptors(ids: list[str]) -> list[Any]:
    from webauthn import base64url_to_bytes
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(each)) for each in ids]


def _checked(check: Callable[[], Found]) -> Found:
    """What the library finds; whatever it stumbles over in the answer is a refusal, and not said."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        return check()
    except (WebAuthnException, UnsupportedAlgorithm, ValueError, TypeError, KeyError, AttributeError) as error:
        raise RefusedError(NOT_ACCEPTED) from error


def _thumbprint(cose: bytes) -> str:
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from webauthn.helpers import decode_credential_public_key
    from webauthn.helpers.decoded_public_key_to_cryptography import decoded_public_key_to_cryptography

    key = decoded_public_key_to_cryptography(decode_credential_public_key(cose))
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        return ""
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return ECKey.import_key(pem).thumbprint()
