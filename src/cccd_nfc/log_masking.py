"""A filter for logs: no personal number, no phone number, no line that somebody else has written into a value (S-36).

It is the net beneath the rule that nothing personal is logged in the first place.
"""

from __future__ import annotations

import logging
import re

_LINKS = r"[ .\-\u00a0]?"
_NUMBER = re.compile(rf"(?<![0-9])(?:[0-9]{_LINKS}){{11}}[0-9](?![0-9])")
_PHONE = re.compile(
    rf"(?<![0-9])(?:\+{_LINKS}8{_LINKS}4|0{_LINKS}0{_LINKS}8{_LINKS}4|8{_LINKS}4|0){_LINKS}[35789](?:{_LINKS}[0-9]){{8}}(?![0-9])"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
"""Control characters, and those that turn the direction of writing or are not seen: none belongs into a line."""


def masked_text(text: str) -> str:
    """`text` on one line: 12 digits as 079*****1234, phone numbers as 091*****678, control characters as \\x0a."""
    text = _NUMBER.sub(lambda found: _masked(found[0], 4), text)
    text = _PHONE.sub(lambda found: _masked(found[0], 3), text)
    return _CONTROL.sub(_escaped, text)


def _masked(found: str, last: int) -> str:
    digits = re.sub(r"[^0-9]", "", found)
    return f"{digits[:3]}*****{digits[-last:]}"


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


class MaskingFormatter(logging.Formatter):
    """Puts another formatter's lines through `masked_text`; of a traceback each line by itself."""

    def __init__(self, inner: logging.Formatter | None = None) -> None:
        super().__init__()
        self._inner = inner or logging.Formatter()

    def format(self, record: logging.LogRecord) -> str:
        message, *trace = self._parts(record)
        return "\n".join([masked_text(message), *map(masked_text, trace)])

    def _parts(self, record: logging.LogRecord) -> list[str]:
        """The message, which is one line whatever is in it, then the lines of traceback and stack."""
        bare = logging.makeLogRecord({**record.__dict__, "exc_info": None, "exc_text": None, "stack_info": None})
        trace = [self._inner.formatException(record.exc_info)] if record.exc_info else []
        trace += [record.stack_info] if record.stack_info else []
        return [self._inner.format(bare), *(line for part in trace for line in part.split("\n"))]


class MaskingFilter(logging.Filter):
    """Masks the message itself, for handlers whose formatter is not ours; it lets every record through."""

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            record.msg, record.args = masked_text(record.getMessage()), ()
        except (TypeError, ValueError, KeyError):
            record.msg, record.args = masked_text(str(record.msg)), ()
        return True


def install(logger: logging.Logger | None = None) -> None:
    """Puts the masking on every handler of the logger, else of the root, and on Python's last resort; once each."""
    chosen = logger or logging.getLogger()
    last = [logging.lastResort] if logging.lastResort else []
    for handler in [*chosen.handlers, *last]:
        if not isinstance(handler.formatter, MaskingFormatter):
            handler.setFormatter(MaskingFormatter(handler.formatter))
            handler.addFilter(MaskingFilter())
