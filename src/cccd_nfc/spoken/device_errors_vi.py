"""Errors about devices and offline desks in Vietnamese: the English template -> the same, with its names."""

from __future__ import annotations

from collections.abc import Mapping

DEVICE_ERRORS: Mapping[str, str] = {
    "no phone shows these six letters now": "không có điện thoại nào đang hiện sáu chữ cái này",
    "a QR code of the phone's page holds 1 to 1024 letters": "mã QR của trang điện thoại chứa 1 đến 1024 ký tự",
    "the operator says that this number is not in the owner's own name":
        "nhà mạng cho biết số này không đứng tên chủ tài khoản",
    "this is not the active device of the owner's representative":
        "đây không phải thiết bị đang dùng của người đại diện cho chủ tài khoản",
    "an attestation has 1 to 16384 bytes, and none for the format none":
        "chứng thực khóa dài 1 đến 16384 byte, và để trống nếu là dạng none",
    "an attestation is of a device's key": "chứng thực phải là của khóa thiết bị",
    "an attestation may be required from level 1 or level 2": "chỉ có thể yêu cầu chứng thực khóa từ mức 1 hoặc mức 2",
    "at this level a device is bound with an attestation of its key only":
        "ở mức này thiết bị chỉ được kích hoạt khi có chứng thực khóa",
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
    "a key may serve one to five accounts": "một khóa dùng được cho một đến năm tài khoản",
    "a line of the journal is longer than any record": "một dòng của sổ ghi dài hơn mọi bản ghi",
    "a minimum version is one to four numbers with dots between them":
        "phiên bản tối thiểu gồm một đến bốn số, cách nhau bằng dấu chấm",
    "a record of the offline desk is not complete": "một bản ghi của quầy ngoại tuyến không đầy đủ",
    "a station's id has 1 to 32 characters": "mã bàn làm việc có 1 đến 32 ký tự",
    "no officer has checked the face": "chưa có cán bộ đối chiếu khuôn mặt",
    "no phone was handed this transaction over": "chưa có điện thoại nào được chuyển giao giao dịch này",
    "no such ground": "không có căn cứ này",
    "the account is closed": "tài khoản đã đóng",
    "the account is locked and its device stopped: unlock it first, or report the device lost":
        "tài khoản đang khóa và thiết bị đã dừng: hãy mở khóa trước, hoặc báo mất thiết bị",
    "the account was changed since the desk's last contact": "tài khoản đã thay đổi từ lần liên lạc cuối của quầy",
    "the audit log is broken at its newest entry": "nhật ký bị hỏng ở mục mới nhất",
    "the binding has expired; begin again": "lần liên kết đã hết hạn; hãy làm lại từ đầu",
    "the card did not sign for this station and this device": "thẻ không ký cho bàn làm việc và thiết bị này",
    "the card was not read yet": "chưa đọc thẻ",
    "the code was used, or has no tries left; begin again": "mã đã dùng hoặc hết lần thử; hãy làm lại từ đầu",
    "the desk's pass is that of another station": "giấy phép ngoại tuyến là của bàn khác",
    "the hand-over code is wrong, was used, or has expired": "mã chuyển giao sai, đã dùng hoặc đã hết hạn",
    "the journal is longer than any desk writes": "sổ ghi dài hơn mức một quầy có thể ghi",
    "the journal is not of this station": "sổ ghi không phải của bàn này",
    "the journal is not the one that this station handed in before": "sổ ghi không phải sổ mà bàn này đã nộp trước đó",
    "the journal was not signed by this station, or was changed": "sổ ghi không do bàn này ký, hoặc đã bị sửa",
    "the rules for devices (devices.json) cannot be read": "không đọc được quy định về thiết bị (devices.json)",
    "the station signed this as something else": "bàn làm việc đã ký nội dung này cho việc khác",
    "there is no such device": "không có thiết bị này",
    "this device is not active: the account is used on another device, or not at all":
        "thiết bị này không hoạt động: tài khoản dùng trên thiết bị khác, hoặc không dùng",
    "this is not a hand-over code": "đây không phải mã chuyển giao",
    "this is not the journal of an offline desk": "đây không phải sổ ghi của quầy ngoại tuyến",
    "this is the owner's own phone: it needs no hand-over": "đây là điện thoại của chính chủ: không cần chuyển giao",
    "this key was reported lost or stolen: make a new key on the phone":
        "khóa này đã bị báo mất: hãy tạo khóa mới trên điện thoại",
    "this needs a login: log in, and send its token": "việc này cần đăng nhập: hãy đăng nhập và gửi kèm mã phiên",
    "this phone serves another account already": "điện thoại này đang dùng cho tài khoản khác",
    "this phone serves more than one account: say which":
        "điện thoại này dùng cho nhiều tài khoản: hãy nêu tài khoản nào",
    "this station is not known, or not enabled": "bàn làm việc này không được biết, hoặc đã bị ngừng",
    "this was not signed by the device that it is about": "nội dung này không do chính thiết bị liên quan ký",
    "what the device signed is for something else": "nội dung thiết bị đã ký là cho việc khác",
    "without the officer's check of the face nothing is bound offline":
        "không có cán bộ đối chiếu khuôn mặt thì không liên kết ngoại tuyến",
}  # fmt: skip
