"""Taking the card's password from a person: a prompt without echo, or lines of standard input when that is piped."""

from __future__ import annotations

import re
import sys
from datetime import datetime

import click

from cccd_nfc.errors import UsageError
from cccd_nfc.protocol.passwords import Password
from cccd_nfc.sentences import Said
from cccd_nfc.spoken.words import PROMPTS, Language

KINDS = ("can", "mrz", "number", "doc", "pin", "puk")

_MRZ_LINES = {30: 3, 36: 2, 44: 2}
_DATES = (
    (r"\d{4}-\d{2}-\d{2}", "%Y-%m-%d"),
    (r"\d{2}/\d{2}/\d{4}", "%d/%m/%Y"),
    (r"\d{8}", "%d%m%Y"),
    (r"\d{6}", "%y%m%d"),
)
_NO_EXPIRY = {"none", "khong thoi han", "không thời hạn", "991231"}


def ask_password(kind: str, lang: Language) -> Password:
    """The password of `kind`. Raises UsageError for what cannot be one, without repeating it."""
    if kind == "mrz":
        return Password.from_mrz(_ask_mrz(lang))
    if kind == "doc":
        number, birth, expiry = (_ask(name, lang) for name in ("document_number", "birth_date", "expiry_date"))
        return Password.mrz(_document_number(number), _yymmdd(birth), _yymmdd(expiry))
    value = _ask(kind, lang)
    makers = {"can": Password.can, "number": Password.from_number, "pin": Password.pin, "puk": Password.puk}
    return makers[kind](value)


def ask_line(prompt: str, *, hidden: bool = True) -> str:
    """One line without its ends, from the prompt or from piped standard input; UsageError at its end."""
    if sys.stdin.isatty():
        return str(click.prompt(prompt, hide_input=hidden, err=True)).strip()
    line = sys.stdin.readline()
    if not line.strip():
        raise UsageError(Said("nothing on standard input for: {prompt}", prompt=prompt))
    return line.strip()


def _ask(name: str, lang: Language) -> str:
    return ask_line(PROMPTS[name][lang])


def _ask_mrz(lang: Language) -> str:
    """All lines of the MRZ, however the scanner breaks them."""
    lines = [_ask("mrz", lang)]
    wanted = _MRZ_LINES.get(len(lines[0]), 1)
    lines += [_ask("mrz", lang) for _ in range(wanted - 1)]
    return "\n".join(lines)


def _document_number(value: str) -> str:
    """The number as the MRZ has it: of a 12-digit CCCD number its last nine (9303-5 has no room for more)."""
    compact = value.replace(" ", "").upper()
    return compact[-9:] if re.fullmatch(r"\d{12}", compact) else compact


def _yymmdd(value: str) -> str:
    """YYMMDD of a date as people write it: 1999-02-01, 01/02/1999 or 990201."""
    if value.strip().lower() in _NO_EXPIRY:
        return "991231"
    for pattern, form in _DATES:
        if re.fullmatch(pattern, value.strip()):
            try:
                return datetime.strptime(value.strip(), form).strftime("%y%m%d")
            except ValueError:
                break
    raise UsageError("not a date; write it as YYYY-MM-DD")
