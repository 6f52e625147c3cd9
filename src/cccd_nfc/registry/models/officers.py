"""Units, officers and stations: who may act at a desk, how they log in, and what two of them do together."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cccd_nfc.registry.models.base import Base


class Unit(Base):
    """A police unit: of a commune, a province or the ministry (L-23)."""

    __tablename__ = "unit"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(16))
    added_at: Mapped[int] = mapped_column(BigInteger)


class Officer(Base):
    """A person with a login. roles: words with blanks between.  password: Argon2id over a keyed hash.

    totp_seed: sealed; totp_last_step: no step up to it is ever accepted again (S-19). Never deleted, disabled only.
    """

    __tablename__ = "officer"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    login: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(Text)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    roles: Mapped[str] = mapped_column(Text)
    enabled: Mapped[bool]
    password: Mapped[str] = mapped_column(Text)
    totp_seed: Mapped[bytes] = mapped_column(LargeBinary)
    totp_last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    failed_logins: Mapped[int] = mapped_column(default=0)
    hold_until: Mapped[int] = mapped_column(BigInteger, default=0)
    added_at: Mapped[int] = mapped_column(BigInteger)


class OfficerKey(Base):
    """A FIDO2 credential. id: the credential's, base64url.  public_key: COSE, as the key gave it."""

    __tablename__ = "officer_key"

    id: Mapped[str] = mapped_column(String(1366), primary_key=True)
    officer_id: Mapped[str] = mapped_column(ForeignKey("officer.id"))
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    label: Mapped[str] = mapped_column(Text)
    added_at: Mapped[int] = mapped_column(BigInteger)
    ended_at: Mapped[int | None] = mapped_column(BigInteger)


class OfficerChallenge(Base):
    """What a FIDO2 key is to sign, once. officer_id: none where nobody has the login name that was said."""

    __tablename__ = "officer_challenge"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    officer_id: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    purpose: Mapped[str] = mapped_column(String(16))
    challenge: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[int] = mapped_column(BigInteger)
    used_at: Mapped[int | None] = mapped_column(BigInteger)


class OfficerSession(Base):
    """A login. id: SHA-256 of the token, hex; the token itself is nowhere.

    started_at: of the first login, which a step-up does not move.  strong_at: of the newest.
    """

    __tablename__ = "officer_session"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    officer_id: Mapped[str] = mapped_column(ForeignKey("officer.id"))
    station_id: Mapped[str | None] = mapped_column(ForeignKey("station.id"))
    method: Mapped[str] = mapped_column(String(16))
    started_at: Mapped[int] = mapped_column(BigInteger)
    strong_at: Mapped[int] = mapped_column(BigInteger)
    seen_at: Mapped[int] = mapped_column(BigInteger)
    ended_at: Mapped[int | None] = mapped_column(BigInteger)


class Station(Base):
    """A desk with a reader, known by its own key."""

    __tablename__ = "station"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    thumbprint: Mapped[str] = mapped_column(String(64), unique=True)
    public_key: Mapped[str] = mapped_column(Text)
    enabled: Mapped[bool]
    added_at: Mapped[int] = mapped_column(BigInteger)


class ReservedKey(Base):
    """The thumbprint of a key that is a station's or an officer's, and so never an account's device (A12)."""

    __tablename__ = "reserved_key"

    thumbprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    holder: Mapped[str] = mapped_column(String(32))
    added_at: Mapped[int] = mapped_column(BigInteger)


class Proposal(Base):
    """An act that takes two people. subject: what it is upon, where that is no account."""

    __tablename__ = "proposal"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    subject: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    proposed_by: Mapped[str] = mapped_column(ForeignKey("officer.id"))
    proposed_at: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[int] = mapped_column(BigInteger)
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    decided_at: Mapped[int | None] = mapped_column(BigInteger)
    spent_at: Mapped[int | None] = mapped_column(BigInteger)
