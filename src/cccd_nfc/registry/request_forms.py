"""The form TK03, on which the law of today wants a request to lock or unlock (L-15): its fields, and how they are kept.

What it says of people is sealed: the database names the channel and the receiving unit alone.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from cccd_nfc.errors import UsageError
from cccd_nfc.registry.keys import seal, unseal
from cccd_nfc.sentences import Said

MOST_LETTERS = 2000
"""Of one field; a form has one sheet."""


class FilingChannel(StrEnum):
    """Any police of a commune or a province takes requests in, and the post brings them (L-15)."""

    COMMUNE_DESK = "commune-desk"
    PROVINCE_DESK = "province-desk"
    POST = "post"


@dataclass(frozen=True, slots=True)
class Form:
    """requester, capacity: who signed, and as what.  content: what is to be done.  reason: why."""

    channel: FilingChannel
    requester: str = field(repr=False)
    capacity: str = field(repr=False)
    content: str = field(repr=False)
    reason: str = field(repr=False)

    def checked(self) -> Form:
        """The form without spaces around its fields; UsageError for a field that is empty or longer than a sheet."""
        fields = {"requester": self.requester, "capacity": self.capacity, "content": self.content}
        found = {name: " ".join(value.split()) for name, value in {**fields, "reason": self.reason}.items()}
        for name, value in found.items():
            if not value:
                raise UsageError(Said("the form TK03 wants its {field}", field=Said(name)))
            if len(value) > MOST_LETTERS:
                raise UsageError(Said("a field of the form TK03 is longer than {most} letters", most=MOST_LETTERS))
        return Form(FilingChannel(self.channel), **found)


def parse_form(text: str) -> Form:
    """The form out of JSON with exactly its fields; UsageError for anything else."""
    try:
        content = json.loads(text)
        if not all(isinstance(value, str) for value in content.values()):
            raise ValueError("a field that is no text")
        return Form(FilingChannel(content.pop("channel")), **content).checked()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError("not a form TK03: JSON with channel, requester, capacity, content and reason") from error


def sealed_form(key: bytes, form: Form, request_id: str) -> bytes:
    """The form by AES-256-GCM, bound to its request."""
    return seal(key, json.dumps(asdict(form), ensure_ascii=False).encode(), _label(request_id))


def opened_form(key: bytes, sealed: bytes, request_id: str) -> Form:
    """What `sealed_form` sealed; RegistryError when it was changed or is another request's."""
    content = json.loads(unseal(key, sealed, _label(request_id)))
    return Form(FilingChannel(content.pop("channel")), **content)


def _label(request_id: str) -> str:
    return f"request form {request_id}"
