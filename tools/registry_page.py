"""Writes docs/registry.md: the registry's states and the ways between them, drawn from its tables.

Run from the project:

    .venv/bin/python tools/registry_page.py
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import requirements_page
from cccd_nfc.registry.states import (
    ACCOUNT_TRANSITIONS,
    APPLICATION_TRANSITIONS,
    DEVICE_BEGINNINGS,
    DEVICE_TRANSITIONS,
    AccountState,
    ApplicationState,
    DeviceState,
)
from requirements_page import STANDINGS, Row

PAGE = Path(__file__).resolve().parent.parent / "docs" / "registry.md"
HEAD = """# The registry's states

Drawn by `tools/registry_page.py` from `cccd_nfc.registry.states`: the only ways between the states. Each step stands
under the row of the requirements that allows it; `docs/requirements.md` says which rows are built, and tested by what.
"""

Steps = (
    Mapping[tuple[AccountState, AccountState], str]
    | Mapping[tuple[DeviceState, DeviceState], str]
    | Mapping[tuple[ApplicationState, ApplicationState], str]
)
"""(before, after) -> the row that allows it."""

Beginnings = Mapping[AccountState, str] | Mapping[DeviceState, str] | Mapping[ApplicationState, str]
"""The first states -> the rows by which a machine comes to them."""


def page() -> str:
    known = {row.number: row for row in requirements_page.rows()}
    account = _machine("Account", {AccountState.ISSUED: "AS-01"}, ACCOUNT_TRANSITIONS, known)
    device = _machine("Device", DEVICE_BEGINNINGS, DEVICE_TRANSITIONS, known)
    begins = {ApplicationState.RECEIVED: "R-060"}
    application = _machine("Application for level 2", begins, APPLICATION_TRANSITIONS, known)
    return HEAD + account + device + application


def _machine(title: str, begun_by: Beginnings, steps: Steps, known: Mapping[str, Row]) -> str:
    """A machine's diagram and its table; begun_by: its first states, and the rows by which it comes to them."""
    table = [_line("–", first, known[row]) for first, row in begun_by.items()]
    table += [_line(before, after, known[row]) for (before, after), row in steps.items()]
    lines = ["", f"## {title}", "", *_diagram(begun_by, steps), ""]
    return "\n".join([*lines, "| from | to | row | step | |", "|---|---|---|---|---|", *table, ""])


def _line(before: str, after: str, row: Row) -> str:
    return f"| {before} | {after} | {row.number} | {row.statement} | {STANDINGS[row.standing]} |"


def _diagram(begun_by: Beginnings, steps: Steps) -> Sequence[str]:
    after = dict.fromkeys(after for _, after in steps)
    last = [state for state in after if state not in {before for before, _ in steps}]
    arrows = [f"[*] --> {first}: {row}" for first, row in begun_by.items()]
    arrows += [f"{before} --> {after}: {row}" for (before, after), row in steps.items()]
    arrows += [f"{state} --> [*]" for state in last]
    return ["```mermaid", "stateDiagram-v2", *(f"    {arrow}" for arrow in arrows), "```"]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
