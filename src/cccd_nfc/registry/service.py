"""The registry as its callers see it: every act a method, every method one database transaction or two."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from cccd_nfc.errors import RegistryUnavailableError, UsageError
from cccd_nfc.evidence import Evidence
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.registry import (
    accounts,
    activation,
    audit,
    card_proof,
    devices,
    lock_requests,
    locks,
    log_heads,
    messages,
    officer_sessions,
    owner_locks,
    same_person,
    signed,
)
from cccd_nfc.registry.accounts import AccountView
from cccd_nfc.registry.activation import Pending
from cccd_nfc.registry.card_proof import Ticket
from cccd_nfc.registry.clock import Clock, utc_now
from cccd_nfc.registry.database import Database
from cccd_nfc.registry.devices import DeviceView
from cccd_nfc.registry.four_eyes import FourEyes
from cccd_nfc.registry.keys import Keys
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.lock_requests import Paper, RequestKind, RequestView
from cccd_nfc.registry.locks import LockView
from cccd_nfc.registry.models import Identity
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.officer_fido import Fido
from cccd_nfc.registry.officer_login import Logins
from cccd_nfc.registry.officers import Officers
from cccd_nfc.registry.origin import SYSTEM, Channel, Origin
from cccd_nfc.registry.permissions import Act
from cccd_nfc.registry.phone import DeviceKey
from cccd_nfc.registry.states import Purpose
from cccd_nfc.registry.stations import Stations
from cccd_nfc.registry.webauthn_keys import RelyingParty


def _keys_of(database: Database, folder: Path) -> Keys:
    """The keys in `folder`, made when both are new, else those that this database was begun with (S-37)."""
    with database.write() as session:
        known = session.get(Identity, 1)
        begun = known is not None or audit.size(session) > 0
        keys = Keys.open(folder, create=not begun, complete=known is None or known.later_keys is None)
        ours = (keys.fingerprint, signed.public_key_text(keys.head), keys.later_fingerprint)
        if known is None:
            session.add(Identity(id=1, keys=ours[0], head_key=ours[1], later_keys=ours[2]))
            return keys
        known.head_key, known.later_keys = known.head_key or ours[1], known.later_keys or ours[2]
        if (known.keys, known.head_key, known.later_keys) != ours:
            raise RegistryUnavailableError(f"the keys in {folder} are those of another registry")
        return keys


class Registry:
    """Accounts and their one device each. What a method raises beside RegistryError stands at the function it calls."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def acting(self, origin: Origin) -> Registry:
        """The same registry, whose acts from now on say where they come from; both may be used side by side."""
        return Registry(replace(self._office, origin=origin))

    def acting_as(self, token: str, channel: Channel = Channel.DESK) -> Registry:
        """The same registry, whose acts are those of the officer whose session this is, as long as it lives.

        RefusedError when it has ended. Each act asks again, in its own transaction, what the officer may do (S-33).
        """
        office = self._office
        with office.database.write() as session:
            known = officer_sessions.hashed(token)
            origin = officer_sessions.origin_of(session, known, channel, office.clock())
        return self.acting(origin)

    def on(self, channel: Channel) -> Registry:
        """The same registry and the same officer, by another channel."""
        return self.acting(replace(self._office.origin, channel=channel))

    @property
    def officers(self) -> Officers:
        return Officers(self._office)

    @property
    def stations(self) -> Stations:
        return Stations(self._office)

    @property
    def logins(self) -> Logins:
        return Logins(self._office)

    @property
    def four_eyes(self) -> FourEyes:
        return FourEyes(self._office)

    def fido(self, party: RelyingParty) -> Fido:
        """Officers' FIDO2 keys, for the desk's page that `party` names. UsageError without the package for them."""
        if find_spec("webauthn") is None:
            raise UsageError("FIDO2 keys need the package webauthn: install cccd-nfc[desk]")
        return Fido(self._office, party)

    @classmethod
    def open(
        cls, url: str, folder: Path, trust: TrustStore, *, clock: Clock = utc_now, origin: Origin = SYSTEM
    ) -> Registry:
        """The registry at `url`, brought to today's model, with its keys and its outbox in `folder`.

        Raises UsageError or RegistryUnavailableError when it cannot be opened.
        """
        with ExitStack() as undoing:
            database = Database(url)
            undoing.callback(database.close)
            database.upgrade()
            gateway = messages.FileGateway(folder / "outbox")
            keys = _keys_of(database, folder / "keys")
            registry = cls(Office(database, keys, trust, gateway, clock, origin))
            undoing.pop_all()
            return registry

    def close(self) -> None:
        self._office.database.close()

    def begin(self, purpose: Purpose, device: DeviceKey | None = None, *, label: str = "") -> Ticket:
        """The beginning of everything that needs the card: a transaction, and what its chip is to sign."""
        return card_proof.begin(self._office, purpose, device, label)

    def create_account(self, transaction_id: str, evidence: Evidence, phone: str) -> AccountView:
        return accounts.create(self._office, transaction_id, evidence, phone)

    def account(self, number: str) -> AccountView:
        with self._office.database.write() as session:
            self._office.may(session, Act.SEE_ACCOUNT, self._office.clock())
            return accounts.view(accounts.find(session, number))

    def submit_evidence(self, transaction_id: str, evidence: Evidence, *, number: str | None = None) -> Pending:
        return activation.submit_evidence(self._office, transaction_id, evidence, number)

    def resend_code(self, transaction_id: str) -> Pending:
        return activation.resend_code(self._office, transaction_id)

    def confirm(self, transaction_id: str, code: str, confirmation: str) -> str:
        return activation.confirm(self._office, transaction_id, code, confirmation)

    def same_person(self, transaction_id: str) -> None:
        """The officer has compared the person with the chip's portrait (F4)."""
        same_person.confirm(self._office, transaction_id)

    def devices(self, number: str) -> tuple[DeviceView, ...]:
        return devices.listed(self._office, number)

    def unlink(self, transaction_id: str, evidence: Evidence) -> str:
        return devices.unlink(self._office, transaction_id, evidence)

    def lock(self, number: str, ground: LockGround, actor: Role, reason: str = "") -> tuple[LockView, ...]:
        return locks.lock(self._office, number, ground, actor, reason)

    def clear_lock(self, number: str, ground: LockGround, actor: Role) -> tuple[LockView, ...]:
        return locks.clear(self._office, number, ground, actor)

    def locks(self, number: str) -> tuple[LockView, ...]:
        return locks.listed(self._office, number)

    def lock_expired_cards(self) -> int:
        return locks.lock_expired_cards(self._office)

    def file_request(
        self, number: str, kind: RequestKind, ground: LockGround, paper: Paper, *, by: str = ""
    ) -> RequestView:
        return lock_requests.file(self._office, number, kind, ground, paper, by)

    def forward_request(self, request_id: str, *, by: str = "") -> RequestView:
        return lock_requests.forward(self._office, request_id, by)

    def approve_request(self, request_id: str, *, by: str = "", role: Role | None = None) -> RequestView:
        """by, role: where nobody has logged in; else they are the officer's."""
        return lock_requests.approve(self._office, request_id, by, role)

    def refuse_request(
        self, request_id: str, *, reason: str, by: str = "", role: Role | None = None
    ) -> RequestView:  # fmt: skip
        return lock_requests.refuse(self._office, request_id, by, role, reason)

    def waiting_requests(self) -> tuple[RequestView, ...]:
        return lock_requests.waiting(self._office)

    def overdue_requests(self) -> tuple[RequestView, ...]:
        return lock_requests.overdue(self._office)

    def lock_with_card(self, transaction_id: str, evidence: Evidence, reason: LockReason) -> str:
        return owner_locks.lock_with_card(self._office, transaction_id, evidence, reason)

    def unlock_with_card(self, transaction_id: str, evidence: Evidence) -> str:
        return owner_locks.unlock_with_card(self._office, transaction_id, evidence)

    def deliver(self) -> int:
        """Sends what waits in the outbox; gives how many messages went."""
        office = self._office
        return messages.deliver(office.database, office.keys.outbox, office.gateway, office.clock())

    def check(self, known: audit.Head | None = None) -> audit.Head:
        """The audit log's head, when the whole chain holds; RegistryError otherwise."""
        with self._office.database.write() as session:
            return audit.verify(session, known)

    def log_head(self) -> str:
        """The audit log's head as it is now, signed: to be kept elsewhere."""
        with self._office.database.write() as session:
            return self._signed(audit.head(session))

    def prove_entry(self, number: int) -> str:
        """The proof, JSON, that the entry of this number is in the log; NotFoundError when there is none."""
        with self._office.database.write() as session:
            entry = audit.prove_inclusion(session, number)
            return log_heads.inclusion_proof(entry, number, self._signed(entry.head))

    def prove_growth(self, earlier: str) -> str:
        """The proof, JSON, that the log goes on from the signed head `earlier`; SignatureError when that is not ours,
        UsageError when the log is shorter by now.
        """
        with self._office.database.write() as session:
            head, path = audit.prove_consistency(session, self.known_head(earlier))
            return log_heads.consistency_proof(earlier, path, self._signed(head))

    def known_head(self, token: str) -> audit.Head:
        """The head that this registry has signed; SignatureError when it has not."""
        return log_heads.verify_head(token, self.head_key())

    def _signed(self, head: audit.Head) -> str:
        return log_heads.sign_head(self._office.keys.head, head, self._office.clock())

    def head_key(self) -> str:
        """The public key that the audit log's heads are checked with."""
        return signed.public_key_text(self._office.keys.head)

    def receipt_key(self) -> str:
        """The public key that this registry's receipts are checked with."""
        return signed.public_key_text(self._office.keys.receipt)
