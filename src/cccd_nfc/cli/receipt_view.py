"""A receipt as a person reads it, after its signature was checked."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from cccd_nfc.cli.message_words import CODE_CHANNELS, WAYS
from cccd_nfc.cli.registry_words import ACTS, GROUNDS, RECEIPT_LABELS, WORDS
from cccd_nfc.errors import UsageError
from cccd_nfc.registry.clock import VIETNAM
from cccd_nfc.sentences import Said
from cccd_nfc.spoken.words import Language


def local(moment: datetime) -> str:
    """The moment in Vietnam's time, to the second."""
    return f"{moment.astimezone(VIETNAM):%d/%m/%Y %H:%M:%S}"


def _grounds(facts: dict[str, Any]) -> list[str]:
    return [each for each in str(facts.get("grounds", "")).split(", ") if each]


def show_receipt(token: str, key: str, lang: Language, path: Path | None) -> None:
    """Prints what the receipt says, and writes it to `path`; SignatureError when `key` did not sign it."""
    from cccd_nfc.registry.legal_basis import in_vietnamese
    from cccd_nfc.registry.receipts import head_of, verify_receipt

    facts = verify_receipt(token, key)
    head = head_of(facts)
    facts |= {"audit_size": head.size, "audit_root": head.root}
    facts["act"] = ACTS.get(facts["act"], {lang: facts["act"]})[lang]
    facts["grounds"] = ", ".join(GROUNDS.get(each, {lang: each})[lang] for each in _grounds(facts))
    facts |= {name: local(datetime.fromisoformat(facts[name])) for name in ("time", "due") if name in facts}
    if lang == "vi":
        facts["law"] = in_vietnamese(str(facts.get("law", "")))
    if facts.get("code_channel") in CODE_CHANNELS:
        facts["code_channel"] = CODE_CHANNELS[facts["code_channel"]][lang]
    click.echo(f"── {WORDS['receipt'][lang]} " + "─" * 48)
    for name, label in RECEIPT_LABELS.items():
        if facts.get(name) not in (None, ""):
            click.echo(f"  {label[lang]:<22} {facts[name]}")
    click.echo(f"  {WORDS['whom_to_ask'][lang]}")
    click.echo("─" * 60)
    click.echo(WORDS["never_share"][lang])
    click.echo(WAYS[lang])
    if path is not None:
        try:
            path.write_text(token + "\n", encoding="ascii")
        except OSError as error:
            raise UsageError(Said("cannot write {path}: {reason}", path=path, reason=error.strerror)) from error
        click.echo(WORDS["receipt_saved"][lang].format(path=path), err=True)
