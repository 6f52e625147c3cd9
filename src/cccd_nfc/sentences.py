"""Sentences that can be said in more than one language: what they were made from stays with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


class Said(str):
    """A sentence in English that knows what it was made from, so that it can be said in another language.

    template: with names in braces.  values: what stands for them; a value may be `Said` itself. Of an exception its
    sentence is kept, since its traceback would hold on to the card's data for as long as the report lives.
    """

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, **values: object) -> Said:
        made = super().__new__(cls, template.format(**values) if values else template)
        made.template = template
        made.values = {
            name: sentence_of(each) if isinstance(each, Exception) else each for name, each in values.items()
        }
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return _said, (self.template, dict(self.values))


def _said(template: str, values: dict[str, object]) -> Said:
    return Said(template, **values)


def sentence_of(error: Exception) -> Said:
    """What the exception says: the `Said` that it was raised with, else its text as a sentence without values."""
    given = error.args[0] if error.args else None
    return given if isinstance(given, Said) else Said(str(error))


def joined(sentences: Iterable[Said], between: str = "; ") -> Said:
    """The sentences one after another, `between` between them; empty for none."""
    whole = Said("")
    for each in sentences:
        frame = "{first}{between}{second}"
        whole = Said(frame, first=whole, between=between, second=each) if whole else each
    return whole
