"""The registry as its callers see it: every act a method, every method one database transaction or two."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import select

from cccd_nfc.errors import RegistryError, UsageError
from cccd_nfc.evidence import Evidence
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.registry import (
    accounts,
    activation,
    activation_clock,
    backup,
    begun,
    card_proof,
    device_expiry,
    device_list,
    hold_clearing,
    idempotency,
    key_ring,
    officer_sessions,
    opening,
    portable,
    same_person,
    status_import,
    unlinking,
    web_activation,
)
from cccd_nfc.registry.account_secrets import NewSecrets
from cccd_nfc.registry.accounts import AccountView
from cccd_nfc.registry.activation import Pending
from cccd_nfc.registry.attestations import Attestation
from cccd_nfc.registry.backup import Backup
from cccd_nfc.registry.card_proof import Ticket
from cccd_nfc.registry.clock import Clock, utc_now
from cccd_nfc.registry.consents import Consent
from cccd_nfc.registry.database import Database
from cccd_nfc.registry.device_calls import Standing
from cccd_nfc.registry.device_list import DeviceView
from cccd_nfc.registry.device_policy import FILE as DEVICE_POLICY
from cccd_nfc.registry.device_policy import DevicePolicy
from cccd_nfc.registry.gateway_choice import gateway_for
from cccd_nfc.registry.gateways import ExceptDevices, Gateway
from cccd_nfc.registry.idempotency import Request
from cccd_nfc.registry.key_ring import KeyKind
from cccd_nfc.registry.lock_acts import LockActs
from cccd_nfc.registry.log_acts import LogActs
from cccd_nfc.registry.messages import CodeChannel
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.officer_fido import Fido
from cccd_nfc.registry.offline_sync import OfflineSync, StationKeys
from cccd_nfc.registry.origin import SYSTEM, Channel, Origin
from cccd_nfc.registry.otp import CodePolicy
from cccd_nfc.registry.permissions import Act
from cccd_nfc.registry.phone import DeviceKey
from cccd_nfc.registry.portable import Moved
from cccd_nfc.registry.published_heads import HeadKeeper
from cccd_nfc.registry.representatives import Representative
from cccd_nfc.registry.sealed_file import Secret
from cccd_nfc.registry.secret_policy import FILE as SECRET_POLICY
from cccd_nfc.registry.secret_policy import SecretPolicy
from cccd_nfc.registry.states import Purpose
from cccd_nfc.registry.status_import import Imported, StatusRow
from cccd_nfc.registry.subscriber_check import SubscriberCheck
from cccd_nfc.registry.vault import Vault
from cccd_nfc.registry.webauthn_keys import RelyingParty


class Registry(LockActs, LogActs):
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

    def offline(self, station_key: StationKeys | None = None) -> OfflineSync:
        """What offline desks hand in. station_key: gives a station's key, where the registry has no officers."""
        return OfflineSync(self._office, station_key or (lambda _: None))

    def device_call(
        self, proof: str, htm: str, htu: str, *, access_token: str = "", number: str | None = None
    ) -> Standing:
        return self.device_calls.call(proof, htm, htu, access_token=access_token, number=number)

    def expire(self) -> int:
        return device_expiry.expire(self._office)

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

    def clear_hold(self, transaction_id: str, evidence: Evidence) -> str:
        return hold_clearing.clear_with_card(self._office, transaction_id, evidence)

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
