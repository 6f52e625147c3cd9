"""Proofs of a device's key: what one must say, what is refused, and that it serves once (S-26, S-29)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey

from cccd_nfc.errors import CccdError, NonceNeededError, RefusedError
from cccd_nfc.registry import dpop
from cccd_nfc.registry.phone import Phone
from registry_processes import race
from registry_support import URL, Desk

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
NONCES = dpop.Nonces(b"k" * 32)
PHONE = Phone.new()


def proof(phone: Phone = PHONE, **changed: Any) -> str:
    """A proof as the phone makes it, with claims and header (`h_...`) changed; None leaves one out."""
    key = ECKey.import_key(phone.private_pem)
    claims: dict[str, Any] = {"jti": "j" * 20, "htm": "POST", "htu": URL, "iat": int(NOW.timestamp())}
    claims["nonce"] = NONCES.issue(NOW)
    header: dict[str, Any] = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False)}
    for name, value in changed.items():
        chosen = header if name.startswith("h_") else claims
        chosen[name.removeprefix("h_")] = value
    claims = {name: value for name, value in claims.items() if value is not None}
    header = {name: value for name, value in header.items() if value is not None}
    return jws.serialize_compact(header, json.dumps(claims), key, algorithms=["ES256"])


def check(token: str, htm: str = "POST", htu: str = URL, **more: Any) -> dpop.Proof:
    return dpop.verify(token, htm, htu, NONCES, NOW, **more)


@pytest.mark.row("S-26")
def test_s26_a_proof_says_whose_key_it_is() -> None:
    assert check(proof()).key == PHONE.public
    assert check(PHONE.prove("POST", URL, NOW, nonce=NONCES.issue(NOW))).key == PHONE.public
    token = PHONE.prove("GET", URL, NOW, nonce=NONCES.issue(NOW), access_token="abc")
    assert check(token, "GET", access_token="abc").key == PHONE.public


def other_key_in_the_header() -> str:
    return proof(h_jwk=ECKey.import_key(Phone.new().private_pem).as_dict(private=False))


def private_key_in_the_header() -> str:
    return proof(h_jwk=ECKey.import_key(PHONE.private_pem).as_dict(private=True))


def signed_by_hmac() -> str:
    header = {"typ": "dpop+jwt", "alg": "HS256", "jwk": {"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}}
    key = OctKey.import_key("secretsecretsecretsecret")
    return jws.serialize_compact(header, b"{}", key, algorithms=["HS256"])


def on_another_curve() -> str:
    key = ECKey.generate_key("P-384")
    header = {"typ": "dpop+jwt", "alg": "ES384", "jwk": key.as_dict(private=False)}
    return jws.serialize_compact(header, b"{}", key, algorithms=["ES384"])


def by_rsa() -> str:
    key = RSAKey.generate_key(2048)
    header = {"typ": "dpop+jwt", "alg": "RS256", "jwk": key.as_dict(private=False)}
    return jws.serialize_compact(header, b"{}", key, algorithms=["RS256"])


def unsigned() -> str:
    header, claims, _ = proof().split(".")
    none = base64.urlsafe_b64encode(json.dumps({"typ": "dpop+jwt", "alg": "none"}).encode()).rstrip(b"=").decode()
    assert header
    return f"{none}.{claims}."


def changed_afterwards() -> str:
    header, _, signature = proof().split(".")
    claims = proof(jti="another-id-of-20-chars").split(".")[1]
    return f"{header}.{claims}.{signature}"


@pytest.mark.row("S-26")
@pytest.mark.parametrize(
    "make",
    [
        other_key_in_the_header,
        private_key_in_the_header,
        signed_by_hmac,
        on_another_curve,
        by_rsa,
        unsigned,
        changed_afterwards,
        lambda: proof(h_typ="JWT"),
        lambda: proof(h_typ=None),
        lambda: proof(h_jwk=None),
        lambda: proof(h_jwk={"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}),
        lambda: proof(htm="GET"),
        lambda: proof(htm=None),
        lambda: proof(htu="https://other.example/device"),
        lambda: proof(htu="https://registry.example/devices"),
        lambda: proof(htu="https://registry.example:444/device"),
        lambda: proof(htu="http://registry.example/device"),
        lambda: proof(htu="https://me@registry.example/device"),
        lambda: proof(htu=7),
        lambda: proof(htu=None),
        lambda: proof(jti=None),
        lambda: proof(jti="short"),
        lambda: proof(jti="x" * 129),
        lambda: proof(jti=5),
        lambda: proof(iat=None),
        lambda: proof(iat="now"),
        lambda: proof(iat=True),
        lambda: proof(iat=float("nan")),
        lambda: proof(iat=int(NOW.timestamp()) - 61),
        lambda: proof(iat=int(NOW.timestamp()) + 11),
        lambda: proof(ath="x"),
        lambda: proof(padding="x" * 5000),
        lambda: "",
        lambda: "a.b.c",
        lambda: "é.b.c",
    ],
)
def test_s26_what_is_no_proof_for_this_call_is_refused(make: Callable[[], str]) -> None:
    with pytest.raises(RefusedError) as refused:
        check(make())
    assert not isinstance(refused.value, NonceNeededError)


@pytest.mark.row("S-26")
@pytest.mark.parametrize("said", [None, dpop.token_hash("other"), 3])
def test_s26_a_call_with_a_token_needs_a_proof_for_that_token(said: object) -> None:
    with pytest.raises(RefusedError, match="another token"):
        check(proof(ath=said), access_token="mine")


@pytest.mark.row("S-26")
@pytest.mark.parametrize(
    "nonce",
    [None, "", "abc", 5, dpop.Nonces(b"o" * 32).issue(NOW), NONCES.issue(NOW - timedelta(minutes=5)),
     NONCES.issue(NOW + timedelta(seconds=1)), NONCES.issue(NOW)[:-1], NONCES.issue(NOW) + "A", "é" * 43],
)  # fmt: skip
def test_s26_without_a_fresh_nonce_of_ours_the_answer_brings_one(nonce: object) -> None:
    with pytest.raises(NonceNeededError) as needed:
        check(proof(nonce=nonce))
    assert check(proof(nonce=needed.value.nonce)).key == PHONE.public


@pytest.mark.parametrize(
    "htu",
    [
        "HTTPS://Registry.Example/device",
        "https://registry.example:443/device",
        "https://registry.example/device?x=1#y",
        "https://registry.example/%64evice",
        "https://registry.example./device",
    ],
)
def test_one_address_may_be_written_in_many_ways(htu: str) -> None:
    assert check(proof(htu=htu)).key == PHONE.public


@given(token=st.text(max_size=80))
def test_any_text_is_a_proof_or_an_error_of_ours(token: str) -> None:
    with pytest.raises(CccdError):
        check(token)


@settings(max_examples=60)
@given(position=st.integers(0, 10_000), bit=st.integers(0, 6))
def test_every_changed_bit_of_a_proof_is_refused(position: int, bit: int) -> None:
    token = proof()
    at = position % len(token)
    changed = token[:at] + chr(ord(token[at]) ^ (1 << bit)) + token[at + 1 :]
    try:
        found = check(changed)
    except CccdError:
        return
    # Only the unused low bits of a base64 group may differ: the same bytes are signed.
    assert (found.key, found.proof_id) == (PHONE.public, check(token).proof_id)


@pytest.mark.row("S-29")
def test_s29_a_proof_serves_once_and_its_id_is_kept_until_it_is_too_old(desk: Desk) -> None:
    token = desk.proof(Phone.new())
    desk.registry.prove(token, "POST", URL)
    with pytest.raises(RefusedError, match="before"):
        desk.registry.prove(token, "POST", URL)
    desk.clock.go(seconds=60)
    desk.registry.expire()
    with pytest.raises(RefusedError, match="before"):
        desk.registry.prove(token, "POST", URL)
    desk.clock.go(seconds=11)
    desk.registry.expire()
    assert desk.place.ask("SELECT * FROM proof_id") == []
    with pytest.raises(RefusedError, match="too old"):
        desk.registry.prove(token, "POST", URL)


@pytest.mark.row("S-29", "S-31")
def test_s29_of_eight_calls_with_one_proof_one_is_taken(desk: Desk) -> None:
    token = desk.proof(Phone.new())
    act = lambda registry: registry.prove(token, "POST", URL)  # noqa: E731
    finishes = race(desk.place, desk.clock, [act] * 8)
    assert sum(finish.error is None for finish in finishes) == 1
    assert {type(finish.error) for finish in finishes if finish.error} == {RefusedError}
