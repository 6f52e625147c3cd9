"""What opening an account and raising it to level 2 leave behind: consents, representatives, applications, papers."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from cccd_nfc.registry.models.base import Base


class Consent(Base):
    """What somebody agreed to: which text, when, by what method (R-068). revoked_at: None while it holds."""

    __tablename__ = "consent"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    application_id: Mapped[str | None] = mapped_column(String(32))
    purpose: Mapped[str] = mapped_column(String(16))
    text_version: Mapped[str] = mapped_column(String(16))
    method: Mapped[str] = mapped_column(String(16))
    given_by: Mapped[str] = mapped_column(String(32))
    given_at: Mapped[int] = mapped_column(BigInteger)
    evidence_id: Mapped[str] = mapped_column(String(32), default="")
    revoked_at: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        Index(
            "one_open_consent_to_the_use",
            "account_id",
            unique=True,
            sqlite_where=text("purpose = 'use' AND revoked_at IS NULL"),
            postgresql_where=text("purpose = 'use' AND revoked_at IS NULL"),
        ),
    )


class Representation(Base):
    """Who acts for a child or a ward, on which paper (L-10). representative_id: an account. Never deleted."""

    __tablename__ = "representation"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    representative_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    kinship: Mapped[str] = mapped_column(String(16))
    document: Mapped[str] = mapped_column(Text)
    officer: Mapped[str] = mapped_column(String(32), default="")
    since: Mapped[int] = mapped_column(BigInteger)
    until: Mapped[int | None] = mapped_column(BigInteger)


class LevelApplication(Base):
    """One application for level 2, from the desk to its result (F6).

    person: keyed hash of the personal number.  sealed: who, and what the officer entered.  portrait, fingerprints:
    references to what was taken.  edited: names of the entries that differ from the chip.
    """

    __tablename__ = "level_application"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person: Mapped[str] = mapped_column(String(64))
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    state: Mapped[str] = mapped_column(String(16))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    evidence_id: Mapped[str] = mapped_column(String(32), default="")
    edited: Mapped[str] = mapped_column(Text, default="")
    papers: Mapped[str] = mapped_column(Text, default="")
    portrait: Mapped[str] = mapped_column(String(80))
    fingerprints: Mapped[str] = mapped_column(String(80))
    no_card: Mapped[str] = mapped_column(String(16), default="")
    match_reference: Mapped[str] = mapped_column(Text, default="")
    refusal: Mapped[str] = mapped_column(Text, default="")
    profile: Mapped[str] = mapped_column(String(32))
    clause: Mapped[str] = mapped_column(Text)
    officer: Mapped[str] = mapped_column(String(32))
    station: Mapped[str] = mapped_column(String(32))
    unit: Mapped[str] = mapped_column(String(16))
    received_at: Mapped[int] = mapped_column(BigInteger)
    due_at: Mapped[int] = mapped_column(BigInteger)
    decided_at: Mapped[int | None] = mapped_column(BigInteger)
    notice_channel: Mapped[str] = mapped_column(String(16), default="")

    __table_args__ = (
        Index(
            "one_open_application_for_a_person",
            "person",
            unique=True,
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
    )


class IntegratedPaper(Base):
    """A paper that an account of level 2 carries (R-009). day: of the paper.  sealed: its data."""

    __tablename__ = "integrated_paper"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str] = mapped_column(String(32))
    source: Mapped[str] = mapped_column(Text)
    day: Mapped[str] = mapped_column(String(10))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    added_at: Mapped[int] = mapped_column(BigInteger)
    officer: Mapped[str] = mapped_column(String(32), default="")
    replaced_at: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        Index(
            "one_paper_of_a_kind",
            "account_id",
            "kind",
            unique=True,
            sqlite_where=text("replaced_at IS NULL"),
            postgresql_where=text("replaced_at IS NULL"),
        ),
    )


class TravelDocument(Base):
    """The passport or travel document that a foreigner's account was opened with (R-007). reference: keyed hash."""

    __tablename__ = "travel_document"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    reference: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    evidence_id: Mapped[str] = mapped_column(String(32))
    officer: Mapped[str] = mapped_column(String(32))
    since: Mapped[int] = mapped_column(BigInteger)
    replaced_at: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        Index(
            "one_account_for_a_travel_document",
            "reference",
            unique=True,
            sqlite_where=text("replaced_at IS NULL"),
            postgresql_where=text("replaced_at IS NULL"),
        ),
    )


class ImportedStatus(Base):
    """A row of status data that was taken in, once. digest: keyed hash over person, status, day and its own number."""

    __tablename__ = "imported_status"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    status: Mapped[str] = mapped_column(String(32))
    imported_at: Mapped[int] = mapped_column(BigInteger)
