"""UTCTime and GeneralizedTime, in the forms that certificates and lists have them (RFC 5280 §4.1.2.5)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from cccd_nfc.errors import EncodingError
from cccd_nfc.iso7816 import tlv

UTC_TIME, GENERALIZED_TIME = 0x17, 0x18
TIMES = (UTC_TIME, GENERALIZED_TIME)

# Seconds are left out by some old certificates, fractions and zones are forbidden by the profile and seen all the same.
_FORM = re.compile(r"(\d{8})(\d{4})(\d\d)?(?:[.,]\d+)?(Z|[+-]\d{4})")


def parse_time(found: tlv.DataObject) -> datetime:
    """The moment, in UTC; EncodingError for a time that is none. A UTCTime's year lies between 1950 and 2049."""
    if found.tag == UTC_TIME:
        return parse_time_value((b"19" if found.value[:2] >= b"50" else b"20") + found.value)
    if found.tag == GENERALIZED_TIME:
        return parse_time_value(found.value)
    raise EncodingError("a time of an unknown type")


def parse_time_value(text: bytes) -> datetime:
    """The moment that a GeneralizedTime's value spells."""
    read = _FORM.fullmatch(text.decode("latin-1"))
    if read is None:
        raise EncodingError("a time that is none")
    day, minute, second, zone = read.groups()
    try:
        return datetime.fromisoformat(f"{day}T{minute}{second or '00'}{zone}").astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise EncodingError("a time that is none") from error
