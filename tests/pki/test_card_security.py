"""EF.CardSecurity: its SecurityInfos count when its issuer is as trusted as that of EF.SOD must be, and not otherwise.

CSCA (key 1) --signs--> document signer (key 50) --signs--> EF.CardSecurity over SecurityInfos
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cccd_nfc.errors import CccdError, UnsupportedError
from cccd_nfc.evidence import Evidence
from cccd_nfc.inspection.reading import read
from cccd_nfc.inspection.request import Request
from cccd_nfc.inspection.verifying import verify
from cccd_nfc.lds.security_infos import PACEInfo, encode_pace_info, encode_security_infos, parse_card_access
from cccd_nfc.lds.sod import LDS_SECURITY_OBJECT, unwrap_sod
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.crl import CertificateRevocationList
from cccd_nfc.pki.passive_authentication import authentic_card_security
from cccd_nfc.pki.security_object import SECURITY_INFOS, check_signature, parse_card_security
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.protocol.passwords import Password
from cccd_nfc.report import Check, CheckName, Outcome
from cccd_nfc.simulator.card import CardData
from cccd_nfc.simulator.chip import Chip
from cccd_nfc.simulator.personalisation import personalise
from cccd_nfc.simulator.seeded import SeededBytes
from cccd_nfc.simulator.transport import SimulatedTransport
from pki.issuing import NOW, SIGNED_AT, Holder, crl, csca, document_signer, key_usage, name, sod

CSCA = csca()
SIGNER = document_signer(CSCA)
INFOS = encode_security_infos([encode_pace_info(PACEInfo("0.4.0.127.0.7.2.2.4.2.2", 2, 13))])


def card_security(signer: Holder = SIGNER, content: bytes = INFOS, **options: Any) -> bytes:
    """EF.CardSecurity: the same CMS as in EF.SOD, with another content and without the tag around it."""
    return unwrap_sod(sod(signer, content=content, **{"content_type": SECURITY_INFOS, **options}))


def authentic(
    raw: bytes,
    *,
    anchors: tuple[Holder, ...] = (CSCA,),
    crls: tuple[CertificateRevocationList, ...] = (),
    now: datetime = NOW,
    country: str = "UT",
) -> bytes | None:
    """country: of the signer of EF.SOD, which must be the same."""
    trust = TrustStore(tuple(each.parsed for each in anchors), crls)
    return authentic_card_security({"EF.CardSecurity": raw}, trust, now, country)


RIGHT = card_security()


# --- whose signature counts -----------------------------------------------------------------------------------------


def test_what_a_trusted_state_signed_is_authentic_to_the_byte() -> None:
    """With a fresh revocation list, and without one: a list is missing more often than not."""
    assert authentic(RIGHT) == authentic(RIGHT, crls=(crl(CSCA),)) == INFOS
    assert parse_card_access(INFOS).pace[0].parameter_id == 13


def test_a_signer_that_has_expired_since_signing_still_counts() -> None:
    assert authentic(card_security(document_signer(CSCA, years=(2021, 2024)))) == INFOS


REFUSED: dict[str, Callable[[], bytes | None]] = {
    "a wrong signature": lambda: authentic(card_security(signature=bytes(64))),
    "another content than was signed": lambda: authentic(RIGHT.replace(INFOS, INFOS[:-1] + b"\x0e")),
    "a document of another state": lambda: authentic(RIGHT, country="XX"),
    "a document of nobody": lambda: authentic(RIGHT, country=""),
    "a CSCA that is not known": lambda: authentic(RIGHT, anchors=(csca(2),)),
    "no trust at all": lambda: authentic_card_security({"EF.CardSecurity": RIGHT}, TrustStore.empty(), NOW, "UT"),
    "a forger who takes the name of the CSCA": lambda: authentic(card_security(document_signer(csca(9)))),
    "the signer's own certificate as anchor": lambda: authentic(RIGHT, anchors=(SIGNER,)),
    "a key that is not for signatures": lambda: authentic(
        card_security(document_signer(CSCA, usage=key_usage("key_agreement")))
    ),
    "a signer that had expired when it signed": lambda: authentic(
        card_security(document_signer(CSCA, years=(2015, 2020)))
    ),
    "an expired signer that does not say when it signed": lambda: authentic(
        card_security(document_signer(CSCA, years=(2021, 2024)), signing_time=None)
    ),
    "a signer of the future": lambda: authentic(RIGHT, now=SIGNED_AT - timedelta(days=400)),
    "a revoked signer": lambda: authentic(RIGHT, crls=(crl(CSCA, SIGNER.parsed.serial),)),
    "no certificate": lambda: authentic(card_security(certificates=[])),
    "the content of EF.SOD": lambda: authentic(card_security(content_type=LDS_SECURITY_OBJECT)),
    "content of no known kind": lambda: authentic(card_security(content_type="1.2.840.113549.1.7.1")),
    "the tag of EF.SOD around it": lambda: authentic(sod(SIGNER, content=INFOS, content_type=SECURITY_INFOS)),
    "EF.SOD in its place": lambda: authentic(sod(SIGNER)),
    "nothing": lambda: authentic(b""),
    "a byte too few": lambda: authentic(RIGHT[:-1]),
    "SecurityInfos that nobody signed": lambda: authentic(INFOS),
}


@pytest.mark.parametrize("why", REFUSED)
def test_it_does_not_count_with(why: str) -> None:
    assert REFUSED[why]() is None


def test_a_chip_without_the_file_has_none() -> None:
    assert authentic_card_security({"EF.SOD": sod(SIGNER)}, TrustStore((CSCA.parsed,)), NOW, "UT") is None


def test_other_content_is_named_as_unsupported() -> None:
    with pytest.raises(UnsupportedError, match=r"EF\.CardSecurity: signed content of the kind 2\.23\.136"):
        parse_card_security(card_security(content_type=LDS_SECURITY_OBJECT))


def test_no_changed_bit_gives_other_security_infos() -> None:
    """Every 7th bit, which meets each bit of a byte: the content comes out as it was signed, or not at all."""
    for bit in range(0, len(RIGHT) * 8, 7):
        changed = bytearray(RIGHT)
        changed[bit // 8] ^= 1 << bit % 8
        assert authentic(bytes(changed)) in (None, INFOS), bit


# --- what a report makes of it --------------------------------------------------------------------------------------


CARDS_CSCA = csca(3, subject=name("CSCA Synthetic Two", "VN"))
CARDS_SIGNER = document_signer(CARDS_CSCA, 53, subject=name("Document Signer", "VN"))
"""Of the state of the simulated card."""


@cache
def card() -> CardData:
    return personalise("cccd-2021", seed=1, today=NOW.date())


@cache
def evidence() -> Evidence:
    chip = SimulatedTransport(Chip(card(), SeededBytes(7, "chip")))
    request = Request(Password.can(card().secrets.can), bytes(8))
    return read(request, chip, random_bytes=SeededBytes(8, "terminal"), now=NOW)


def card_access_of(files: Mapping[str, bytes], without: str = "EF.DG14") -> Check:
    """`card-access-authenticity` of a chip that lacks the file `without` and has `files` besides."""
    kept = {name: raw for name, raw in evidence().files.items() if name != without}
    trust = TrustStore((Certificate.parse(card().trust["csca.cer"]), CARDS_CSCA.parsed, CSCA.parsed))
    report = verify(replace(evidence(), files={**kept, **files}), trust, now=NOW)
    return report.check(CheckName.CARD_ACCESS_AUTHENTICITY)


def test_a_chip_without_dg14_shows_by_card_security_that_its_offer_was_not_changed() -> None:
    offered = card().files["EF.CardAccess"]
    assert card_access_of({}).outcome is Outcome.INDETERMINATE
    check = card_access_of({"EF.CardSecurity": card_security(CARDS_SIGNER, content=offered)})
    assert card_access_of({"EF.CardSecurity": card_security(content=offered)}).outcome is Outcome.INDETERMINATE
    assert check.outcome is Outcome.PASSED
    assert check.detail == "EF.CardAccess offers the same PACE as the signed EF.CardSecurity"


def test_another_offer_than_in_card_security_fails() -> None:
    weaker = encode_security_infos([encode_pace_info(PACEInfo("0.4.0.127.0.7.2.2.4.2.1", 2, 12))])
    check = card_access_of({"EF.CardSecurity": card_security(CARDS_SIGNER, content=weaker)})
    assert check.outcome is Outcome.FAILED
    assert "EF.CardSecurity" in check.detail


@pytest.mark.parametrize(
    "raw",
    [
        card_security(document_signer(csca(9)), card().files["EF.CardAccess"]),
        card_security(CARDS_SIGNER, content=b"\x31\x03\x30"),
        card_security(CARDS_SIGNER, content=b""),
        b"\x30",
    ],
    ids=["forged", "broken infos", "empty", "broken file"],
)
def test_card_security_that_does_not_count_leaves_the_question_open(raw: bytes) -> None:
    assert card_access_of({"EF.CardSecurity": raw}).outcome is Outcome.INDETERMINATE


def test_an_authentic_dg14_comes_first() -> None:
    weaker = encode_security_infos([encode_pace_info(PACEInfo("0.4.0.127.0.7.2.2.4.2.1", 2, 12))])
    check = card_access_of({"EF.CardSecurity": card_security(CARDS_SIGNER, content=weaker)}, without="")
    assert check.outcome is Outcome.PASSED
    assert "EF.DG14" in check.detail


# --- as published ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def published(realdata: Path) -> dict[str, bytes]:
    names = json.loads((realdata / "expected.json").read_text())["card_security"]
    return {name: (realdata / name).read_bytes() for name in names}


@pytest.mark.realdata
def test_published_files_are_rightly_signed_and_hold_what_a_terminal_needs(published: dict[str, bytes]) -> None:
    """A card of the German eID (explicit curve parameters), and the worked example of BSI TR-03110 (RSA-PSS)."""
    assert len(published) == 2
    for path, raw in published.items():
        signed = parse_card_security(raw)
        signature = check_signature(signed, TrustStore.empty())
        assert signature.finding.outcome is Outcome.PASSED, path
        assert signature.signer is not None
        assert signature.signer.country == "DE"
        infos = parse_card_access(signed.content)
        assert infos.pace and infos.chip_authentication, path
        assert authentic_card_security({"EF.CardSecurity": raw}, TrustStore.empty(), NOW, "DE") is None


@pytest.mark.realdata
def test_a_changed_byte_of_published_security_infos_is_found(published: dict[str, bytes]) -> None:
    for path, raw in published.items():
        content = parse_card_security(raw).content
        begin = raw.index(content)
        for at in range(begin, begin + len(content), 5):
            changed = raw[:at] + bytes((raw[at] ^ 1,)) + raw[at + 1 :]
            try:
                finding = check_signature(parse_card_security(changed), TrustStore.empty()).finding
            except CccdError:
                continue
            assert finding.outcome is Outcome.FAILED, (path, at)
