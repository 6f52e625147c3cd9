"""Errors about devices and offline desks in Vietnamese: the English template -> the same, with its names."""

from __future__ import annotations

from collections.abc import Mapping

DEVICE_ERRORS: Mapping[str, str] = {
    "the account was changed at {time} (Vietnam time) meanwhile; begin again":
        "tài khoản đã được thay đổi lúc {time} (giờ Việt Nam); hãy làm lại từ đầu",
    "the account was changed at {time} (Vietnam time) at the desk {station} meanwhile; begin again":
        "tài khoản đã được thay đổi lúc {time} (giờ Việt Nam) tại quầy {station}; hãy làm lại từ đầu",
    "the transaction is not waiting for a code: {reason}": "giao dịch không còn chờ mã: {reason}",
    "the app is too old: update it to {least} or newer from Google Play or the App Store":
        "ứng dụng quá cũ: hãy cập nhật lên {least} hoặc mới hơn từ Google Play hoặc App Store",
    "the code is wrong; {left} tries left": "mã không đúng; còn {left} lần thử",
    "the journal {path} cannot be written: {reason}": "không ghi được sổ ghi {path}: {reason}",
    "the journal {path} cannot be read: {reason}": "không đọc được sổ ghi {path}: {reason}",
    "line {number} of the journal does not follow the one before":
        "dòng {number} của sổ ghi không nối tiếp dòng trước",
    "a station is given as ID=PUBLIC.pem, and not as {what}":
        "trạm được nêu dạng ID=PUBLIC.pem, không phải {what}",
    "compare the person's face with the card, then say --face-checked":
        "hãy đối chiếu khuôn mặt với thẻ, rồi dùng --face-checked",
}  # fmt: skip
