"""A receipt on paper (R-023, R-056, R-059, R-071): the act, whom to ask, and QR codes by which anybody checks it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cccd_nfc.errors import EncodingError
from cccd_nfc.registry.clock import VIETNAM
from cccd_nfc.registry.legal_basis import in_vietnamese
from cccd_nfc.registry.papers import words
from cccd_nfc.registry.papers.qr import modules_of, qr_texts
from cccd_nfc.registry.papers.sheet import WIDTH, Sheet
from cccd_nfc.registry.papers.words import Pair, pair_of
from cccd_nfc.registry.receipts import head_of, verify_receipt

CODE_SIDE = 42.0
"""Millimetres with the quiet zone."""

_SHEET_BOTTOM = 282.0


def receipt_pdf(token: str, public_key: str) -> bytes:
    """The PDF of a receipt that was verified here with this key; the same bytes for the same receipt.

    Raises SignatureError when the key did not sign it, EncodingError when it is no receipt.
    """
    facts = verify_receipt(token, public_key)
    try:
        moment = datetime.fromisoformat(facts["time"])
        rows = receipt_rows(facts)
    except (KeyError, TypeError, ValueError) as error:
        raise EncodingError("a receipt without its facts") from error
    sheet = Sheet(words.TITLE[0], moment)
    sheet.pair(words.TITLE, size=20, bold=True, align="C")
    sheet.rule()
    for label, value in rows:
        sheet.row(label, value)
    sheet.rule()
    for said in (words.NEVER_SHARE, words.NOT_YOU, words.WHOM_TO_ASK):
        sheet.pair(said, size=10, bold=said is words.NEVER_SHARE)
        sheet.gap(1)
    _codes(sheet, qr_texts(token))
    return sheet.pdf()


def receipt_rows(facts: Mapping[str, Any]) -> list[tuple[Pair, Pair]]:
    """What a verified receipt says, (label, value) with Vietnamese and English each; nothing that it leaves empty."""
    head, entry = head_of(facts), json.loads(facts["audit"]["entry"])
    moment = datetime.fromisoformat(facts["time"]).astimezone(VIETNAM)
    grounds = [pair_of(words.GROUNDS, each) for each in str(facts.get("grounds", "")).split(", ") if each]
    law = str(facts.get("law", ""))
    rows = [
        (words.ACT, pair_of(words.ACTS, str(facts["act"]))),
        (words.ACCOUNT, _same(facts["account"])),
        (words.TIME, _same(f"{moment:%d/%m/%Y %H:%M:%S}")),
        (words.DEVICE, _same(facts.get("device", ""))),
        (words.DEVICE_NAME, _same(facts.get("device_label", ""))),
        (words.REPLACED, _same(facts.get("replaced", ""))),
        (words.STILL_LOCKED, (", ".join(vi for vi, _ in grounds), ", ".join(en for _, en in grounds))),
        (words.GRADE, pair_of(words.GRADES, str(facts.get("grade", "")))),
        (words.CHANNEL, _place(entry)),
        (words.LAW, (in_vietnamese(law), law)),
        (words.TRANSACTION, _same(facts["transaction"])),
        (words.ENTRY, _same(head.size)),
        (words.ROOT, _same(head.root)),
    ]
    return [row for row in rows if row[1][0]]


def _same(value: object) -> Pair:
    return str(value), str(value)


def _place(entry: Mapping[str, Any]) -> Pair:
    """By which channel, and at which desk, where the audit entry names one."""
    vi, en = pair_of(words.CHANNELS, str(entry.get("channel", "")))
    station = str(entry.get("station", ""))
    return (f"{vi}, quầy {station}", f"{en}, station {station}") if station else (vi, en)


def _codes(sheet: Sheet, texts: tuple[str, ...]) -> None:
    """The codes side by side, and beneath them how they are used."""
    fits = int(WIDTH // CODE_SIDE)
    for start in range(0, len(texts), fits):
        if sheet.below + CODE_SIDE > _SHEET_BOTTOM:
            sheet.new_page()
        top = sheet.below
        for place, text in enumerate(texts[start : start + fits]):
            sheet.code(modules_of(text), left=place * CODE_SIDE, top=top, side=CODE_SIDE)
        sheet.go_to(top + CODE_SIDE)
    sheet.pair(words.HOW_TO_CHECK, size=8.5)
