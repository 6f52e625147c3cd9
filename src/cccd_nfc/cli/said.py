"""A report's sentences in the language of whoever reads them."""

from __future__ import annotations

from cccd_nfc.cli.details_vi import DETAILS
from cccd_nfc.cli.words import Language
from cccd_nfc.report import Said


def in_language(text: object, lang: Language) -> str:
    """`text` in `lang`: what was `Said` by its template, with what fills it said likewise; anything else as it is."""
    if lang == "en" or not isinstance(text, Said):
        return str(text)
    if not text.values:
        return DETAILS.get(text.template, text.template)
    template = DETAILS.get(text.template, text.template)
    return template.format(**{name: in_language(value, lang) for name, value in text.values.items()})
