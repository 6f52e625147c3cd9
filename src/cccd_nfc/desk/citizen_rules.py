"""The rules of passwords and passcodes as a page lists them: kept, broken, or not looked at (R-050 to R-052)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cccd_nfc.registry.secret_rules import PASSCODE_DIGITS, VNEID, Reason
from cccd_nfc.spoken.words import Language, Text

_LENGTH: Text = {
    "vi": f"{VNEID.shortest} đến {VNEID.longest} ký tự",
    "en": f"{VNEID.shortest} to {VNEID.longest} characters",
}
PASSWORD_RULES: Mapping[tuple[Reason, ...], Text] = {
    (Reason.TOO_SHORT, Reason.TOO_LONG, Reason.UNREADABLE): _LENGTH,
    (Reason.NO_DIGIT,): {"vi": "ít nhất một chữ số", "en": "at least one digit"},
    (Reason.NO_CAPITAL,): {"vi": "ít nhất một chữ hoa", "en": "at least one capital letter"},
    (Reason.NO_SMALL,): {"vi": "ít nhất một chữ thường", "en": "at least one small letter"},
    (Reason.NO_SIGN,): {
        "vi": "ít nhất một ký tự đặc biệt, ví dụ - + /",
        "en": "at least one special character, - + /",
    },
    (Reason.COMMON, Reason.REPEATED): {
        "vi": "không phải mật khẩu phổ biến hay lặp lại",
        "en": "no common password, and no repetition",
    },
    (Reason.NAME, Reason.BIRTH_DATE, Reason.NUMBER): {
        "vi": "không có tên, ngày sinh, số định danh hay số điện thoại của bạn",
        "en": "nothing of your name, birth date, personal number or phone number",
    },
    (Reason.OUR_WORD, Reason.PLACE): {
        "vi": "không có tên tỉnh, thành phố, VNeID hay CCCD",
        "en": "no name of a province, nor VNeID nor CCCD",
    },
}
PASSCODE_RULES: Mapping[tuple[Reason, ...], Text] = {
    (Reason.NOT_SIX_DIGITS,): {"vi": f"đúng {PASSCODE_DIGITS} chữ số", "en": f"exactly {PASSCODE_DIGITS} digits"},
    (Reason.ALL_EQUAL, Reason.RUN): {
        "vi": "không giống nhau cả, không liên tiếp (123456)",
        "en": "not all equal, and not in a row (123456)",
    },
    (Reason.BIRTH_DATE, Reason.NUMBER): {
        "vi": "không lấy từ ngày sinh, số định danh hay số điện thoại",
        "en": "not from your birth date, personal number or phone number",
    },
}
UNKNOWN_YET = frozenset({Reason.NOT_SIX_DIGITS})
"""With this one broken no other rule of a passcode was looked at."""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """kept: None where nothing was typed, or the rule was not looked at."""

    text: str
    kept: bool | None


def rows(
    rules: Mapping[tuple[Reason, ...], Text], typed: str, broken: Sequence[Reason], lang: Language
) -> list[RuleRow]:
    """Each rule with its state for what was typed."""
    return [RuleRow(text[lang], _kept(reasons, typed, broken)) for reasons, text in rules.items()]


def _kept(reasons: Iterable[Reason], typed: str, broken: Sequence[Reason]) -> bool | None:
    if not typed:
        return None
    if set(reasons) & set(broken):
        return False
    return None if UNKNOWN_YET & set(broken) else True
