"""Messages about logins and secrets, at most 160 characters of GSM each; none of them carries a secret but the code."""

from __future__ import annotations

from cccd_nfc.registry.hotline import HOTLINE


def web_code_text(code: str, reference: str, minutes: int) -> str:
    """The OTP of a web activation: what it does, and who never asks."""
    return (
        f"Ma {reference}: {code} de kich hoat tai khoan dinh danh tren web. "
        f"Het han sau {minutes} phut. Can bo KHONG hoi ma nay. Goi {HOTLINE}."
    )


def reset_code_text(code: str, reference: str, minutes: int) -> str:
    return (
        f"Ma {reference}: {code} de dat lai mat khau, passcode tai khoan dinh danh. "
        f"Het han sau {minutes} phut. Can bo KHONG hoi ma nay. Goi {HOTLINE}."
    )


def web_activated_text() -> str:
    return "Tai khoan dinh danh da duoc kich hoat tren web, khong gan thiet bi nao."


def secrets_changed_text() -> str:
    return "Mat khau hoac passcode cua tai khoan dinh danh vua duoc thay doi."
