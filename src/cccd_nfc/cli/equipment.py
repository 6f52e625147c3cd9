"""`cccd readers` and `cccd doctor`: what this machine has, what works, and how to mend the rest."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from cccd_nfc.cli.reading import default_trust
from cccd_nfc.errors import TransportError
from cccd_nfc.pki.trust_files import load_trust_store
from cccd_nfc.sentences import sentence_of
from cccd_nfc.spoken.said import in_language
from cccd_nfc.spoken.words import Language

_STATES = {True: "✔", False: "✘", None: "–"}


@click.command()
@click.pass_obj
def readers(lang: Language) -> None:
    """List the PC/SC readers and the devices that nfcpy finds, each with the name that --reader takes."""
    found = 0
    for kind, listing in (("pcsc", _pcsc_readers), ("nfc", _nfc_devices)):
        try:
            for address, note in listing(lang):
                found += 1
                click.echo(f"{address}\t{note}")
        except TransportError as error:
            click.echo(f"{kind}: {in_language(sentence_of(error), lang)}", err=True)
    if not found:
        nothing = {"vi": "Không thấy đầu đọc nào; chạy `cccd doctor`.", "en": "No reader found; run `cccd doctor`."}
        click.echo(nothing[lang], err=True)
        sys.exit(3)


def _pcsc_readers(lang: Language) -> Iterator[tuple[str, str]]:
    from cccd_nfc.transport.pcsc import list_readers

    words = {"vi": ("có thẻ", "không có thẻ"), "en": ("card present", "no card")}[lang]
    for reader in list_readers():
        yield f"pcsc:{reader.name}", words[0] if reader.card_present else words[1]


def _nfc_devices(lang: Language) -> Iterator[tuple[str, str]]:
    from cccd_nfc.transport.nfc import list_devices

    for device in list_devices():
        yield f"nfc:{device.path}", device.name


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor: works is None for what is optional and absent."""

    what: str
    works: bool | None
    detail: str
    remedy: str = ""


@click.command()
@click.pass_obj
def doctor(lang: Language) -> None:
    """Say what works on this machine, and how to mend what does not. Exit status 3 when no reader can work."""
    findings = [examine(lang) for examine in (_python, _pcsc, _virtual_reader, _nfcpy, _points, _trust)]
    for finding in findings:
        click.echo(f"{_STATES[finding.works]} {finding.what}: {finding.detail}")
        if finding.works is not True and finding.remedy:
            click.echo(f"    → {finding.remedy}")
    usable = any(finding.works for finding in findings if finding.what in ("PC/SC", "nfcpy"))
    sys.exit(0 if usable else 3)


def _said(lang: Language, vi: str, en: str) -> str:
    return vi if lang == "vi" else en


def _python(lang: Language) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding(
        "Python", sys.version_info >= (3, 11), version, _said(lang, "cần 3.11 trở lên", "3.11 or newer is needed")
    )


def _pcsc(lang: Language) -> Finding:
    from cccd_nfc.transport.pcsc import list_readers

    try:
        names = [reader.name for reader in list_readers()]
    except TransportError as error:
        remedy = _said(
            lang,
            "cài pcscd (Debian: apt install pcscd), khởi động nó, và cài gói cccd-nfc[pcsc]",
            "install pcscd (Debian: apt install pcscd), start it, and install cccd-nfc[pcsc]",
        )
        return Finding("PC/SC", False, in_language(sentence_of(error), lang), remedy)
    nothing = _said(lang, "cắm đầu đọc vào", "plug a reader in")
    return Finding("PC/SC", bool(names), ", ".join(names) or _said(lang, "không có đầu đọc", "no reader"), nothing)


def _virtual_reader(lang: Language) -> Finding:
    there = Path("/etc/reader.conf.d/vpcd").exists()
    remedy = _said(
        lang,
        "để thử không cần phần cứng: apt install vsmartcard-vpcd",
        "apt install vsmartcard-vpcd, to try without hardware",
    )
    detail = _said(lang, "đã cài" if there else "chưa cài", "installed" if there else "not installed")
    return Finding("vpcd", True if there else None, detail, remedy)


def _nfcpy(lang: Language) -> Finding:
    if importlib.util.find_spec("nfc") is None:
        remedy = _said(lang, "cài gói cccd-nfc[nfc]", "install cccd-nfc[nfc]")
        return Finding("nfcpy", None, _said(lang, "chưa cài", "not installed"), remedy)
    blocking = [name for name in ("pn533_usb", "port100") if Path(f"/sys/module/{name}").exists()]
    if blocking:
        remedy = _said(lang, "gỡ mô-đun nhân: modprobe -r", "unload the kernel module: modprobe -r")
        return Finding("nfcpy", None, ", ".join(blocking), f"{remedy} {' '.join(blocking)}")
    usb = Path("/dev/bus/usb")
    open_to_us = usb.exists() and all(os.access(device, os.W_OK) for device in usb.glob("*/*"))
    remedy = _said(lang, "cấp quyền USB bằng luật udev", "give access to the USB devices by a udev rule")
    detail = _said(lang, "đã cài", "installed")
    return Finding("nfcpy", None, detail, "" if open_to_us else remedy)


def _points(lang: Language) -> Finding:
    there = importlib.util.find_spec("gmpy2") is not None
    detail = "gmpy2" if there else _said(lang, "không có gmpy2: PACE chậm hơn", "without gmpy2 PACE is slower")
    return Finding(
        "gmpy2", True if there else None, detail, _said(lang, "cài gói cccd-nfc[fast]", "install cccd-nfc[fast]")
    )


def _trust(lang: Language) -> Finding:
    folder = default_trust()
    anchors = len(load_trust_store(folder).anchors) if folder.is_dir() else 0
    remedy = _said(lang, f"đặt chứng thư CSCA vào {folder}", f"put the CSCA certificates that you trust into {folder}")
    return Finding(
        "CSCA", True if anchors else None, _said(lang, f"{anchors} chứng thư", f"{anchors} certificates"), remedy
    )
