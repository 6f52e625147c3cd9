"""A key in a PKCS#11 token that wraps the registry's key files: a copy of them opens nothing without the token (S-37).

The token is named by a PKCS#11 URI (RFC 7512) in CCCD_KEYS_TOKEN, its PIN lies in the file that `pin-source` names:
`pkcs11:token=police;object=cccd?module-path=/usr/lib/…/module.so&pin-source=file:/etc/cccd/pin`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from cccd_nfc.errors import RegistryUnavailableError, UsageError

VARIABLE = "CCCD_KEYS_TOKEN"
_NONCE, _TAG_BITS = 12, 128


@dataclass(frozen=True, slots=True)
class Token:
    """module: the token's driver.  token, key: labels.  pin: the user's."""

    module: str
    token: str
    key: str
    pin: str = field(repr=False)

    def wrap(self, content: bytes, label: str) -> bytes:
        """12 bytes of nonce, then AES-256-GCM's cryptogram and tag, bound to `label`."""
        nonce = os.urandom(_NONCE)
        with self._session() as session:
            return nonce + bytes(self._key(session).encrypt(content, **_parameters(nonce, label)))

    def unwrap(self, wrapped: bytes, label: str) -> bytes:
        """What `wrap` wrapped under the same label; RegistryUnavailableError for anything else."""
        with self._session() as session:
            return bytes(self._key(session).decrypt(wrapped[_NONCE:], **_parameters(wrapped[:_NONCE], label)))

    def make_key(self) -> bool:
        """Makes the key inside of the token, where it stays; whether there was none."""
        from pkcs11 import Attribute, KeyType
        from pkcs11.exceptions import NoSuchKey

        with self._session(rw=True) as session:
            try:
                self._key(session)
                return False
            except NoSuchKey:
                kept = {Attribute.EXTRACTABLE: False, Attribute.SENSITIVE: True}
                session.generate_key(KeyType.AES, 256, label=self.key, store=True, template=kept)
                return True

    def _key(self, session: Any) -> Any:
        from pkcs11 import ObjectClass

        return session.get_key(object_class=ObjectClass.SECRET_KEY, label=self.key)

    @contextmanager
    def _session(self, *, rw: bool = False) -> Iterator[Any]:
        try:
            import pkcs11
        except ImportError as error:
            raise UsageError("python-pkcs11 is not installed; install cccd-nfc[token]") from error
        try:
            with pkcs11.lib(self.module).get_token(token_label=self.token).open(user_pin=self.pin, rw=rw) as session:
                yield session
        except (pkcs11.exceptions.PKCS11Error, RuntimeError) as error:
            raise RegistryUnavailableError("the token does not give the registry's keys out") from error


def _parameters(nonce: bytes, label: str) -> dict[str, Any]:
    from pkcs11 import GCMParams, Mechanism

    return {"mechanism": Mechanism.AES_GCM, "mechanism_param": GCMParams(nonce, label.encode(), _TAG_BITS)}


def token_of(environment: Mapping[str, str] = os.environ) -> Token | None:
    """The token that the environment names; None for none. UsageError for a name that is none, or no PIN."""
    uri = environment.get(VARIABLE, "")
    if not uri:
        return None
    named = _attributes(uri)
    try:
        module, token, key = named["module-path"], named["token"], named["object"]
        pin = Path(named["pin-source"].removeprefix("file:")).read_text(encoding="utf-8").strip()
    except (KeyError, OSError, UnicodeDecodeError) as error:
        raise UsageError("CCCD_KEYS_TOKEN names token, object, module-path and a pin-source that is read") from error
    return Token(module, token, key, pin)


def _attributes(uri: str) -> dict[str, str]:
    """The attributes of path and query (RFC 7512 §2.3), decoded."""
    scheme, _, rest = uri.partition(":")
    if scheme != "pkcs11":
        raise UsageError("CCCD_KEYS_TOKEN must be a PKCS#11 URI")
    path, _, query = rest.partition("?")
    pairs = (part.partition("=") for part in (*path.split(";"), *query.split("&")) if part)
    return {name: unquote(value) for name, _, value in pairs}
