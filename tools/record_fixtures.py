"""Records the tapes in fixtures/: the simulated card and the cards that others wrote, over the virtual PC/SC reader.

Needs pcscd with vsmartcard-vpcd running, vsmartcard-vpicc, and tools/peers/build.sh done. Run from the project:

    .venv/bin/python tools/record_fixtures.py && .venv/bin/python -m pytest tests/replay --regenerate
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cccd_nfc.inspection.reading import read
from cccd_nfc.inspection.request import Request
from cccd_nfc.lds.security_infos import PACEInfo
from cccd_nfc.protocol.passwords import Password
from cccd_nfc.simulator.card import CardData
from cccd_nfc.simulator.personalisation import Choices, personalise
from cccd_nfc.transport.pcsc import PcscTransport
from cccd_nfc.transport.tape import RecordingTransport

PROJECT = Path(__file__).resolve().parent.parent
FIXTURES = PROJECT / "fixtures"
READER, PORT = "Virtual PCD 00 00", "127.0.0.1:35963"
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Recording:
    """name: of the folder.  program: "cccd" (ours), or "ePass", "nPA" of vicc.  secret: which password opens it."""

    name: str
    program: str
    profile: str
    secret: str
    choices: Choices = Choices()  # noqa: RUF009 - frozen


def pace(cipher: int, parameter_id: int) -> Choices:
    return Choices(pace=PACEInfo(f"0.4.0.127.0.7.2.2.4.2.{cipher}", 2, parameter_id))


RECORDINGS = (
    Recording("cccd-2021", "cccd", "cccd-2021", "can"),
    Recording("cccd-2021-short", "cccd", "cccd-2021-short", "mrz"),
    Recording("passport-td3-bac", "cccd", "passport-td3", "mrz", Choices(pace=None)),
    Recording("vicc-epass-bac", "ePass", "passport-td3", "mrz", Choices(pace=None)),
    Recording("vicc-npa-brainpoolP256r1-aes128", "nPA", "cccd-2021", "can", pace(2, 13)),
    Recording("vicc-npa-secp384r1-aes256", "nPA", "cccd-2021", "can", pace(4, 15)),
    Recording("vicc-npa-brainpoolP320r1-3des", "nPA", "cccd-2021", "can", pace(1, 14)),
)


@contextmanager
def on_reader(recording: Recording, folder: Path) -> Iterator[None]:
    if recording.program == "cccd":
        command = [sys.executable, "-m", "cccd_nfc", "card", "serve", str(folder), "--vpcd", PORT]
    else:
        launcher = str(PROJECT / "tools" / "peers" / "vicc.py")
        command = [sys.executable, launcher, recording.program, str(folder), "--vpcd", PORT]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()
    time.sleep(0.5)  # until the service has seen the card go


def password_of(card: CardData, secret: str) -> Password:
    return Password.can(card.secrets.can) if secret == "can" else Password.from_mrz(card.secrets.mrz)


def record(recording: Recording) -> None:
    card = personalise(recording.profile, seed=20, today=NOW.date(), choices=recording.choices)
    into = FIXTURES / recording.name
    shutil.rmtree(into, ignore_errors=True)
    (into / "trust").mkdir(parents=True)
    with tempfile.TemporaryDirectory() as name:
        card.save(Path(name))
        with on_reader(recording, Path(name)):
            transport = PcscTransport.open(READER, wait_seconds=20)
            tape = RecordingTransport(transport, into / "session.tape", reader=f"pcsc:{READER}", synthetic=True)
            random_bytes = tape.recording(os.urandom)
            request = Request(password_of(card, recording.secret), random_bytes(8))
            read(request, tape, random_bytes=random_bytes, now=NOW, observers=(tape,))
            tape.close()
    (into / "trust" / "csca.cer").write_bytes(card.trust["csca.cer"])
    value = card.secrets.can if recording.secret == "can" else card.secrets.mrz
    content = {"secret": recording.secret, "value": value, "now": NOW.isoformat()}
    (into / "opens.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    print(recording.name, (into / "session.tape").stat().st_size, "bytes", file=sys.stderr)


if __name__ == "__main__":
    for each in RECORDINGS:
        record(each)
