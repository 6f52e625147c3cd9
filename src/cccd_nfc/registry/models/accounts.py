"""Accounts, what locks them, and what authorities ask."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Connection,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    insert,
    select,
    text,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column

from cccd_nfc.errors import RegistryError
from cccd_nfc.registry.models.base import Base
from cccd_nfc.registry.models.personal import PersonKey
from cccd_nfc.registry.models.sealed import SealedField, SealedRow
from cccd_nfc.registry.vault import CORE, Vault, key_label, seal_fields, unseal_fields


class Account(SealedRow, Base):
    """One citizen, one account; the personal number is the key (R-001). `version` guards every change (S-31).

    Number, name, birth date, phone and e-mail are sealed under the person's core key, and `new_phone`, which waits for
    the code sent to it. An account is found by the keyed hash of its number, which is unique, and by that of its
    phone. card_expires: of the citizen's card, or of the foreigner's
    passport.  portrait: the hash of EF.DG2 that EF.SOD signs; the picture is in the sealed evidence `evidence_id`,
    where it was read.  noticed_at: when the owner was told of the issue.  station: where it was opened.
    """

    __tablename__ = "account"

    number = SealedField()
    full_name = SealedField()
    birth_date = SealedField()
    phone = SealedField()
    new_phone = SealedField()
    email = SealedField()

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number_index: Mapped[str] = mapped_column(String(64), unique=True)
    phone_index: Mapped[str] = mapped_column(String(64), default="", server_default="", index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    core_key: Mapped[bytes | None] = column_property(
        select(PersonKey.wrapped)
        .where(PersonKey.owner == number_index, PersonKey.kind == CORE, PersonKey.generation == 1)
        .correlate_except(PersonKey)
        .scalar_subquery()
    )
    level: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(default=0)
    issued_at: Mapped[int] = mapped_column(BigInteger)
    failed_codes: Mapped[int] = mapped_column(default=0)
    hold_until: Mapped[int] = mapped_column(BigInteger, default=0)
    state_before_lock: Mapped[str] = mapped_column(String(16), default="", server_default="")
    card_expires: Mapped[str] = mapped_column(String(10), default="", server_default="")
    kind: Mapped[str] = mapped_column(String(16), default="citizen", server_default="citizen")
    sex: Mapped[str] = mapped_column(String(1), default="", server_default="")
    portrait: Mapped[str] = mapped_column(String(128), default="", server_default="")
    evidence_id: Mapped[str] = mapped_column(String(32), default="", server_default="")
    noticed_at: Mapped[int | None] = mapped_column(BigInteger)
    station: Mapped[str] = mapped_column(String(32), default="", server_default="")
    residence_expires: Mapped[str] = mapped_column(String(10), default="", server_default="")

    __table_args__ = (CheckConstraint("level IN (1, 2)", name="level_is_1_or_2"),)

    def _is_stored(self) -> bool:
        return bool(self.sealed)

    def _mark(self) -> None:
        self.sealed = b""

    def _unsealed_fields(self, vault: Vault) -> dict[str, str]:
        return unseal_fields(self._key(vault), self.seal_label, self.sealed)

    def _seal_into(self, vault: Vault, connection: Connection) -> None:
        self.phone_index = vault.phone_index(self.phone) if self.phone else ""
        if not self.number_index:
            self.number_index = vault.number_index(self.number)
            key, wrapped = vault.new_key(key_label(self.number_index, CORE, 1))
            made = {"owner": self.number_index, "kind": CORE, "generation": 1, "wrapped": wrapped}
            connection.execute(insert(PersonKey).values(made))
            self.__dict__["_core"] = key
        elif self.number_index != vault.number_index(self.number):
            raise RegistryError("the number of an account does not change")
        self.sealed = seal_fields(self._key(vault), self.seal_label, self._plain_fields())

    @property
    def seal_label(self) -> str:
        return f"account {self.id}"

    def _key(self, vault: Vault) -> bytes:
        key: bytes | None = self.__dict__.get("_core")
        if key is None:
            if self.core_key is None:
                raise RegistryError("the key of this person is missing")
            key = vault.unwrapped(self.core_key, key_label(self.number_index, CORE, 1))
        return key


class AccountLock(Base):
    """One ground of a lock, with the law it was set under; the account is free when none is open. Never deleted."""

    __tablename__ = "account_lock"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    ground: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(Text)
    profile: Mapped[str] = mapped_column(String(32))
    clause: Mapped[str] = mapped_column(Text)
    set_by: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(16), default="", server_default="")
    set_at: Mapped[int] = mapped_column(BigInteger)
    cleared_by: Mapped[str] = mapped_column(String(16), default="")
    cleared_at: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        Index(
            "a_ground_is_open_once",
            "account_id",
            "ground",
            unique=True,
            sqlite_where=text("cleared_at IS NULL"),
            postgresql_where=text("cleared_at IS NULL"),
        ),
    )


class LockRequest(Base):
    """An authority's request to lock or unlock: who filed, forwarded, decided it, and by when (R-084, L-13).

    unit: which police received it.  channel, form: how it came, and its form TK03, sealed; where it was said.
    """

    __tablename__ = "lock_request"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str] = mapped_column(String(16))
    ground: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16))
    agency: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text)
    document_date: Mapped[str] = mapped_column(String(10))
    profile: Mapped[str] = mapped_column(String(32))
    filed_by: Mapped[str] = mapped_column(Text)
    filed_at: Mapped[int] = mapped_column(BigInteger)
    forwarded_by: Mapped[str] = mapped_column(Text, default="")
    forwarded_at: Mapped[int | None] = mapped_column(BigInteger)
    decided_by: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[int | None] = mapped_column(BigInteger)
    due_at: Mapped[int] = mapped_column(BigInteger)
    refusal: Mapped[str] = mapped_column(Text, default="")
    unit: Mapped[str] = mapped_column(Text, default="", server_default="")
    channel: Mapped[str] = mapped_column(String(16), default="", server_default="")
    form: Mapped[bytes | None] = mapped_column(LargeBinary)
