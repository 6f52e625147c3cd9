"""A login's token that one device's key alone can use (RFC 9449 §6): the login's own token, a dot, and an HMAC.

The HMAC is over token and thumbprint, under a key drawn from `keys.code`: nothing is stored besides the login, and who
takes the token from an app needs the key as well, which no app gives away.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from cccd_nfc.errors import LoginNeededError


def bind(secret: bytes, login: str, thumbprint: str) -> str:
    """The token that an app gets: 43 characters, a dot, 43 characters, for its `Authorization: DPoP`."""
    return f"{login}.{_mac(secret, login, thumbprint)}"


def login_of(secret: bytes, token: str, thumbprint: str) -> str:
    """The login's own token; LoginNeededError when it is another key's, or none of ours."""
    login, _, mac = token.partition(".")
    if not hmac.compare_digest(mac.encode(), _mac(secret, login, thumbprint).encode()):
        raise LoginNeededError("the login has ended; log in again")
    return login


def _mac(secret: bytes, login: str, thumbprint: str) -> str:
    key = hmac.new(secret, b"cccd_nfc bound login 1", hashlib.sha256).digest()
    digest = hmac.new(key, f"{login}\x1f{thumbprint}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
