"""`cccd card`: a synthetic card as a folder of files, and that folder on the virtual reader."""

from __future__ import annotations

import contextlib
import threading
from datetime import UTC, datetime
from pathlib import Path

import click

from cccd_nfc.cli.reading import say
from cccd_nfc.errors import UsageError
from cccd_nfc.sentences import Said
from cccd_nfc.spoken.words import Language

PROFILE_NAMES = ("cccd-2021", "cccd-2021-short", "passport-td3")
VPCD_PORT = 35963


@click.group()
def card() -> None:
    """Make a synthetic card, or put one on the virtual reader. Its person and keys are invented."""


@card.command()
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, file_okay=False), help="A new folder.")
@click.option("--profile", type=click.Choice(PROFILE_NAMES), default="cccd-2021", show_default=True)
@click.option("--seed", type=int, help="The same seed makes the same person, keys and files on the same day.")
@click.pass_obj
def new(lang: Language, output: Path, profile: str, seed: int | None) -> None:
    """Personalise a card: raw files, trust/ (its CSCA), keys/ (the chip's secrets), secrets.json (what opens it).

    Without keys/ the card is a clone: it reads like the original and cannot prove that it is one.
    """
    from cccd_nfc.simulator.personalisation import personalise

    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise UsageError(Said("{path} is there already; give a new folder", path=output))
    personalise(profile, seed=seed, today=datetime.now(UTC).date()).save(output)
    say("card_made", lang, path=output)


@card.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--vpcd", metavar="HOST:PORT", default=f"127.0.0.1:{VPCD_PORT}", show_default=True)
@click.option(
    "--nfc", type=click.IntRange(1, 65_535), metavar="PORT", help="Instead, for nfcpy: nfc:udp:127.0.0.1:PORT."
)
@click.pass_obj
def serve(lang: Language, folder: Path, vpcd: str, nfc: int | None) -> None:
    """Put the card in FOLDER on the virtual PC/SC reader (vpcd), or in nfcpy's field, until interrupted."""
    from cccd_nfc.simulator.card import CardData
    from cccd_nfc.simulator.chip import Chip
    from cccd_nfc.simulator.nfc_udp import NfcCard
    from cccd_nfc.simulator.vpcd import VpcdCard

    host, port = _host_and_port(vpcd)
    chip = Chip(CardData.load(folder))
    served = VpcdCard(chip, host, port) if nfc is None else NfcCard(chip, nfc)
    say("card_served", lang, where=vpcd if nfc is None else f"nfc:udp:127.0.0.1:{nfc}")
    with contextlib.suppress(KeyboardInterrupt):
        served.serve(threading.Event())


def _host_and_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65_536:
        raise UsageError("--vpcd takes HOST:PORT, for example 127.0.0.1:35963")
    return host, int(port)
