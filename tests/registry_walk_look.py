"""What a walk looks at in the database after each of its events: the rules that hold whatever happened."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import StaticPool

from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.models import Account, Base
from cccd_nfc.registry.office import Office
from registry_model import Book
from registry_model_requests import RequestBook

ENDED = ("UNLINKED", "REPLACED", "REVOKED", "EXPIRED")
_KEPT = ("identity", "alembic_version")


@dataclass
class Seen:
    """The database after one event, as a program sees it that knows nothing of the registry's code."""

    accounts: dict[str, tuple[Any, ...]]
    devices: dict[str, tuple[str, str, str]]
    attempts: dict[str, str]
    codes: list[tuple[Any, ...]]
    grounds: Counter[tuple[str, str]]
    requests: dict[str, str]
    evidence: int
    acts: Counter[str]


@dataclass
class Look:
    """A connection of its own to the walk's database, and what it saw last."""

    office: Office
    ids: dict[str, str] = field(default_factory=dict)
    before: Seen | None = None
    unwritten: list[str] = field(default_factory=list)
    _kept: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    _entries: int = 0

    def __post_init__(self) -> None:
        self._engine = create_engine(
            self.office.database.engine.url, isolation_level="AUTOCOMMIT", poolclass=StaticPool
        )
        self._connection = self._engine.connect()
        event.listen(self.office.database.engine, "commit", self._committing)

    def close(self) -> None:
        event.remove(self.office.database.engine, "commit", self._committing)
        self._connection.close()
        self._engine.dispose()

    def empty(self) -> None:
        """Nothing is left but the registry's identity: another walk may begin."""
        for table in reversed(Base.metadata.sorted_tables):
            if table.name not in _KEPT:
                self._connection.exec_driver_sql(f"DELETE FROM {table.name}")
        self.before, self._kept, self._entries = None, {}, 0
        self.ids.clear()
        self.unwritten.clear()

    def _ask(self, query: str, on: Connection | None = None) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in (on or self._connection).exec_driver_sql(query)]

    def _committing(self, connection: Connection) -> None:
        """Inside each transaction, as it ends: an account that changed has an entry of the same transaction (S-34)."""
        now = {row[0]: row for row in self._ask("SELECT id, state, version FROM account", connection)}
        entries = self._ask(f"SELECT content FROM audit WHERE seq > {self._entries}", connection)
        self._entries += len(entries)
        changed = {name for name, row in now.items() if self._kept.get(name) != row}
        self._kept = now
        for name in changed:
            reference = self.office.keys.account_reference(name)
            if not any(f'"{reference}"' in content for (content,) in entries):
                self.unwritten.append(f"an account became {now[name][1:]} without an entry in the audit log")

    def see(self) -> Seen:
        fields = "id, state, version, failed_codes, hold_until, state_before_lock, card_expires"
        code = "transaction_id, created_at, expires_at, tries_left, consumed_at"
        acts = (
            content.split('"act":"', 1)[1].split('"', 1)[0] for (content,) in self._ask("SELECT content FROM audit")
        )
        return Seen(
            accounts={row[0]: row[1:] for row in self._ask(f"SELECT {fields} FROM account")},
            devices={row[0]: row[1:] for row in self._ask("SELECT id, account_id, thumbprint, state FROM device")},  # type: ignore[misc]
            attempts=dict(self._ask("SELECT id, state FROM transaction_")),  # type: ignore[arg-type]
            codes=sorted(self._ask(f"SELECT {code} FROM one_time_password")),
            grounds=Counter(self._ask("SELECT account_id, ground FROM account_lock WHERE cleared_at IS NULL")),  # type: ignore[arg-type]
            requests=dict(self._ask("SELECT id, state FROM lock_request")),  # type: ignore[arg-type]
            evidence=self._ask("SELECT COUNT(*) FROM evidence")[0][0],
            acts=Counter(acts),
        )

    def check(self, book: Book, requests: RequestBook) -> None:
        """AssertionError for the first rule that does not hold, and where database and book differ."""
        for number in book.people.keys() - self.ids.keys():
            self.ids[number] = self._id_of(number)
        now = self.see()
        assert not self.unwritten, self.unwritten
        check_rules(now, self.before)
        check_against(now, book, requests, self.ids)
        self.before = now

    def _id_of(self, number: str) -> str:
        """By the registry's own way: nobody else may know how it keeps personal numbers."""
        from cccd_nfc.registry import accounts

        with self.office.database.write() as session:
            found: Account = accounts.find(session, number)
            return found.id


def check_rules(now: Seen, before: Seen | None) -> None:
    """What must hold in every database of ours, without any model."""
    active = [(account, key) for account, key, state in now.devices.values() if state == "ACTIVE"]
    accounts, keys = Counter(account for account, _ in active), Counter(key for _, key in active)
    assert all(count == 1 for count in accounts.values()), "an account has two active devices"
    assert all(count == 1 for count in keys.values()), "a key is active on two accounts"
    locked = {name for name, row in now.accounts.items() if row[0] == "LOCKED"}
    assert not locked & accounts.keys(), "a device is active while its account is locked"
    assert locked == {account for account, _ in now.grounds}, "locked, and without an open ground; or the reverse"
    assert all(count == 1 for count in now.grounds.values()), "a ground is open twice"
    accepted = Counter(code[0] for code in now.codes if code[4] is not None)
    assert all(count == 1 for count in accepted.values()), "a transaction took two codes"
    assert now.acts["device-bound"] == accepted.total(), "a binding without its own code"
    states = Counter(state for _, _, state in now.devices.values())
    waiting = Counter(now.attempts.values())["PENDING"]
    assert states["PENDING"] == waiting, "a device waits without its transaction, or the reverse"
    if before is not None:
        check_history(now, before)


def check_history(now: Seen, before: Seen) -> None:
    for name, (account, key, state) in before.devices.items():
        assert name in now.devices, "a device vanished"
        assert now.devices[name][:2] == (account, key), "a device changed hands"
        assert state not in ENDED or now.devices[name][2] == state, "an ended device came back"
    check_revoked(now, before)
    after = {(code[0], code[1]): code for code in now.codes}
    for code in before.codes:
        assert (code[0], code[1]) in after, "a code vanished"
        assert code[4] is None or after[code[0], code[1]][4] == code[4], "a used code was used again"
    for name, row in before.accounts.items():
        assert now.accounts[name][1] >= row[1], "an account's version went back"


def check_revoked(now: Seen, before: Seen) -> None:
    """No key that was revoked becomes active again, for anybody (DS-06)."""
    revoked = {key for _, key, state in before.devices.values() if state == "REVOKED"}
    for name, (_, key, state) in now.devices.items():
        fresh = state == "ACTIVE" and (name not in before.devices or before.devices[name][2] != "ACTIVE")
        assert not (fresh and key in revoked), "a revoked key was bound"


def check_against(now: Seen, book: Book, requests: RequestBook, ids: dict[str, str]) -> None:
    """Database and book say the same of everything that the book knows."""
    same("accounts", now.accounts, {ids[person.number]: _row(person) for person in book.people.values()})
    expected = [
        (ids[each.number], gadget.key, gadget.state) for each in book.people.values() for gadget in each.devices
    ]
    same("devices", sorted(now.devices.values()), sorted(expected))
    same("transactions", now.attempts, {name: attempt.state for name, attempt in book.attempts.items()})
    codes = [
        (name, stamp(code.sent), stamp(code.until), code.tries, stamp(code.used) if code.used else None)
        for name, attempt in book.attempts.items()
        for code in attempt.codes
    ]
    same("codes", now.codes, sorted(codes))
    grounds = Counter((ids[each.number], ground.value) for each in book.people.values() for ground in each.grounds)
    same("grounds", now.grounds, grounds)
    same("requests", now.requests, {name: request.state for name, request in requests.requests.items()})
    same("pieces of evidence", now.evidence, len(book.used))
    same("audit entries", now.acts, book.acts)


def _row(person: Any) -> tuple[Any, ...]:
    hold = stamp(person.hold) if person.hold else 0
    return person.state, person.version, person.failures, hold, person.before, person.expires


def same(what: str, found: Any, expected: Any) -> None:
    assert found == expected, f"{what}: the database has {found}, the model {expected}"
