"""The sentences of reports in Vietnamese: the English template -> the same in Vietnamese, with the same names in it."""

from __future__ import annotations

from collections.abc import Mapping

DETAILS: Mapping[str, str] = {}
