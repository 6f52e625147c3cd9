"""Which keys a registry was begun with, and that those in its folder are these (S-37)."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from cccd_nfc.errors import RegistryUnavailableError
from cccd_nfc.registry import audit, signed
from cccd_nfc.registry.keys import Keys
from cccd_nfc.registry.models import Identity
from cccd_nfc.sentences import Said


def keys_of(session: Session, folder: Path) -> Keys:
    """The keys in `folder`, made when both are new, else those that this database was begun with."""
    known = session.get(Identity, 1)
    begun = known is not None or audit.size(session) > 0
    keys = Keys.open(folder, create=not begun, complete=known is None or known.later_keys is None)
    ours = (keys.fingerprint, signed.public_key_text(keys.head), keys.later_fingerprint)
    if known is None:
        session.add(Identity(id=1, keys=ours[0], head_key=ours[1], later_keys=ours[2]))
        return keys
    known.head_key, known.later_keys = known.head_key or ours[1], known.later_keys or ours[2]
    if (known.keys, known.head_key, known.later_keys) != ours:
        raise RegistryUnavailableError(Said("the keys in {folder} are those of another registry", folder=folder))
    return keys
