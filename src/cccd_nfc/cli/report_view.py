"""The report as a person likes to read it: the verdict first, in words, colour and shape; then who, why, what next."""

from __future__ import annotations

from collections.abc import Iterator

from rich.color import Color
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.style import Style
from rich.table import Table
from rich.text import Text

from cccd_nfc.errors import CccdError
from cccd_nfc.lds.portrait import portrait_blocks
from cccd_nfc.report import Check, Identity, InspectionReport, Outcome, RemarkCode
from cccd_nfc.spoken.said import in_language
from cccd_nfc.spoken.words import ADVICE, CHECKS, LABELS, NEXT_STEPS, OUTCOMES, SEXES, VERDICTS, Language

_MARKS = {Outcome.PASSED: "✔", Outcome.FAILED: "✘", Outcome.INDETERMINATE: "?", Outcome.NOT_PERFORMED: "–"}
_COLOURS = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "red",
    Outcome.INDETERMINATE: "yellow",
    Outcome.NOT_PERFORMED: "dim",
}
_PORTRAIT_COLUMNS = 28
_QUIET = frozenset({RemarkCode.PROFILE, RemarkCode.NOT_READ, RemarkCode.LINK, RemarkCode.SHA_1_OF_CHIP})
"""Remarks for those who keep certificates, not for a desk; `--json` has them all."""


def show_report(report: InspectionReport, lang: Language, console: Console) -> None:
    """Prints `report`; the portrait only where the console shows colours."""
    console.print(_verdict(report, lang))
    if report.identity:
        console.print(_identity(report.identity, lang, with_portrait=console.is_terminal and console.color_system))
    console.print(_checks(report, lang))
    console.print(Text(f"\n{LABELS['policy'][lang]}: {report.policy['name']}", style="dim"))
    if report.phases:
        console.print(_conversation(report, lang))


def _verdict(report: InspectionReport, lang: Language) -> RenderableType:
    colour = _COLOURS[report.verdict]
    words = Text(f"{_MARKS[report.verdict]}  {VERDICTS[report.verdict][lang]}", style=f"bold {colour}")
    return Panel(Group(words, Text(ADVICE[report.verdict][lang])), border_style=colour)


def _identity(identity: Identity, lang: Language, *, with_portrait: object) -> RenderableType:
    facts = Table.grid(padding=(0, 2))
    for name, value in _facts(identity, lang):
        facts.add_row(Text(LABELS[name][lang], style="dim"), Text(value, style="bold"))
    face = _face(identity.portrait) if with_portrait and identity.portrait else None
    if face is None:
        return facts
    beside = Table.grid(padding=(0, 3))
    beside.add_row(face, facts)
    return beside


def _facts(identity: Identity, lang: Language) -> Iterator[tuple[str, str]]:
    yield "full_name", identity.full_name or identity.latin_name
    if identity.personal_number:
        yield "personal_number", identity.personal_number
    yield "document_number", identity.document_number
    yield "birth_date", _day(identity.birth_date)
    yield "sex", SEXES.get(identity.sex, {lang: "–"})[lang]
    yield "nationality", identity.nationality
    if identity.issue_date:
        yield "issue_date", _day(identity.issue_date)
    yield "expiry_date", LABELS["no_expiry"][lang] if identity.no_expiry else _day(identity.expiry_date)


def _day(day: object) -> str:
    return f"{day:%d/%m/%Y}" if day else "–"


def _face(portrait: bytes) -> RenderableType | None:
    """The portrait in half blocks, two pixels a character."""
    try:
        rows = portrait_blocks(portrait, _PORTRAIT_COLUMNS)
    except CccdError:
        return None
    picture = Text()
    for row in rows:
        for upper, lower in row:
            picture.append("▀", Style(color=Color.from_rgb(*upper), bgcolor=Color.from_rgb(*lower)))
        picture.append("\n")
    return picture


def _checks(report: InspectionReport, lang: Language) -> RenderableType:
    table = Table(
        title=f"\n{LABELS['checks'][lang]}", title_justify="left", box=None, show_header=False, padding=(0, 1)
    )
    for check in report.checks:
        mark = Text(f"{_MARKS[check.outcome]} {OUTCOMES[check.outcome][lang]}", style=_COLOURS[check.outcome])
        table.add_row(mark, CHECKS[check.name][lang], Text(_detail(check, lang), style="dim"))
        for remark in check.remarks:
            if remark.code not in _QUIET:
                table.add_row("", "", Text(f"! {in_language(remark.text, lang)}", style="yellow"))
    return table


def _detail(check: Check, lang: Language) -> str:
    step = NEXT_STEPS.get((check.name, check.outcome))
    detail = in_language(check.detail, lang)
    return f"{detail} → {step[lang]}" if step else detail


def _conversation(report: InspectionReport, lang: Language) -> RenderableType:
    table = Table(title=f"\n{LABELS['chip'][lang]}", title_justify="left", box=None, padding=(0, 1), header_style="dim")
    table.add_column(LABELS["phase"][lang])
    for name in ("exchanges", "sent", "received", "milliseconds"):
        table.add_column(LABELS[name][lang], justify="right")
    rows = [(p.name, p.exchanges, p.sent, p.received, p.milliseconds) for p in report.phases]
    rows.append(
        (
            LABELS["total"][lang],
            sum(r[1] for r in rows),
            sum(r[2] for r in rows),
            sum(r[3] for r in rows),
            sum(r[4] for r in rows),
        )
    )
    for name, exchanges, sent, received, milliseconds in rows:
        label = LABELS[name][lang] if name in LABELS else name
        table.add_row(label, f"{exchanges}", f"{sent}", f"{received}", f"{milliseconds:.0f}")
    return table
