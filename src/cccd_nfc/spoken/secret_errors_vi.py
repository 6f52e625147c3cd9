"""Why a password or a passcode is not accepted, in Vietnamese: the English of `secret_rules.Reason` -> the same."""

from __future__ import annotations

from collections.abc import Mapping

SECRET_ERRORS: Mapping[str, str] = {
    "too few characters": "quá ít ký tự",
    "too many characters": "quá nhiều ký tự",
    "characters that cannot be typed": "có ký tự không gõ được",
    "no digit": "không có chữ số",
    "no capital letter": "không có chữ hoa",
    "no small letter": "không có chữ thường",
    "no special character": "không có ký tự đặc biệt",
    "one of the most common passwords": "là mật khẩu quá phổ biến",
    "the same few characters again and again": "chỉ lặp lại vài ký tự",
    "the owner's name": "có tên của chủ tài khoản",
    "the owner's date of birth": "có ngày sinh của chủ tài khoản",
    "digits of the personal number or of the phone number": "có chữ số lấy từ số định danh hoặc số điện thoại",
    "the name of the card or of the app": "có tên của thẻ hoặc của ứng dụng",
    "the name of a province": "có tên tỉnh, thành phố",
    "not six digits from 0 to 9": "không phải sáu chữ số từ 0 đến 9",
    "six equal digits": "sáu chữ số giống nhau",
    "digits in a row, up or down": "các chữ số liên tiếp tăng hoặc giảm",
}
