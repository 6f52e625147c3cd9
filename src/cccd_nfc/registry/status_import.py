"""Status data of the agencies: cards revoked, held or returned, deaths, terms of use (R-080 to R-082, L-19).

What comes in sets and ends the automatic grounds of locks, row by row; a row that came before does nothing, and one
that cannot be taken in is listed with its reason while the others go on.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from cccd_nfc.errors import RefusedError, RegistryError, RegistryUnavailableError, RulesUnavailableError, UsageError
from cccd_nfc.registry import accounts, locks
from cccd_nfc.registry.clock import day_in_vietnam, stamp
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.models import Account, ImportedStatus
from cccd_nfc.registry.office import Office
from cccd_nfc.sentences import Said, sentence_of


class Status(StrEnum):
    CARD_REVOKED = "CARD_REVOKED"
    CARD_HELD = "CARD_HELD"
    CARD_RETURNED = "CARD_RETURNED"
    DECEASED = "DECEASED"
    TERMS_VIOLATED = "TERMS_VIOLATED"
    TERMS_REMEDIED = "TERMS_REMEDIED"


SETS: Mapping[Status, LockGround] = {
    Status.CARD_REVOKED: LockGround.CARD_REVOKED_OR_HELD,
    Status.CARD_HELD: LockGround.CARD_REVOKED_OR_HELD,
    Status.DECEASED: LockGround.DECEASED,
    Status.TERMS_VIOLATED: LockGround.TERMS_VIOLATION,
}
CLEARS: Mapping[Status, LockGround] = {
    Status.CARD_RETURNED: LockGround.CARD_REVOKED_OR_HELD,
    Status.TERMS_REMEDIED: LockGround.TERMS_VIOLATION,
}
COLUMNS = ("number", "status", "day", "reference")


@dataclass(frozen=True, slots=True)
class StatusRow:
    """line: where it stands in its file, from 1.  reference: the row's own number at the agency, which names it once.

    Every field is as it came; what is wrong with it is said when it is taken in.
    """

    line: int
    number: str = field(repr=False)
    status: str
    day: str
    reference: str


@dataclass(frozen=True, slots=True)
class RefusedRow:
    line: int
    reason: Said


@dataclass(frozen=True, slots=True)
class Imported:
    """done: rows that changed something.  known: rows that came before."""

    done: int
    known: int
    refused: tuple[RefusedRow, ...]


def import_status(office: Office, rows: Iterable[StatusRow]) -> Imported:
    """Takes the rows in, in their order, each in a transaction of its own.

    Raises RegistryUnavailableError or RulesUnavailableError at the row that meets it; what came before stays, and the
    same rows can be given again.
    """
    done, known, refused = 0, 0, []
    for row in rows:
        try:
            if _take_in(office, row):
                done += 1
            else:
                known += 1
        except (RegistryUnavailableError, RulesUnavailableError):
            raise
        except (RegistryError, UsageError) as error:
            refused.append(RefusedRow(row.line, sentence_of(error)))
            _record_refusal(office, row)
    return Imported(done, known, tuple(refused))


def read_rows(text: str) -> tuple[StatusRow, ...]:
    """The rows of a CSV file with a head, or of a JSON list of objects; UsageError for anything else."""
    return tuple(_from_json(text) if text.lstrip()[:1] in ("[", "{") else _from_csv(text))


# --- one row ----------------------------------------------------------------------------------------------------------


def _take_in(office: Office, row: StatusRow) -> bool:
    """Whether it was new."""
    now = office.clock()
    status = _checked(row, now)
    with office.database.write() as session:
        account = accounts.find(session, row.number)
        digest = office.keys.lookup_digest("status", row.number, row.status, row.day, row.reference)
        if session.get(ImportedStatus, digest):
            return False
        _apply(office, session, account, status, row, now)
        session.add(ImportedStatus(digest=digest, account_id=account.id, status=status, imported_at=stamp(now)))
        office.record(session, "status-imported", account, now, row="L-19", status=status, reference=row.reference)
        return True


def _apply(office: Office, session: Session, account: Account, status: Status, row: StatusRow, now: datetime) -> None:
    if status in SETS:
        locks.set_ground(office, session, account, SETS[status], Role.SYSTEM, f"{status} {row.reference}", now)
    else:
        locks.clear_ground(office, session, account, CLEARS[status], Role.SYSTEM, now)


def _checked(row: StatusRow, now: datetime) -> Status:
    try:
        status, day = Status(row.status), date.fromisoformat(row.day)
    except ValueError as error:
        raise UsageError("the row's status or day is not known") from error
    if not re.fullmatch(r"[0-9]{12}", row.number):
        raise UsageError("the row's number has not 12 digits")
    if not re.fullmatch(r"[\w./-]{1,40}", row.reference) or re.fullmatch(r"[0-9]{12}", row.reference):
        raise UsageError(
            "the row needs a reference of 1 to 40 letters, digits and . / - _, which is no personal number"
        )
    if day > day_in_vietnam(now):
        raise RefusedError("the row's day is to come")
    return status


def _record_refusal(office: Office, row: StatusRow) -> None:
    """That a row was refused, by its place in the file alone: what it says may be wrong in any way."""
    with office.database.write() as session:
        office.record_alone(session, "status-refused", office.clock(), row="L-19", line=str(row.line))


# --- files ------------------------------------------------------------------------------------------------------------


def _from_csv(text: str) -> Iterator[StatusRow]:
    try:
        reader = csv.DictReader(io.StringIO(text), strict=True)
        if sorted(reader.fieldnames or ()) != sorted(COLUMNS):
            raise UsageError(Said("the file's first line names the columns {columns}", columns=", ".join(COLUMNS)))
        for row in reader:
            yield _row(reader.line_num, row)
    except csv.Error as error:
        raise UsageError("the file is no CSV") from error


def _from_json(text: str) -> Iterator[StatusRow]:
    try:
        content = json.loads(text)
    except ValueError as error:
        raise UsageError("the file is no JSON") from error
    if not isinstance(content, list) or not all(isinstance(each, dict) for each in content):
        raise UsageError("the file is no list of rows")
    for index, each in enumerate(content, 1):
        yield _row(index, each)


def _row(line: int, found: Mapping[Any, Any]) -> StatusRow:
    number, status, day, reference = (str(found.get(name) or "").strip() for name in COLUMNS)
    return StatusRow(line, number, status, day, reference)
