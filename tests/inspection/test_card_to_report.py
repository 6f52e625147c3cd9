"""From the simulated chip to the report: what a genuine card gives, and what each thing wrong with one gives."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from cccd_nfc.errors import AccessDeniedError, CccdError, EncodingError, NotVerifiedError, UnsupportedError
from cccd_nfc.evidence import Evidence
from cccd_nfc.inspection.dumps import load_evidence
from cccd_nfc.inspection.policy import STRICT
from cccd_nfc.inspection.reading import read
from cccd_nfc.inspection.request import Request
from cccd_nfc.inspection.verifying import verify
from cccd_nfc.lds.security_infos import PACEInfo
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.crl import CertificateRevocationList
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.protocol.object_identifiers import CA_PROTOCOLS, PACE_PROTOCOLS
from cccd_nfc.protocol.passwords import Password
from cccd_nfc.report import CheckName, InspectionReport, Outcome, VerifiedIdentity
from cccd_nfc.simulator.card import CardData, ChipKeys
from cccd_nfc.simulator.chip import Chip
from cccd_nfc.simulator.personalisation import PROFILES, Choices, personalise
from cccd_nfc.simulator.seeded import SeededBytes
from cccd_nfc.simulator.transport import SimulatedTransport

TODAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
CHALLENGE = bytes(range(8))


@pytest.fixture(scope="module")
def card() -> CardData:
    return personalise("cccd-2021", seed=1, today=TODAY)


def trust_of(card: CardData) -> TrustStore:
    anchor = Certificate.parse(card.trust["csca.cer"])
    return TrustStore((anchor,), (CertificateRevocationList.parse(card.trust["csca.crl"]),))


def can_of(card: CardData) -> Password:
    return Password.can(card.secrets.can)


def mrz_of(card: CardData) -> Password:
    return Password.from_mrz(card.secrets.mrz)


def read_card(card: CardData, password: Password | None = None, **options: object) -> Evidence:
    request = Request(password or can_of(card), CHALLENGE, **options)  # type: ignore[arg-type]
    chip = Chip(card, SeededBytes(7, "chip"))
    return read(request, SimulatedTransport(chip), random_bytes=SeededBytes(8, "terminal"), now=NOW)


def report_of(card: CardData, evidence: Evidence | None = None, *, now: datetime = NOW) -> InspectionReport:
    return verify(evidence or read_card(card), trust_of(card), now=now)


def outcome(report: InspectionReport, name: CheckName) -> Outcome:
    return report.check(name).outcome


def test_a_genuine_card_passes_every_check(card: CardData) -> None:
    report = report_of(card)
    assert {check.name: check.outcome for check in report.checks} == dict.fromkeys(CheckName, Outcome.PASSED)
    assert report.verdict is Outcome.PASSED
    verified = report.verified_identity()
    assert verified.grade == "B"
    assert verified.identity.personal_number == card.secrets.number
    assert verify(read_card(card), trust_of(card), STRICT, now=NOW).verdict is Outcome.PASSED


@pytest.mark.parametrize(
    ("profile", "photo", "most"),
    [
        ("cccd-2021", True, 26),
        ("cccd-2021-short", True, 100),
        ("cccd-2021-short", False, 32),
        ("passport-td3", True, 26),
    ],
)
def test_a_full_read_with_all_proofs_stays_within_its_budget(profile: str, photo: bool, most: int) -> None:
    card = personalise(profile, seed=3, today=TODAY)
    evidence = read_card(card, mrz_of(card), photo=photo)
    assert sum(phase.exchanges for phase in evidence.phases) <= most
    report = report_of(card, evidence)
    assert report.verdict is Outcome.PASSED
    assert report.passed(CheckName.ACTIVE_AUTHENTICATION)
    assert report.passed(CheckName.CHIP_AUTHENTICATION)


@pytest.mark.parametrize(
    "oid", [oid for oid, p in PACE_PROTOCOLS.items() if (p.agreement, p.mapping) == ("ECDH", "GM")]
)
@pytest.mark.parametrize("parameter_id", range(8, 19))
def test_pace_end_to_end_on_every_curve_with_every_cipher(oid: str, parameter_id: int) -> None:
    choices = Choices(pace=PACEInfo(oid, 2, parameter_id), aa=None)
    card = personalise("cccd-2021", seed=1, today=TODAY, choices=choices)
    evidence = read_card(card, photo=False)
    assert (evidence.access.protocol, evidence.access.parameter_id) == ("PACE", parameter_id)
    assert report_of(card, evidence).verdict is Outcome.PASSED


@pytest.mark.parametrize("oid", [oid for oid, p in CA_PROTOCOLS.items() if p.agreement == "ECDH"])
@pytest.mark.parametrize("curve", ["secp192r1", "brainpoolP256r1", "brainpoolP320r1", "secp521r1"])
def test_chip_authentication_end_to_end(oid: str, curve: str) -> None:
    card = personalise("cccd-2021", seed=1, today=TODAY, choices=Choices(ca_protocol=oid, ca_curve=curve, aa=None))
    report = report_of(card, read_card(card, photo=False))
    assert report.passed(CheckName.CHIP_AUTHENTICATION)
    assert report.verified_identity().grade == "C"


@pytest.mark.parametrize("curve", ["secp256r1", "brainpoolP256r1", "secp384r1", "brainpoolP320r1"])
def test_active_authentication_by_ecdsa_end_to_end(curve: str) -> None:
    card = personalise("cccd-2021", seed=1, today=TODAY, choices=Choices(aa=curve))
    assert report_of(card, read_card(card, photo=False)).passed(CheckName.ACTIVE_AUTHENTICATION)


def test_bac_opens_a_chip_without_pace() -> None:
    card = personalise("passport-td3", seed=1, today=TODAY, choices=Choices(pace=None))
    evidence = read_card(card, mrz_of(card))
    assert evidence.access.protocol == "BAC"
    report = report_of(card, evidence)
    assert report.verdict is Outcome.PASSED
    assert outcome(report, CheckName.CARD_ACCESS_AUTHENTICITY) is Outcome.NOT_PERFORMED


def test_a_can_does_not_open_a_chip_without_pace() -> None:
    card = personalise("cccd-2021", seed=1, today=TODAY, choices=Choices(pace=None))
    with pytest.raises(CccdError):
        read_card(card)


# --- wrong passwords --------------------------------------------------------------------------------------------------


def test_a_wrong_can_is_access_denied(card: CardData) -> None:
    wrong = f"{(int(card.secrets.can) + 1) % 1_000_000:06d}"
    with pytest.raises(AccessDeniedError, match="did not accept the password") as caught:
        read_card(card, Password.can(wrong))
    assert wrong not in str(caught.value)


@pytest.mark.parametrize("allow_bac", [True, False])
def test_a_wrong_mrz_is_access_denied(card: CardData, allow_bac: bool) -> None:
    with pytest.raises(AccessDeniedError):
        read_card(card, Password.mrz("123456789", "900101", "300101"), allow_bac=allow_bac)


# --- clones, tampering, expiry ----------------------------------------------------------------------------------------


def test_a_clone_fails_both_proofs(card: CardData) -> None:
    clone = replace(card, keys=ChipKeys())
    report = report_of(clone)
    assert outcome(report, CheckName.ACTIVE_AUTHENTICATION) is Outcome.FAILED
    assert outcome(report, CheckName.CHIP_AUTHENTICATION) is Outcome.FAILED
    assert report.verdict is Outcome.FAILED
    with pytest.raises(NotVerifiedError):
        report.verified_identity()


@pytest.mark.parametrize("name", ["EF.DG1", "EF.DG2", "EF.DG13", "EF.DG14", "EF.DG15"])
def test_a_changed_data_group_fails_and_gives_no_identity(card: CardData, name: str) -> None:
    evidence = read_card(card)
    raw = evidence.files[name]
    for at in (len(raw) // 2, len(raw) - 1):
        changed = raw[:at] + bytes((raw[at] ^ 1,)) + raw[at + 1 :]
        report = report_of(card, replace(evidence, files={**evidence.files, name: changed}))
        assert outcome(report, CheckName.DATA_GROUP_HASHES) is Outcome.FAILED
        assert report.verdict is Outcome.FAILED
        assert report.identity is None


@pytest.mark.parametrize(
    "name", ["EF.COM", "EF.SOD", "EF.DG1", "EF.DG2", "EF.DG13", "EF.DG14", "EF.DG15", "EF.CardAccess"]
)
def test_a_missing_file_never_passes_unless_nothing_rests_on_it(card: CardData, name: str) -> None:
    evidence = read_card(card)
    files = {key: value for key, value in evidence.files.items() if key != name}
    report = report_of(card, replace(evidence, files=files))
    needed = name in ("EF.SOD", "EF.DG1")
    assert (report.verdict is Outcome.PASSED) is not needed


def test_an_answer_to_another_challenge_is_no_proof(card: CardData) -> None:
    evidence = read_card(card)
    assert evidence.active_authentication is not None
    record = replace(evidence.active_authentication, challenge=bytes(8))
    report = report_of(card, replace(evidence, active_authentication=record))
    assert outcome(report, CheckName.ACTIVE_AUTHENTICATION) is Outcome.FAILED


def test_the_proofs_of_another_card_do_not_help(card: CardData) -> None:
    other = read_card(personalise("cccd-2021", seed=2, today=TODAY))
    evidence = read_card(card)
    mixed = replace(
        evidence,
        files={**evidence.files, "EF.DG14": other.files["EF.DG14"], "EF.DG15": other.files["EF.DG15"]},
        active_authentication=other.active_authentication,
        chip_authentication=other.chip_authentication,
    )
    report = report_of(card, mixed)
    assert report.verdict is Outcome.FAILED
    assert not report.passed(CheckName.ACTIVE_AUTHENTICATION)
    assert not report.passed(CheckName.CHIP_AUTHENTICATION)


def test_without_a_trust_anchor_nothing_is_believed(card: CardData) -> None:
    report = verify(read_card(card), TrustStore.empty(), now=NOW)
    assert report.verdict is Outcome.INDETERMINATE
    assert outcome(report, CheckName.SOD_SIGNATURE) is Outcome.PASSED
    assert outcome(report, CheckName.DOCUMENT_SIGNER_CHAIN) is Outcome.INDETERMINATE
    assert outcome(report, CheckName.ACTIVE_AUTHENTICATION) is Outcome.INDETERMINATE
    assert outcome(report, CheckName.CHIP_AUTHENTICATION) is Outcome.INDETERMINATE


def test_another_states_anchor_does_not_vouch(card: CardData) -> None:
    other = personalise("cccd-2021", seed=2, today=TODAY)
    report = verify(read_card(card), trust_of(other), now=NOW)
    assert report.verdict is Outcome.INDETERMINATE


def test_an_expired_card_is_not_verified() -> None:
    card = personalise("cccd-2021", seed=1, today=TODAY, choices=Choices(expired=True))
    report = report_of(card)
    assert outcome(report, CheckName.DOCUMENT_VALIDITY) is Outcome.FAILED
    assert report.verdict is Outcome.FAILED


def test_a_changed_card_access_is_found_by_the_signed_dg14(card: CardData) -> None:
    weak = PACEInfo("0.4.0.127.0.7.2.2.4.2.1", 2, 12)
    other = personalise("cccd-2021", seed=1, today=TODAY, choices=Choices(pace=weak))
    tampered = replace(card, files={**card.files, "EF.CardAccess": other.files["EF.CardAccess"]})
    report = report_of(tampered)
    assert outcome(report, CheckName.CARD_ACCESS_AUTHENTICITY) is Outcome.FAILED
    assert report.verdict is Outcome.FAILED


def test_without_a_crl_revocation_stays_open_and_the_field_policy_says_so(card: CardData) -> None:
    anchors = TrustStore(trust_of(card).anchors)
    report = verify(read_card(card), anchors, now=NOW)
    assert outcome(report, CheckName.REVOCATION) is Outcome.INDETERMINATE
    assert report.verdict is Outcome.PASSED
    assert verify(read_card(card), anchors, STRICT, now=NOW).verdict is Outcome.INDETERMINATE


def test_an_outdated_crl_is_as_good_as_none(card: CardData) -> None:
    report = report_of(card, now=NOW + timedelta(days=400))
    assert outcome(report, CheckName.REVOCATION) is Outcome.INDETERMINATE


# --- evidence ---------------------------------------------------------------------------------------------------------


def test_evidence_survives_its_file_and_gives_the_same_report(card: CardData, tmp_path: Path) -> None:
    evidence = read_card(card)
    evidence.save(tmp_path / "evidence.json")
    assert (tmp_path / "evidence.json").stat().st_mode & 0o777 == 0o600
    again = load_evidence(tmp_path / "evidence.json")
    assert again == evidence
    assert again.digest() == evidence.digest()
    assert report_of(card, again).to_json() == report_of(card, evidence).to_json()


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[]", b"null", b'{"format":"cccd-nfc-evidence","version":2}', b"\xff\xfe", b"[" * 100_000]
)
def test_what_is_no_evidence_file_is_a_malformed_file(raw: bytes) -> None:
    with pytest.raises(EncodingError):
        Evidence.from_bytes(raw)


@pytest.mark.parametrize("text", [r'"\ud800"', "1e400", "NaN"])
def test_what_could_not_be_written_again_is_a_malformed_file(card: CardData, text: str) -> None:
    raw = json.dumps({**read_card(card).to_json(), "read_at": "WHAT"}).replace('"WHAT"', text)
    with pytest.raises(EncodingError):
        Evidence.from_bytes(raw.encode())


def test_a_dump_of_raw_files_shows_the_data_and_leaves_the_chip_open(card: CardData, tmp_path: Path) -> None:
    card.save(tmp_path)
    report = report_of(card, load_evidence(tmp_path))
    assert outcome(report, CheckName.DATA_GROUP_HASHES) is Outcome.PASSED
    assert outcome(report, CheckName.ACTIVE_AUTHENTICATION) is Outcome.NOT_PERFORMED
    assert outcome(report, CheckName.ACCESS_CONTROL) is Outcome.NOT_PERFORMED
    assert report.verdict is Outcome.INDETERMINATE
    assert report.identity is not None


def test_a_verified_identity_cannot_be_made_by_hand(card: CardData) -> None:
    identity = report_of(card).verified_identity()
    with pytest.raises(NotVerifiedError):
        VerifiedIdentity(identity.identity, "A", bytes(32), NOW, object())


def test_neither_evidence_nor_report_prints_personal_data(card: CardData) -> None:
    evidence = read_card(card)
    report = report_of(card, evidence)
    assert report.identity is not None
    printed = repr(evidence) + repr(report) + repr(card) + "".join(check.detail for check in report.checks)
    for secret in (card.secrets.number, card.secrets.can, report.identity.full_name, report.identity.latin_name):
        assert secret not in printed


# --- damage at every exchange -----------------------------------------------------------------------------------------


class Damaging:
    """The simulated chip, with the answer of exchange `at` damaged."""

    def __init__(self, card: CardData, at: int, damage: Callable[[bytes], bytes]) -> None:
        self.inner, self.at, self.damage, self.count = (
            SimulatedTransport(Chip(card, SeededBytes(7, "chip"))),
            at,
            damage,
            -1,
        )

    def transmit(self, command: bytes) -> bytes:
        self.count += 1
        answer = self.inner.transmit(command)
        return self.damage(answer) if self.count == self.at else answer

    def reset(self) -> None:
        self.inner.reset()

    def close(self) -> None: ...


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "first bit": lambda answer: bytes((answer[0] ^ 0x80,)) + answer[1:],
    "middle bit": lambda answer: (
        answer[: len(answer) // 2] + bytes((answer[len(answer) // 2] ^ 1,)) + answer[len(answer) // 2 + 1 :]
    ),
    "last data bit": lambda answer: (
        answer[:-3] + bytes((answer[-3] ^ 1,)) + answer[-2:] if len(answer) > 2 else b"\x6f\x00"
    ),
    "cut": lambda answer: answer[: len(answer) // 2],
    "status word only": lambda answer: answer[-2:],
    "nothing": lambda answer: b"",
    "6982": lambda answer: b"\x69\x82",
    "6F00": lambda answer: b"\x6f\x00",
    "garbage": lambda answer: bytes(len(answer) - 2) + b"\x90\x00",
    "longer": lambda answer: answer[:-2] + b"\x00" * 300 + answer[-2:],
}


@pytest.mark.parametrize("at", range(24))
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_damage_to_any_answer_never_gives_a_wrong_identity(
    card: CardData, at: int, damage: Callable[[bytes], bytes]
) -> None:
    request = Request(can_of(card), CHALLENGE)
    try:
        evidence = read(request, Damaging(card, at, damage), random_bytes=SeededBytes(8, "terminal"), now=NOW)
    except CccdError:
        return
    report = report_of(card, evidence)
    if report.verdict is Outcome.PASSED:  # recovered: then every byte must be the card's own
        signed = [name for name in evidence.files if name not in ("EF.CardAccess", "EF.COM")]
        assert all(evidence.files[name] == card.files[name] for name in signed)
        assert report.identity is not None


def test_an_unknown_pace_is_said_and_not_guessed() -> None:
    only_im = Choices(pace=PACEInfo("0.4.0.127.0.7.2.2.4.4.2", 2, 13))
    card = personalise("cccd-2021", seed=1, today=TODAY, choices=only_im)
    with pytest.raises(UnsupportedError, match="no PACE that this program knows"):
        read_card(card)
    evidence = read_card(card, mrz_of(card))
    assert evidence.access.protocol == "BAC"
    assert evidence.access.fallback


@pytest.mark.parametrize("profile", PROFILES)
def test_each_profile_is_repeated_byte_for_byte_by_its_seed(profile: str) -> None:
    assert personalise(profile, seed=9, today=TODAY) == personalise(profile, seed=9, today=TODAY)


@pytest.mark.parametrize(
    ("record", "name", "value"),
    [
        ("access", "oid", ["0.4.0"]),
        ("access", "parameter_id", "13"),
        ("active_authentication", "sw", "9000"),
        ("active_authentication", "challenge", 5),
        ("chip_authentication", "proven", "yes"),
        ("chip_authentication", "oid", {}),
        ("chip_authentication", "sw", True),
    ],
)
def test_records_of_the_wrong_type_are_a_malformed_file(card: CardData, record: str, name: str, value: object) -> None:
    content = read_card(card).to_json()
    content[record][name] = value
    with pytest.raises(EncodingError):
        Evidence.from_bytes(json.dumps(content).encode())
