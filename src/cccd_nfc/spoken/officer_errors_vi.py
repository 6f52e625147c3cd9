"""Errors about officers, stations and two-person acts in Vietnamese: the English template -> the same."""

from __future__ import annotations

from collections.abc import Mapping

OFFICER_ERRORS: Mapping[str, str] = {
    "a login name has 2 to 32 small letters, digits, dots and dashes":
        "tên đăng nhập gồm 2 đến 32 chữ thường, chữ số, dấu chấm và gạch ngang",
    "a proposal has a reason": "đề xuất phải có lý do",
    "a station has a name": "bàn làm việc phải có tên",
    "a unit has a code of letters and digits, and a name": "đơn vị phải có mã gồm chữ và số, và có tên",
    "an administrator or an auditor has no other role": "người quản trị hoặc kiểm tra không giữ vai trò khác",
    "an officer has a name": "cán bộ phải có tên",
    "an officer has a role at least": "cán bộ phải có ít nhất một vai trò",
    "another administrator renews the login": "phải do một người quản trị khác cấp lại đăng nhập",
    "another person than the one who proposed it decides": "người quyết định phải khác người đề xuất",
    "FIDO2 keys need the package webauthn: install cccd-nfc[desk]":
        "khóa FIDO2 cần gói webauthn: hãy cài cccd-nfc[desk]",
    "login name, password or code is wrong or was used, or the login has to wait":
        "tên đăng nhập, mật khẩu hoặc mã không đúng hay đã dùng, hoặc phải chờ",
    "name the account for an act upon one, and for no other act":
        "chỉ nêu tài khoản cho việc làm trên tài khoản, và phải nêu",
    "none of your roles may do this": "không vai trò nào của bạn được làm việc này",
    "only an officer at a registered station says that it is the same person":
        "chỉ cán bộ tại bàn đã đăng ký mới xác nhận đúng người",
    "others can read the file of your session; log out and in again":
        "người khác đọc được tệp phiên của bạn; hãy đăng xuất rồi đăng nhập lại",
    "the desk's packages are not installed; install cccd-nfc[desk]":
        "chưa cài các gói của quầy; hãy cài cccd-nfc[desk]",
    "the challenge was used, or has expired; begin again": "thử thách đã dùng hoặc đã hết hạn; hãy làm lại từ đầu",
    "the file of your session cannot be read; log out and in again":
        "không đọc được tệp phiên của bạn; hãy đăng xuất rồi đăng nhập lại",
    "the file of your session cannot be written": "không ghi được tệp phiên của bạn",
    "the first officer is an administrator": "cán bộ đầu tiên phải là người quản trị",
    "the head of the agency is at the ministry": "thủ trưởng cơ quan quản lý thuộc cấp bộ",
    "the head of the unit that received the request decides it":
        "thủ trưởng đơn vị đã tiếp nhận đề nghị mới được quyết định",
    "the key's answer is not JSON": "trả lời của khóa không phải JSON",
    "the key's answer was not accepted": "trả lời của khóa không được chấp nhận",
    "the officer has to compare the person with the chip's portrait first":
        "cán bộ phải đối chiếu người với ảnh trong chip trước",
    "the proposal has been decided, or has expired": "đề xuất đã được quyết định hoặc đã hết hạn",
    "the session has ended; log in again": "phiên đã kết thúc; hãy đăng nhập lại",
    "the account is locked on more than the owner's request: {grounds}":
        "tài khoản bị khóa không chỉ vì chủ tài khoản yêu cầu: {grounds}",
    "the account is not locked: bind the phone without an unlock":
        "tài khoản không bị khóa: hãy kích hoạt điện thoại mà không cần mở khóa",
    "the first activation sets the owner's secrets, and takes a desk with a line":
        "lần kích hoạt đầu phải đặt mật khẩu và passcode, nên cần bàn có kết nối",
    "the account was activated before: its secrets are set anew by a reset":
        "tài khoản đã kích hoạt từ trước: mật khẩu, passcode đặt lại bằng thủ tục cấp lại",
    "the rules for owners' secrets (secrets.json) cannot be read":
        "không đọc được quy định về mật khẩu (secrets.json)",
    "the station did not sign this login": "bàn làm việc không ký lần đăng nhập này",
    "the station is not registered, or not enabled": "bàn làm việc chưa đăng ký hoặc đã bị ngừng",
    "the transaction does not wait for this": "giao dịch không chờ việc này",
    "there is no such key": "không có khóa này",
    "there is no such officer": "không có cán bộ này",
    "there is no such proposal": "không có đề xuất này",
    "there is no such station": "không có bàn làm việc này",
    "there is no such unit": "không có đơn vị này",
    "this is the key of a desk or of an officer: it cannot be the device of an account (A12)":
        "đây là khóa của bàn làm việc hoặc của cán bộ: không thể là thiết bị của tài khoản (A12)",
    "this is the last administrator; add another one first":
        "đây là người quản trị cuối cùng; hãy thêm người khác trước",
    "this key is registered already": "khóa này đã đăng ký",
    "this key is the device of an account": "khóa này là thiết bị của một tài khoản",
    "this needs a login of the last five minutes: log in again":
        "việc này cần lần đăng nhập trong năm phút gần đây: hãy đăng nhập lại",
    "this registry has officers: log in first": "hệ thống này có cán bộ: hãy đăng nhập trước",
    "this takes two officers, and nobody has logged in": "việc này cần hai cán bộ, mà chưa ai đăng nhập",
    "this takes two people: propose it, and have another approve it":
        "việc này cần hai người: hãy đề xuất và để người khác duyệt",
}  # fmt: skip
