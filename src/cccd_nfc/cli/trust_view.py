"""What `cccd trust` shows, and how it finds what it is asked for."""

from __future__ import annotations

import base64
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from cccd_nfc.cli.trust_words import KINDS, TIERS, TROUBLES, WORDS
from cccd_nfc.errors import CardError, UsageError
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.importing import Plan
from cccd_nfc.pki.trust_check import Trouble, TroubleKind
from cccd_nfc.pki.trust_files import edit_register, load_trust_store, read_register
from cccd_nfc.pki.trust_register import Entry, Kind, Origin, Register, not_one
from cccd_nfc.pki.trust_store import Skipped, Tier, TrustStore
from cccd_nfc.sentences import Said
from cccd_nfc.spoken.said import in_language
from cccd_nfc.spoken.words import Language

_FIRST = 12
_MAX_FILE = 256 << 20

Row = dict[str, Any]


def spaceless(sha256: str) -> str:
    """A SHA-256 as people write it, as we compare it."""
    return sha256.lower().replace(":", "").replace(" ", "")


def loaded(folder: Path) -> TrustStore:
    return load_trust_store(folder) if folder.is_dir() else TrustStore.empty()


def sha256s(folder: Path) -> set[str]:
    return set(read_register(folder).entries)


def content_of(file: Path) -> bytes:
    try:
        if file.stat().st_size > _MAX_FILE:
            raise UsageError(Said("{path} is larger than any list", path=file))
        return file.read_bytes()
    except OSError as error:
        raise UsageError(Said("cannot read {path}: {reason}", path=file, reason=error.strerror)) from error


def certificate_named(what: str, folder: Path) -> Certificate:
    """The certificate in the file `what`, or of the store's entry whose SHA-256 begins so."""
    try:
        if Path(what).is_file():
            return Certificate.parse(content_of(Path(what)))
        return Certificate.parse(read_register(folder).find(what).raw)
    except CardError as error:
        raise UsageError(Said("{what} is no certificate: {reason}", what=what, reason=error)) from error


# --- plans ------------------------------------------------------------------------------------------------------------


def show_plan(name: str, plan: Plan, lang: Language, there: set[str], *, show_all: bool = False) -> None:
    """there: SHA-256 of what the store has already."""
    if plan.entries:
        new = [entry for entry in plan.entries if entry.sha256 not in there]
        _say("entering", lang, file=name, count=len(plan.entries), new=len(new))
        for signer in dict.fromkeys(origin.signed_by for entry in plan.entries for origin in entry.origins):
            if signer:
                _say("signed_by", lang, who=signer)
        shown = new if show_all else new[:_FIRST]
        for entry in shown:
            show_entry(entry, lang)
        if len(new) > len(shown):
            _say("more", lang, count=len(new) - len(shown))
    if plan.left_out:
        _say("left_out", lang, count=plan.left_out)
    _say_each("skipped", plan.skipped, lang)
    _say_each("refused", plan.refused, lang)


def show_entry(entry: Entry, lang: Language) -> None:
    facts = entry.describe()
    kind, tier = KINDS[entry.kind][lang], TIERS[entry.tier][lang]
    words = (facts.get("country", ""), kind, f"({tier})", facts.get("valid", ""), facts.get("subject", ""))
    click.echo(f"   SHA-256 {entry.sha256}\n      {' '.join(word for word in words if word)}", err=True)


def carried_out(folder: Path, plan: Plan, lang: Language) -> None:
    """Changes the register as the plan says, and tells by how much."""
    before: set[str] = set()

    def change(register: Register) -> Register:
        before.update(register.entries)
        return plan.apply(register)

    after = edit_register(folder, change).entries
    if plan.entries and set(after) == before:
        _say("nothing_new", lang)
    counts = {"added": len(after.keys() - before), "removed": len(before - after.keys())}
    _say("changed", lang, store=folder, kept=len(before & after.keys()), **counts)
    unsigned = sum(entry.kind is Kind.CSCA and entry.tier is Tier.UNSIGNED for entry in after.values())
    if unsigned:
        _say("unsigned_hint", lang, count=unsigned)


# --- what is there ---------------------------------------------------------------------------------------------------


def rows(folder: Path) -> list[Row]:
    """Every entry as a row for people and machines: those of the register, and the files that lie beside it."""
    register = read_register(folder)
    store, by_hand = loaded(folder), Origin(Tier.PINNED, "a file in the folder")
    entries = dict(register.entries)
    for anchor in store.anchors:
        known = entries.get(anchor.fingerprint)
        if known is None or known.tier is not store.tier_of(anchor):
            entries[anchor.fingerprint] = Entry(Kind.CSCA, anchor.raw, (by_hand, *(known.origins if known else ())))
    found = [_row(entry) for entry in entries.values()]
    return sorted(found, key=lambda row: (row["country"], row["kind"], row["valid"]))


def _row(entry: Entry) -> Row:
    facts = {"country": "", "subject": "", "valid": "", **entry.describe()}
    origins = [{key: str(value) for key, value in _fields(origin) if value} for origin in entry.origins]
    return {"sha256": entry.sha256, "kind": entry.kind.value, "tier": entry.tier.value, **facts, "origins": origins}


def _fields(origin: Origin) -> Iterable[tuple[str, str]]:
    return ((name, str(getattr(origin, name))) for name in Origin.__dataclass_fields__)


def row_named(sha256: str, folder: Path) -> Row:
    wanted = spaceless(sha256)
    found = [row for row in rows(folder) if wanted and row["sha256"].startswith(wanted)]
    if len(found) != 1:
        raise not_one(len(found), sha256)
    return found[0]


def print_rows(found: list[Row], lang: Language) -> None:
    words = [(KINDS[row["kind"]][lang], TIERS[row["tier"]][lang]) for row in found]
    kinds, tiers = (max(map(len, column)) for column in zip(*words, strict=True))
    for row, (kind, tier) in zip(found, words, strict=True):
        what = f"{row['country']:<2} {kind:<{kinds}} {tier:<{tiers}} {row['valid']:<23}"
        click.echo(f"{what} {row['sha256'][:16]}  {row['subject']}")


def print_row(row: Mapping[str, Any]) -> None:
    for name in ("sha256", "kind", "tier", "country", "subject", "valid"):
        click.echo(f"{name:<10} {row[name]}")
    for origin in row["origins"]:
        click.echo("origin     " + "; ".join(f"{name} {value}" for name, value in origin.items()))


def print_troubles(found: Iterable[Trouble], lang: Language) -> None:
    shown = [(TROUBLES[each.kind][lang], each) for each in found if each.kind is not TroubleKind.NOTE]
    width = max((len(what) for what, _ in shown), default=0)
    for what, each in shown:
        click.echo(f"{what:<{width}} {each.sha256[:16]}  {each.who}: {in_language(each.text, lang)}")


def pem(certificate: Certificate) -> bytes:
    """The certificate as PEM, under its subject and SHA-256."""
    lines = "\n".join(textwrap.wrap(base64.b64encode(certificate.raw).decode(), 64))
    head = f"# {certificate.subject_text}\n# SHA-256 {certificate.fingerprint}\n"
    return f"{head}-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n".encode()


def _say(what: str, lang: Language, **values: object) -> None:
    click.echo(WORDS[what][lang].format(**values), err=True)


def _say_each(what: str, found: list[Skipped], lang: Language) -> None:
    for each in found[:_FIRST]:
        _say(what, lang, name=each.name, reason=in_language(each.reason, lang))
    if len(found) > _FIRST:
        _say("more", lang, count=len(found) - _FIRST)
