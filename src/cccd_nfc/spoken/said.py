"""The sentences of reports and errors in the language of whoever reads them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from cccd_nfc.sentences import Said
from cccd_nfc.spoken.details_vi import DETAILS
from cccd_nfc.spoken.errors_vi import ERRORS
from cccd_nfc.spoken.parts_errors_vi import PARTS_ERRORS
from cccd_nfc.spoken.registry_errors_vi import REGISTRY_ERRORS
from cccd_nfc.spoken.secret_errors_vi import SECRET_ERRORS
from cccd_nfc.spoken.words import Language

VIETNAMESE: Mapping[str, str] = {**DETAILS, **ERRORS, **REGISTRY_ERRORS, **PARTS_ERRORS, **SECRET_ERRORS}
"""The English template -> the same in Vietnamese."""


def in_language(text: object, lang: Language) -> str:
    """`text` in `lang`: what was `Said` by its template, with what fills it said likewise; anything else as it is."""
    if lang == "en":
        return str(text)
    if isinstance(text, date):
        return f"{text:%d/%m/%Y}"
    if not isinstance(text, Said):
        return str(text)
    template = VIETNAMESE.get(text.template, text.template)
    values = {name: in_language(value, lang) for name, value in text.values.items()}
    return template.format(**values) if values else template
