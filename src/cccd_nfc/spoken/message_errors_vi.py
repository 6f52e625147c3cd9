"""Errors about codes, notices and addresses in Vietnamese: the English template -> the same, with its names."""

from __future__ import annotations

from collections.abc import Mapping

MESSAGE_ERRORS: Mapping[str, str] = {
    "a change of the SIM cannot lie in the future": "việc đổi SIM không thể ở thời điểm tương lai",
    "a code goes to the number or to the device, and never by e-mail or letter":
        "mã chỉ gửi tới số điện thoại hoặc thiết bị, không bao giờ qua e-mail hay thư",
    "a code is shown on the screen of a desk only": "mã chỉ hiển thị trên màn hình tại quầy",
    "a code may not be sent by this channel here": "ở đây không được gửi mã qua kênh này",
    "a code was sent less than a minute ago; wait for it": "mã vừa được gửi chưa đầy một phút trước; hãy chờ",
    "a hold is ended at a desk only, by the card": "việc tạm dừng chỉ được gỡ tại quầy, bằng thẻ",
    "CCCD_HOTLINE must be a telephone number of 3 to 12 digits":
        "CCCD_HOTLINE phải là số điện thoại gồm 3 đến 12 chữ số",
    "httpx2 is not installed; install cccd-nfc[desk]": "chưa cài httpx2; hãy cài cccd-nfc[desk]",
    "no code may be sent for this purpose": "không được gửi mã cho mục đích này",
    "not an e-mail address": "không phải địa chỉ e-mail",
    "SMPP allows 15 characters for a name and 8 for a password":
        "SMPP chỉ cho tên tối đa 15 ký tự và mật khẩu tối đa 8 ký tự",
    "smpplib is not installed; install cccd-nfc[smpp]": "chưa cài smpplib; hãy cài cccd-nfc[smpp]",
    "the account is not on hold": "tài khoản không bị tạm dừng",
    "the clock was set back: it stands before the newest entry of the audit log; set it right":
        "đồng hồ bị vặn lùi, sớm hơn mục mới nhất của nhật ký; hãy chỉnh lại cho đúng",
    "the code is wrong": "mã không đúng",
    "the file that CCCD_GATEWAY_SECRET_FILE names cannot be read":
        "không đọc được tệp mà CCCD_GATEWAY_SECRET_FILE nêu",
    "the gateway cannot be reached": "không kết nối được cổng gửi tin",
    "the gateway did not take the message (HTTP {status})": "cổng gửi tin không nhận tin (HTTP {status})",
    "the gateway must be file:, console:, https://… or smpp://NAME@HOST:PORT":
        "cổng gửi tin phải là file:, console:, https://… hoặc smpp://NAME@HOST:PORT",
    "the gateway's address is none": "địa chỉ của cổng gửi tin không hợp lệ",
    "the gateway's secret belongs into CCCD_GATEWAY_SECRET_FILE, not into its address":
        "bí mật của cổng gửi tin phải đặt trong CCCD_GATEWAY_SECRET_FILE, không đặt trong địa chỉ",
    "the gateway's secret must be printable ASCII without spaces":
        "bí mật của cổng gửi tin chỉ gồm ký tự ASCII in được, không có dấu cách",
    "the number or its SIM changed within 7 days and gets no codes; go to a desk of the police":
        "số điện thoại hoặc SIM mới đổi trong 7 ngày nên không nhận mã; hãy đến quầy công an",
    "the operator cannot be reached by SMPP": "không kết nối được nhà mạng qua SMPP",
    "the operator did not take the message (SMPP {status})": "nhà mạng không nhận tin (SMPP {status})",
    "the operator does not answer what it is asked by SMPP": "nhà mạng không trả lời đúng yêu cầu qua SMPP",
    "the outbox cannot be swept: {reason}": "không dọn được hộp thư đi: {reason}",
    "the sender of short messages has 1 to 11 characters": "tên người gửi tin nhắn có 1 đến 11 ký tự",
    "the terminal cannot be written": "không ghi được ra màn hình dòng lệnh",
    "there is no device that a code could go to": "không có thiết bị nào để gửi mã tới",
    "this code locks nothing: it is wrong, was used already, or has expired; call the hotline":
        "mã này không khóa được gì: mã sai, đã dùng hoặc đã hết hạn; hãy gọi tổng đài",
    "this is the account's number already": "đây đã là số điện thoại của tài khoản",
    "too many codes were sent for this account; try again later":
        "đã gửi quá nhiều mã cho tài khoản này; hãy thử lại sau",
    "too many codes were sent from this desk; try again later": "đã gửi quá nhiều mã từ quầy này; hãy thử lại sau",
    "too many codes were sent in all; try again later": "hệ thống đã gửi quá nhiều mã; hãy thử lại sau",
    "too many codes were sent to this phone number; try again later":
        "đã gửi quá nhiều mã tới số điện thoại này; hãy thử lại sau",
    "too many personal numbers were typed; try again later": "đã nhập quá nhiều số định danh; hãy thử lại sau",
    "too many wrong codes: wait until {time} (Vietnam time)":
        "nhập sai mã quá nhiều lần: hãy chờ đến {time} (giờ Việt Nam)",
}  # fmt: skip
