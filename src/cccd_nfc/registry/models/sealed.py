"""Fields that are plain to the program and sealed in the database.

The vault comes with the session (`session.info["vault"]`). What was read stays readable when the session has ended.
"""

from __future__ import annotations

from typing import Any, Self, overload

from sqlalchemy import Connection, event
from sqlalchemy.orm import Mapper, QueryContext, object_session

from cccd_nfc.errors import RegistryError
from cccd_nfc.registry.vault import Vault


class SealedField:
    """One text among those that a row seals together; empty where nothing was ever set."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: SealedRow, owner: type) -> str: ...
    def __get__(self, instance: SealedRow | None, owner: type) -> Self | str:
        return self if instance is None else instance._plain_fields().get(self._name, "")

    def __set__(self, instance: SealedRow, value: str) -> None:
        instance._set_plain(self._name, value)


class SealedRow:
    """A row with sealed fields. `_unsealed_fields` opens them, `_seal_into` closes them just before the row is written.

    The plain texts lie in the instance beside what SQLAlchemy keeps there, and go when the row is read again.
    """

    def _plain_fields(self) -> dict[str, str]:
        plain: dict[str, str] | None = self.__dict__.get("_plain")
        if plain is None:
            known = self._is_stored()
            plain = self.__dict__["_plain"] = self._unsealed_fields(self._vault()) if known else {}
        return plain

    def _set_plain(self, name: str, value: str) -> None:
        self.__dict__["_plain"] = {**self._plain_fields(), name: value}
        self.__dict__["_to_seal"] = True
        self._mark()

    def _vault(self) -> Vault:
        session = object_session(self)
        vault = session.info.get("vault") if session else self.__dict__.get("_from_vault")
        if not isinstance(vault, Vault):
            raise RegistryError("sealed data of the registry were asked for without its keys")
        return vault

    def _forget(self) -> None:
        for name in ("_plain", "_to_seal"):
            self.__dict__.pop(name, None)

    def _is_stored(self) -> bool:
        """Whether there is something sealed."""
        raise NotImplementedError

    def _mark(self) -> None:
        """Makes SQLAlchemy see that the row has changed."""
        raise NotImplementedError

    def _unsealed_fields(self, vault: Vault) -> dict[str, str]:
        raise NotImplementedError

    def _seal_into(self, vault: Vault, connection: Connection) -> None:
        raise NotImplementedError


def _loaded(target: SealedRow, context: QueryContext) -> None:
    target.__dict__["_from_vault"] = context.session.info.get("vault")


def _renewed(target: SealedRow, *_: object) -> None:
    target._forget()


def _written(_mapper: Mapper[Any], connection: Connection, target: SealedRow) -> None:
    if target.__dict__.pop("_to_seal", False):
        target._seal_into(target._vault(), connection)


event.listen(SealedRow, "load", _loaded, propagate=True)
event.listen(SealedRow, "refresh", _renewed, propagate=True)
event.listen(SealedRow, "expire", _renewed, propagate=True)
event.listen(SealedRow, "before_insert", _written, propagate=True)
event.listen(SealedRow, "before_update", _written, propagate=True)
