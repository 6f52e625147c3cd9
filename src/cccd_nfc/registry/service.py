"""The registry as its callers see it: every act a method, every method one database transaction or two."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import select

from cccd_nfc.errors import RegistryError, SignatureError, UsageError
from cccd_nfc.evidence import Evidence
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.registry import (
    accounts,
    activation,
    activation_clock,
    audit,
    backup,
    begun,
    card_proof,
    device_expiry,
    device_list,
    hold_clearing,
    idempotency,
    key_ring,
    lock_requests,
    locks,
    log_heads,
    officer_sessions,
    opening,
    owner_locks,
    portable,
    same_person,
    signed,
    status_import,
    unlinking,
    unlock_and_bind,
    web_activation,
)
from cccd_nfc.registry.account_secrets import NewSecrets
from cccd_nfc.registry.accounts import AccountView
from cccd_nfc.registry.activation import Pending
from cccd_nfc.registry.attestations import Attestation
from cccd_nfc.registry.backup import Backup
from cccd_nfc.registry.borrowed import Borrowed
from cccd_nfc.registry.card_proof import Ticket
from cccd_nfc.registry.clock import Clock, utc_now
from cccd_nfc.registry.consents import Consent
from cccd_nfc.registry.contacts import Contacts
from cccd_nfc.registry.database import Database
from cccd_nfc.registry.device_calls import DeviceCalls, Standing
from cccd_nfc.registry.device_list import DeviceView
from cccd_nfc.registry.device_policy import FILE as DEVICE_POLICY
from cccd_nfc.registry.device_policy import DevicePolicy
from cccd_nfc.registry.documents import Documents
from cccd_nfc.registry.foreigners import Foreigners
from cccd_nfc.registry.four_eyes import FourEyes
from cccd_nfc.registry.gateway_choice import gateway_for
from cccd_nfc.registry.gateways import ExceptDevices, Gateway
from cccd_nfc.registry.heads import Heads
from cccd_nfc.registry.idempotency import Request
from cccd_nfc.registry.integrated_papers import Papers
from cccd_nfc.registry.key_ring import KeyKind, PublicKey
from cccd_nfc.registry.levels import Levels
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.lock_requests import Paper, RequestKind, RequestView
from cccd_nfc.registry.locks import LockView
from cccd_nfc.registry.logins import Logins
from cccd_nfc.registry.messages import CodeChannel
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.officer_fido import Fido
from cccd_nfc.registry.officer_login import OfficerLogins
from cccd_nfc.registry.officers import Officers
from cccd_nfc.registry.offline_sync import OfflineSync, StationKeys
from cccd_nfc.registry.origin import SYSTEM, Channel, Origin
from cccd_nfc.registry.otp import CodePolicy
from cccd_nfc.registry.outbox import Outbox
from cccd_nfc.registry.permissions import Act
from cccd_nfc.registry.phone import DeviceKey
from cccd_nfc.registry.portable import Moved
from cccd_nfc.registry.privacy import Privacy
from cccd_nfc.registry.published_heads import HeadKeeper
from cccd_nfc.registry.questions import Questions
from cccd_nfc.registry.receipts import verify_receipt
from cccd_nfc.registry.representatives import Representative, Representatives
from cccd_nfc.registry.resets import Resets
from cccd_nfc.registry.sealed_file import Secret
from cccd_nfc.registry.secret_policy import FILE as SECRET_POLICY
from cccd_nfc.registry.secret_policy import SecretPolicy
from cccd_nfc.registry.states import Purpose
from cccd_nfc.registry.stations import Stations
from cccd_nfc.registry.status_import import Imported, StatusRow
from cccd_nfc.registry.subject_requests import SubjectRequests
from cccd_nfc.registry.subscriber_check import SubscriberCheck
from cccd_nfc.registry.vault import Vault
from cccd_nfc.registry.web_activation import WebActivation
from cccd_nfc.registry.webauthn_keys import RelyingParty


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

    def called_by_devices(self) -> Registry:
        """The same registry, where devices fetch their messages themselves, and no gateway carries them."""
        return Registry(replace(self._office, gateway=ExceptDevices(self._office.gateway)))

    def by_name(self, officer: str, station: str) -> Registry:
        """The same registry, at a desk, with officer and station as they are typed; a login says it by itself."""
        logged_in = self._office.origin.session
        return self if logged_in else self.acting(Origin(Channel.DESK, officer=officer, station=station))

    def on(self, channel: Channel) -> Registry:
        """The same registry and the same officer, by another channel."""
        return self.acting(replace(self._office.origin, channel=channel))

    @property
    def secret_policy(self) -> SecretPolicy:
        return self._office.secrets

    @property
    def officers(self) -> Officers:
        return Officers(self._office)

    @property
    def stations(self) -> Stations:
        return Stations(self._office)

    @property
    def officer_logins(self) -> OfficerLogins:
        return OfficerLogins(self._office)

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
        cls, url: str, folder: Path, trust: TrustStore, *, clock: Clock = utc_now, origin: Origin = SYSTEM,
        keeper: HeadKeeper | None = None, secrets: SecretPolicy | None = None, gateway: str | Gateway = "",
        codes: CodePolicy | None = None, subscribers: SubscriberCheck | None = None,
    ) -> Registry:  # fmt: skip
        """The registry at `url`, brought to today's model, with its keys and its outbox in `folder`.

        keeper: takes the audit log's heads away.  secrets: what is wanted of passwords and logins, else secrets.json.
        gateway: what carries messages away, or its address as `gateway_choice.gateway_for` takes it.
        subscribers: asks the operator in whose name a number is; without it nobody is asked (L-07).

        Raises UsageError or RegistryUnavailableError when it cannot be opened.
        """
        with ExitStack() as undoing:
            database = Database(url)
            undoing.callback(database.close)
            before, after = database.upgrade(lambda session: begun.keys_of(session, folder / "keys"))
            carrier = gateway_for(gateway, folder / "outbox") if isinstance(gateway, str) else gateway
            with database.write() as session:
                keys = key_ring.with_rotated(session, begun.keys_of(session, folder / "keys"))
            database.vault = Vault(keys)
            if before not in (None, after):
                database.wipe()
            policy = secrets or SecretPolicy.load(folder / SECRET_POLICY)
            rules = DevicePolicy.load(folder / DEVICE_POLICY)
            of_codes = codes or CodePolicy()
            office = Office(
                database, keys, trust, carrier, clock, origin,
                codes=of_codes, devices=rules, keeper=keeper, secrets=policy, subscribers=subscribers,
            )  # fmt: skip
            registry = cls(office)
            undoing.pop_all()
            return registry

    def close(self) -> None:
        self._office.database.close()

    def begin(
        self, purpose: Purpose, device: DeviceKey | None = None, *, label: str = "",
        attestation: Attestation | None = None,
    ) -> Ticket:  # fmt: skip
        """The beginning of everything that needs the card: a transaction, and what its chip is to sign.

        attestation: what the phone's platform says of the key; it is recorded and not verified (S-26).
        """
        return card_proof.begin(self._office, purpose, device, label, attestation)

    def prove(self, proof: str, htm: str, htu: str, *, access_token: str = "") -> DeviceKey:
        """The key that has signed `proof` for this call and has not shown it before (S-26); raises as `dpop.verify`."""
        return self.device_calls.prove(proof, htm, htu, access_token=access_token)

    def proof_nonce(self) -> str:
        """A nonce for a device's next proof."""
        return self.device_calls.nonce()

    def refuse_another_devices(self, transaction_id: str, device: DeviceKey) -> None:
        """NotFoundError unless the transaction was begun for this device."""
        with self._office.database.write() as session:
            card_proof.refuse_another_devices(session, transaction_id, device)

    def once(self, request: Request, act: Callable[[], str]) -> str:
        """`act`, done once for the request's key (S-30); what it raises is `idempotency.run`'s and its own."""
        return idempotency.run(self._office, request, act)

    def answered(self, request: Request) -> str | None:
        """What `once` gave for the request before, if it did."""
        return idempotency.known(self._office, request)

    def answer(self) -> None:
        """Returns when the database answers; RegistryUnavailableError otherwise."""
        with self._office.database.write() as session:
            session.execute(select(1))

    def create_account(
        self, transaction_id: str, evidence: Evidence, phone: str, consent: Consent,
        representative: Representative | None = None,
    ) -> AccountView:  # fmt: skip
        return opening.create(self._office, transaction_id, evidence, phone, consent, representative)

    def account(self, number: str) -> AccountView:
        with self._office.database.write() as session:
            self._office.may(session, Act.SEE_ACCOUNT, self._office.clock())
            return accounts.view(accounts.find(session, number), self._office.clock())

    def expire_activations(self) -> int:
        return activation_clock.expire_activations(self._office)

    def assist(self, transaction_id: str, evidence: Evidence, *, secrets: NewSecrets | None = None) -> str:
        return activation_clock.assist(self._office, transaction_id, evidence, secrets)

    @property
    def representatives(self) -> Representatives:
        return Representatives(self._office)

    @property
    def levels(self) -> Levels:
        return Levels(self._office)

    @property
    def papers(self) -> Papers:
        return Papers(self._office)

    @property
    def foreigners(self) -> Foreigners:
        return Foreigners(self._office)

    def import_status(self, rows: Iterable[StatusRow]) -> Imported:
        return status_import.import_status(self._office, rows)

    def submit_evidence(
        self, transaction_id: str, evidence: Evidence, *, number: str | None = None, channel: CodeChannel | None = None
    ) -> Pending:
        return activation.submit_evidence(self._office, transaction_id, evidence, number, channel)

    def unlock_and_bind(
        self, transaction_id: str, evidence: Evidence, *, number: str | None = None, channel: CodeChannel | None = None
    ) -> Pending:
        """F5: as `submit_evidence`, for an account that its owner had locked; `confirm` then does both, or neither."""
        purpose = Purpose.UNLOCK_AND_BIND
        return activation.submit_evidence(self._office, transaction_id, evidence, number, channel, purpose=purpose)

    def note_lost_card(self, number: str) -> None:
        unlock_and_bind.note_lost_card(self._office, number)

    def resend_code(self, transaction_id: str, channel: CodeChannel | None = None) -> Pending:
        return activation.resend_code(self._office, transaction_id, channel)

    def confirm(self, transaction_id: str, code: str, confirmation: str, *, secrets: NewSecrets | None = None) -> str:
        return activation.confirm(self._office, transaction_id, code, confirmation, secrets)

    def same_person(self, transaction_id: str) -> None:
        """The officer has compared the person with the chip's portrait (F4)."""
        same_person.confirm(self._office, transaction_id)

    def devices(self, number: str) -> tuple[DeviceView, ...]:
        return device_list.listed(self._office, number)

    def unlink(self, transaction_id: str, evidence: Evidence) -> str:
        return unlinking.unlink(self._office, transaction_id, evidence)

    @property
    def device_calls(self) -> DeviceCalls:
        return DeviceCalls(self._office)

    @property
    def borrowed(self) -> Borrowed:
        return Borrowed(self._office)

    def offline(self, station_key: StationKeys | None = None) -> OfflineSync:
        """What offline desks hand in. station_key: gives a station's key, where the registry has no officers."""
        return OfflineSync(self._office, station_key or (lambda _: None))

    def device_call(
        self, proof: str, htm: str, htu: str, *, access_token: str = "", number: str | None = None
    ) -> Standing:
        return self.device_calls.call(proof, htm, htu, access_token=access_token, number=number)

    def expire(self) -> int:
        return device_expiry.expire(self._office)

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

    @property
    def heads(self) -> Heads:
        """The heads of the audit log that are signed and carried away by themselves."""
        return Heads(self._office)

    def publish_head(self) -> str:
        """The log's head as it is now, signed and carried away; for a timer. Raises as `Heads.publish`."""
        return self.heads.publish()

    @property
    def documents(self) -> Documents:
        """Letters that answer requests, and the forms that these came on."""
        return Documents(self._office)

    def lock_with_card(self, transaction_id: str, evidence: Evidence, reason: LockReason) -> str:
        return owner_locks.lock_with_card(self._office, transaction_id, evidence, reason)

    def unlock_with_card(self, transaction_id: str, evidence: Evidence) -> str:
        return owner_locks.unlock_with_card(self._office, transaction_id, evidence)

    @property
    def logins(self) -> Logins:
        return Logins(self._office)

    @property
    def web(self) -> WebActivation:
        return WebActivation(self._office)

    @property
    def resets(self) -> Resets:
        return Resets(self._office)

    @property
    def questions(self) -> Questions:
        return Questions(self._office)

    def deliver(self) -> int:
        """Looks at web activations that were asked for, sends what waits in the outbox, and carries heads of the audit
        log away; gives how many messages went.

        A head whose keeper is away waits, and holds up nothing: `publish_head` says so.
        """
        office = self._office
        try:
            web_activation.look_at_requests(office)
            return self.messages.deliver()
        finally:
            with suppress(RegistryError):
                self.heads.carry()

    @property
    def messages(self) -> Outbox:
        """What waits to be sent, and what a device fetches."""
        return Outbox(self._office)

    @property
    def contacts(self) -> Contacts:
        """Numbers and e-mail addresses."""
        return Contacts(self._office)

    def clear_hold(self, transaction_id: str, evidence: Evidence) -> str:
        return hold_clearing.clear_with_card(self._office, transaction_id, evidence)

    def not_me(self, token: str) -> None:
        owner_locks.disown(self._office, token)

    def check(self, known: audit.Head | None = None) -> audit.Head:
        """The audit log's head, when the chain holds and goes on from every published head; RegistryError otherwise."""
        return self.heads.check(known=[known] if known else [])

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
        """The head that this registry has signed, with this key or an earlier one; SignatureError when it has not."""
        return self.heads.known(token)

    def known_receipt(self, token: str) -> dict[str, Any]:
        """What a receipt says that this registry has signed, with this key or an earlier one; SignatureError when it
        has not.
        """
        for each in self.public_keys(KeyKind.RECEIPT):
            try:
                return verify_receipt(token, each.public_key)
            except SignatureError:
                continue
        raise SignatureError("it was not signed by this registry")

    @property
    def privacy(self) -> Privacy:
        """Logged reads, export, erasure, terms and breaches of personal data."""
        return Privacy(self._office)

    @property
    def subject_requests(self) -> SubjectRequests:
        """What persons ask of their own data."""
        return SubjectRequests(self._office)

    def rotate_key(self, kind: KeyKind, *, approved_by: Sequence[str] = ()) -> None:
        """A new key of this kind, which this registry uses from now on; others have to be opened again."""
        keys = key_ring.rotate(self._office, kind, approved_by)
        self._office = replace(self._office, keys=keys)
        self._office.database.vault = Vault(keys)
        self._office.database.wipe()

    def back_up(self, path: Path, secret: Secret, *, with_keys: bool) -> Backup:
        """An encrypted copy in a file of its own, while desks work; `restoring.restore` brings it back."""
        return backup.back_up(self._office, path, secret, with_keys=with_keys)

    def export(self, path: Path, *, approved_by: Sequence[str] = ()) -> Moved:
        """The whole registry as JSON lines, for another database; `portable.import_file` takes it in."""
        return portable.export_file(self._office, path, approved_by)

    def public_keys(self, kind: KeyKind) -> tuple[PublicKey, ...]:
        return key_ring.public_keys(self._office, kind)

    def _signed(self, head: audit.Head) -> str:
        return log_heads.sign_head(self._office.keys.head, head, self._office.clock())

    def head_key(self) -> str:
        """The public key that the audit log's heads are checked with."""
        return signed.public_key_text(self._office.keys.head)

    def receipt_key(self) -> str:
        """The public key that this registry's receipts are checked with."""
        return signed.public_key_text(self._office.keys.receipt)
