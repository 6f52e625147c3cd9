"""Cards that we did not write, through the real PC/SC service: vicc's ePass (BAC) and nPA with libeac (PACE).

They serve our synthetic data sets, so that everything up to the document signer must verify; they do not have the
chip's private keys, so that Active and Chip Authentication must fail.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from cccd_nfc.errors import AccessDeniedError, CardLostError, SecureMessagingError
from cccd_nfc.evidence import Evidence
from cccd_nfc.inspection.reading import read
from cccd_nfc.inspection.request import Request
from cccd_nfc.inspection.verifying import verify
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.files import Manner, read_file, select_application
from cccd_nfc.iso7816.flow import Flow, Progress, run
from cccd_nfc.lds.files import EMRTD_AID, data_group
from cccd_nfc.pki.trust_files import load_trust_store
from cccd_nfc.protocol.bac import basic_access_control
from cccd_nfc.protocol.passwords import Password
from cccd_nfc.report import CheckName, InspectionReport, Outcome
from cccd_nfc.simulator.card import CardData
from cccd_nfc.simulator.personalisation import Choices, pace_info, personalise
from cccd_nfc.transport.pcsc import PcscTransport
from conftest import PROJECT, missing
from pcsc_service import PcscService, insertion

pytestmark = [pytest.mark.pcsc, pytest.mark.peers]

TODAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
LAUNCHER = PROJECT / "tools" / "peers" / "vicc.py"
VICC = Path("/usr/lib/python3/site-packages/virtualsmartcard")
LIBEAC = PROJECT / ".cache" / "peers" / "libeac" / "_eac.so"

ECDH_GM = "0.4.0.127.0.7.2.2.4.2."
DES3, AES128, AES192, AES256 = 1, 2, 3, 4

ON_BOTH = (
    CheckName.ACCESS_CONTROL,
    CheckName.SOD_SIGNATURE,
    CheckName.DOCUMENT_SIGNER_CHAIN,
    CheckName.DOCUMENT_SIGNER_VALIDITY,
    CheckName.REVOCATION,
    CheckName.DATA_GROUP_HASHES,
    CheckName.DOCUMENT_VALIDITY,
    CheckName.IDENTITY_CONSISTENCY,
)

OpenPeer = Callable[..., AbstractContextManager["Peer"]]


class Peer:
    """A running card program: the way to it, and its process."""

    def __init__(self, transport: PcscTransport, process: subprocess.Popen[bytes], folder: Path) -> None:
        self.transport, self.process, self.folder = transport, process, folder

    def read(self, password: Password, *, max_response: int = 2048) -> Evidence:
        request = Request(password, os.urandom(8), max_response=max_response)
        return read(request, self.transport, random_bytes=os.urandom, now=NOW)

    def report(self, evidence: Evidence) -> InspectionReport:
        return verify(evidence, load_trust_store(self.folder / "trust"), now=NOW)


@pytest.fixture
def peer(pcsc_service: PcscService, tmp_path: Path) -> OpenPeer:
    """Puts a card on the reader by one of the programs."""

    @contextmanager
    def on_reader(program: str, card: CardData, *options: str) -> Iterator[Peer]:
        if not VICC.is_dir():
            missing("vicc (Debian: vsmartcard-vpicc)")
        if program == "nPA" and not LIBEAC.exists():
            missing("the binding of libeac (tools/peers/build.sh)")
        card.save(tmp_path / "card")
        address = f"127.0.0.1:{pcsc_service.port}"
        command = [sys.executable, str(LAUNCHER), program, str(tmp_path / "card"), "--vpcd", address, *options]
        with insertion(pcsc_service), subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            try:
                transport = PcscTransport.open(pcsc_service.reader, wait_seconds=20)
                try:
                    yield Peer(transport, process, tmp_path / "card")
                finally:
                    transport.close()
            finally:
                process.terminate()

    return on_reader


def cccd(**choices: object) -> CardData:
    return personalise("cccd-2021", seed=1, today=TODAY, choices=Choices(**choices))  # type: ignore[arg-type]


def passport(**choices: object) -> CardData:
    return personalise("passport-td3", seed=2, today=TODAY, choices=Choices(**choices))  # type: ignore[arg-type]


def can_of(card: CardData) -> Password:
    return Password.can(card.secrets.can)


def mrz_of(card: CardData) -> Password:
    return Password.from_mrz(card.secrets.mrz)


def outcomes(report: InspectionReport, *names: CheckName) -> dict[CheckName, Outcome]:
    return {name: report.check(name).outcome for name in names}


def assert_read_and_verified(peer: Peer, card: CardData, evidence: Evidence) -> None:
    """Every file that a terminal may read has come as it is, and its origin verifies."""
    assert evidence.files == {name: content for name, content in card.files.items() if name != "EF.DG3"}
    report = peer.report(evidence)
    assert outcomes(report, *ON_BOTH) == dict.fromkeys(ON_BOTH, Outcome.PASSED)


def assert_is_taken_for_a_clone(report: InspectionReport) -> None:
    """These programs answer INTERNAL AUTHENTICATE with 9000 and 8 meaningless bytes: a success is no proof."""
    proofs = (CheckName.ACTIVE_AUTHENTICATION, CheckName.CHIP_AUTHENTICATION)
    assert outcomes(report, *proofs) == dict.fromkeys(proofs, Outcome.FAILED)
    assert report.verdict is Outcome.FAILED


# --- ePass: BAC, 3DES ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [cccd, passport])
def test_epass_is_read_by_bac_in_long_and_in_short_answers(peer: OpenPeer, make: Callable[..., CardData]) -> None:
    card = make(pace=None)
    with peer("ePass", card) as epass:
        for max_response in (2048, 256):
            evidence = epass.read(mrz_of(card), max_response=max_response)
            assert (evidence.access.protocol, evidence.access.password) == ("BAC", "mrz")
            assert_read_and_verified(epass, card, evidence)
            assert_is_taken_for_a_clone(epass.report(evidence))
            epass.transport.reset()


def test_epass_refuses_the_mrz_of_another_card(peer: OpenPeer) -> None:
    with peer("ePass", cccd(pace=None)) as epass, pytest.raises(AccessDeniedError, match="6988"):
        epass.read(mrz_of(passport()))


def test_answers_without_a_protected_status_word_are_not_believed(peer: OpenPeer) -> None:
    card = cccd(pace=None)
    with peer("ePass", card, "--without-do99") as epass, pytest.raises(SecureMessagingError, match="99"):
        epass.read(mrz_of(card))


def test_a_file_beyond_32_kilobytes_is_read_by_the_odd_instruction(peer: OpenPeer) -> None:
    card = cccd(pace=None)
    large = tlv.encode(0x75, os.urandom(40_000))
    card = replace(card, files={**card.files, "EF.DG2": large})

    def read_large() -> Flow[bytes]:
        yield select_application(EMRTD_AID)
        channel = yield from basic_access_control(mrz_of(card), os.urandom)
        return (yield from channel.secure(read_file(data_group(2), Manner(block=channel.max_plain(256)))))

    with peer("ePass", card) as epass:
        assert run(read_large(), epass.transport) == large


def test_a_card_program_that_dies_in_the_photo_is_a_card_lost(peer: OpenPeer) -> None:
    card = cccd(pace=None)

    class Pull:
        def noticed(self, notice: object) -> None:
            if isinstance(notice, Progress) and notice.item == "EF.DG2":
                epass.process.kill()
                epass.process.wait(10)

        def exchanged(self, *exchange: object) -> None: ...

    with peer("ePass", card) as epass:
        request = Request(mrz_of(card), bytes(8))
        with pytest.raises(CardLostError):
            read(request, epass.transport, random_bytes=os.urandom, now=NOW, observers=[Pull()])


# --- nPA: PACE by libeac ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameter_id", "cipher"),
    [
        (8, AES128),
        (9, AES192),
        (10, AES256),
        (11, DES3),
        (12, DES3),
        (12, AES192),
        (13, DES3),
        (13, AES128),
        (13, AES256),
        (14, AES192),
        (15, AES256),
        (16, AES256),
        (17, AES256),
        (18, AES128),
    ],
)
def test_npa_is_read_by_pace_over_every_curve_and_with_every_cipher(
    peer: OpenPeer, parameter_id: int, cipher: int
) -> None:
    card = cccd(pace=pace_info(f"{ECDH_GM}{cipher}", parameter_id))
    with peer("nPA", card) as npa:
        evidence = npa.read(can_of(card))
        access = evidence.access
        assert (access.protocol, access.oid, access.parameter_id) == ("PACE", f"{ECDH_GM}{cipher}", parameter_id)
        assert_read_and_verified(npa, card, evidence)
        assert npa.report(evidence).check(CheckName.CARD_ACCESS_AUTHENTICITY).outcome is Outcome.PASSED


@pytest.mark.parametrize("make", [cccd, passport])
def test_npa_is_read_with_the_mrz_too_and_in_short_answers(peer: OpenPeer, make: Callable[..., CardData]) -> None:
    card = make()
    with peer("nPA", card) as npa:
        evidence = npa.read(mrz_of(card), max_response=256)
        assert (evidence.access.protocol, evidence.access.password) == ("PACE", "mrz")
        assert_read_and_verified(npa, card, evidence)
        assert_is_taken_for_a_clone(npa.report(evidence))


def test_npa_refuses_a_wrong_can_and_takes_the_right_one_afterwards(peer: OpenPeer) -> None:
    card = cccd()
    wrong = f"{(int(card.secrets.can) + 1) % 1_000_000:06}"
    with peer("nPA", card) as npa:
        with pytest.raises(AccessDeniedError, match="6300"):
            npa.read(Password.can(wrong))
        npa.transport.reset()
        assert_read_and_verified(npa, card, npa.read(can_of(card)))


def test_npa_is_read_twice_without_taking_it_off_the_reader(peer: OpenPeer) -> None:
    card = cccd()
    with peer("nPA", card) as npa:
        first = npa.read(can_of(card))
        npa.transport.reset()
        assert npa.read(can_of(card)).files == first.files
