"""What every table is declared from."""

from __future__ import annotations

from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """The one model; `migrations/` brings a database to it."""
