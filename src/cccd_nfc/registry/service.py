"""The registry as its callers see it: every act a method, every method one database transaction or two."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from cccd_nfc.errors import RegistryUnavailableError
from cccd_nfc.evidence import Evidence
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.registry import (
    accounts,
    activation,
    audit,
    card_proof,
    devices,
    holds,
    lock_requests,
    locks,
    log_heads,
    owner_locks,
    signed,
)
from cccd_nfc.registry.accounts import AccountView
from cccd_nfc.registry.activation import Pending
from cccd_nfc.registry.card_proof import Ticket
from cccd_nfc.registry.clock import Clock, utc_now
from cccd_nfc.registry.contacts import Contacts
from cccd_nfc.registry.database import Database
from cccd_nfc.registry.devices import DeviceView
from cccd_nfc.registry.gateway_choice import gateway_for
from cccd_nfc.registry.gateways import Gateway
from cccd_nfc.registry.keys import Keys
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.lock_requests import Paper, RequestKind, RequestView
from cccd_nfc.registry.locks import LockView
from cccd_nfc.registry.messages import CodeChannel
from cccd_nfc.registry.models import Identity
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.origin import SYSTEM, Origin
from cccd_nfc.registry.otp import CodePolicy
from cccd_nfc.registry.outbox import Outbox
from cccd_nfc.registry.phone import DeviceKey
from cccd_nfc.registry.states import Purpose


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

    @classmethod
    def open(
        cls, url: str, folder: Path, trust: TrustStore, *, clock: Clock = utc_now, origin: Origin = SYSTEM,
        gateway: str | Gateway = "", codes: CodePolicy | None = None,
    ) -> Registry:  # fmt: skip
        """The registry at `url`, brought to today's model, with its keys and its outbox in `folder`.

        gateway: what carries messages away, or its address as `gateway_choice.gateway_for` takes it.

        Raises UsageError or RegistryUnavailableError when it cannot be opened.
        """
        with ExitStack() as undoing:
            database = Database(url)
            undoing.callback(database.close)
            database.upgrade()
            carrier = gateway_for(gateway, folder / "outbox") if isinstance(gateway, str) else gateway
            keys = _keys_of(database, folder / "keys")
            registry = cls(Office(database, keys, trust, carrier, clock, origin, codes=codes or CodePolicy()))
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
            return accounts.view(accounts.find(session, number))

    def submit_evidence(
        self, transaction_id: str, evidence: Evidence, *, number: str | None = None, channel: CodeChannel | None = None
    ) -> Pending:
        return activation.submit_evidence(self._office, transaction_id, evidence, number, channel)

    def resend_code(self, transaction_id: str, channel: CodeChannel | None = None) -> Pending:
        return activation.resend_code(self._office, transaction_id, channel)

    def confirm(self, transaction_id: str, code: str, confirmation: str) -> str:
        return activation.confirm(self._office, transaction_id, code, confirmation)

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

    def file_request(self, number: str, kind: RequestKind, ground: LockGround, paper: Paper, *, by: str) -> RequestView:
        return lock_requests.file(self._office, number, kind, ground, paper, by)

    def forward_request(self, request_id: str, *, by: str) -> RequestView:
        return lock_requests.forward(self._office, request_id, by)

    def approve_request(self, request_id: str, *, by: str, role: Role) -> RequestView:
        return lock_requests.approve(self._office, request_id, by, role)

    def refuse_request(self, request_id: str, *, by: str, role: Role, reason: str) -> RequestView:
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
        return self.messages.deliver()

    @property
    def messages(self) -> Outbox:
        """What waits to be sent, and what a device fetches."""
        return Outbox(self._office)

    @property
    def contacts(self) -> Contacts:
        """Numbers and e-mail addresses."""
        return Contacts(self._office)

    def clear_hold(self, transaction_id: str, evidence: Evidence) -> str:
        return holds.clear_with_card(self._office, transaction_id, evidence)

    def not_me(self, token: str) -> None:
        owner_locks.disown(self._office, token)

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
