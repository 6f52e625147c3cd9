"""Small records about a person, sealed in the database: what an application says, a passport's data, a paper's."""

from __future__ import annotations

import json
from collections.abc import Mapping

from cccd_nfc.registry.keys import seal, unseal
from cccd_nfc.registry.office import Office


def seal_record(office: Office, record_id: str, content: Mapping[str, str]) -> bytes:
    """The texts by name, encrypted and bound to their record."""
    return seal(office.keys.evidence, json.dumps(dict(content), ensure_ascii=False).encode(), f"record {record_id}")


def open_record(office: Office, record_id: str, sealed: bytes) -> dict[str, str]:
    """What `seal_record` sealed under the same id; RegistryError when it was changed."""
    content: dict[str, str] = json.loads(unseal(office.keys.evidence, sealed, f"record {record_id}"))
    return content
