"""The words of the citizen's pages: activation, login, devices, password, lock (flow F3)."""

from __future__ import annotations

from collections.abc import Mapping

from cccd_nfc.registry.hotline import HOTLINE, grouped
from cccd_nfc.spoken.words import Text


def _text(vi: str, en: str) -> Text:
    return {"vi": vi, "en": en}


CITIZEN_WORDS: Mapping[str, Text] = {
    "me_title": _text("Tài khoản định danh", "Identity account"),
    "me_lead": _text(
        "Dành cho mọi trình duyệt, không cần điện thoại thông minh.",
        "For any browser; no smartphone is needed.",
    ),
    "me_activate": _text("Kích hoạt tài khoản", "Activate the account"),
    "me_activate_why": _text(
        "Tài khoản đã được cấp và chưa dùng lần nào. Cần số định danh và điện thoại đã đăng ký.",
        "Your account was issued and never used. You need personal number and registered phone.",
    ),
    "me_login": _text("Đăng nhập", "Log in"),
    "me_login_why": _text(
        "Xem thiết bị, hủy liên kết, đổi mật khẩu.", "See your devices, unlink one, change the password."
    ),
    "me_lock": _text("Khóa tài khoản ngay", "Lock the account now"),
    "me_lock_why": _text(
        "Mất điện thoại, mất thẻ, hoặc nghi lộ mật khẩu.", "Phone or card lost, or the password may be known."
    ),
    "me_home": _text("Về trang đầu", "To the first page"),
    "me_hotline": _text(f"Cần giúp: gọi {grouped(HOTLINE)}.", f"Help: call {grouped(HOTLINE)}."),
    "me_number": _text("Số định danh (12 chữ số)", "Personal number (12 digits)"),
    "me_phone": _text("Số điện thoại đã đăng ký", "Registered phone number"),
    "me_phone_next": _text(
        "Nhập 10 chữ số, bắt đầu bằng 0, ví dụ 09…", "Type its 10 digits, beginning with 0, as in 09…"
    ),
    "me_wait": _text("Chờ một lát rồi thử lại.", "Wait a while, then try again."),
    "me_send": _text("Gửi yêu cầu", "Send request"),
    "me_asked_title": _text("Nhập mã OTP", "Enter the code"),
    "me_asked": _text(
        "Nếu số định danh và số điện thoại khớp nhau, mã 6 số đang được gửi tới điện thoại đã đăng ký. "
        "Yêu cầu này hết hạn lúc {until}.",
        "If number and phone belong together, a 6-digit code is on its way to the registered phone. "
        "This request ends at {until}.",
    ),
    "me_code": _text("Mã OTP (6 số)", "Code (6 digits)"),
    "me_code_next": _text(
        "Xem lại tin nhắn mới nhất rồi nhập lại, hoặc yêu cầu mã mới.",
        "Look at the newest message and type it again, or ask for a new code.",
    ),
    "me_confirm": _text("Xác nhận mã", "Confirm the code"),
    "me_no_code": _text("Không nhận được mã?", "No code?"),
    "me_no_code_next": _text(
        "Chờ một phút. Kiểm tra số định danh và số điện thoại rồi gửi lại yêu cầu. Nếu đã đổi số điện thoại, "
        "mang thẻ đến công an xã, phường.",
        "Wait a minute. Check both numbers and ask again. If your phone number has changed, take your card to the "
        "police of your commune or ward.",
    ),
    "me_again": _text("Yêu cầu mã mới", "Ask for a new code"),
    "me_active_title": _text("Tài khoản của bạn đã thực hiện kích hoạt", "Your account has been activated already"),
    "me_active_lead": _text(
        "Hãy đăng nhập bằng số định danh và mật khẩu. Quên mật khẩu: mang thẻ đến công an xã, phường.",
        "Log in by personal number and password. Password forgotten: take your card to the police of your commune.",
    ),
    "me_secrets_title": _text("Đặt mật khẩu, passcode và câu hỏi", "Set password, passcode and questions"),
    "me_secrets_lead": _text(
        "Mã đúng. Bạn có 15 phút. Cả ba phần đều cần.", "The code is right. You have 15 minutes; all parts are needed."
    ),
    "me_password": _text("Mật khẩu", "Password"),
    "me_passcode": _text("Passcode (6 chữ số)", "Passcode (6 digits)"),
    "me_passcode_why": _text(
        "Dùng để xác nhận khi dùng dịch vụ trong ứng dụng.", "It confirms you when you use services in the app."
    ),
    "me_reveal": _text("Hiện những gì đang nhập", "Show what is typed"),
    "me_rules": _text("Điều kiện", "Rules"),
    "me_kept": _text("đạt", "kept"),
    "me_broken": _text("chưa đạt", "not kept"),
    "me_open": _text("chưa kiểm tra", "not looked at yet"),
    "me_left": _text("Còn {n} điều kiện chưa đạt.", "{n} still to be kept."),
    "me_all_kept": _text("Đạt mọi điều kiện.", "All are kept."),
    "me_questions": _text("Ba câu hỏi bảo mật", "Three security questions"),
    "me_questions_why": _text(
        "Chọn ba câu khác nhau, trả lời khác nhau. Câu trả lời được lưu dưới dạng không đọc lại được.",
        "Choose three different questions, with different answers. What is kept of an answer cannot be read.",
    ),
    "me_question": _text("Câu hỏi {n}", "Question {n}"),
    "me_answer": _text("Trả lời câu hỏi {n}", "Answer to question {n}"),
    "me_choose": _text("— chọn một câu —", "— choose one —"),
    "me_fix": _text("Sửa lại rồi gửi lại.", "Correct it, and send it again."),
    "me_fix_later": _text("Nếu lỗi vẫn còn, bắt đầu lại với mã mới.", "If it stays so, begin again with a new code."),
    "me_finish": _text("Kích hoạt tài khoản", "Activate the account"),
    "me_done_title": _text("Tài khoản đã được kích hoạt", "The account is active"),
    "me_done_lead": _text(
        "Chưa có điện thoại nào được gắn với tài khoản. Bây giờ có thể đăng nhập.",
        "No phone is bound to it. You may log in now.",
    ),
    "me_leave": _text("Xong, xóa khỏi màn hình", "Done, clear the screen"),
    "me_login_next": _text(
        f"Kiểm tra cả hai ô. Sau nhiều lần sai phải chờ. Chưa kích hoạt thì kích hoạt trước; vẫn không được, gọi "
        f"{grouped(HOTLINE)}.",
        f"Check both fields. After several failures there is a wait. Activate first if you never did; if it stays so, "
        f"call {grouped(HOTLINE)}.",
    ),
    "me_account": _text("Tài khoản của bạn", "Your account"),
    "me_state": _text("Trạng thái", "State"),
    "me_level": _text("Mức định danh", "Level"),
    "me_devices": _text("Thiết bị", "Devices"),
    "me_no_devices": _text(
        "Chưa có thiết bị nào. Tài khoản vẫn dùng được trên web.", "No device. The account works on the web."
    ),
    "me_unnamed": _text("Thiết bị không có tên", "Device without a name"),
    "me_bound_at": _text("Gắn lúc", "Bound"),
    "me_last_used": _text("Dùng lần cuối", "Last used"),
    "me_ended_at": _text("Kết thúc lúc", "Ended"),
    "me_unlink": _text("Hủy liên kết", "Unlink"),
    "me_unlink_title": _text("Hủy liên kết thiết bị này?", "Unlink this device?"),
    "me_unlink_means": _text(
        "Thiết bị mất quyền dùng tài khoản ngay, và bạn bị đăng xuất ở mọi nơi. Muốn gắn lại phải có thẻ.",
        "The device may not use the account from now on, and you are logged out everywhere. To bind it again the "
        "card is needed.",
    ),
    "me_unlink_yes": _text("Hủy liên kết ngay", "Unlink it now"),
    "me_unlink_next": _text("Xem lại danh sách thiết bị rồi thử lại.", "Look at your devices, then try again."),
    "me_back": _text("Quay lại", "Back"),
    "me_unlinked_title": _text("Đã hủy liên kết", "The device is unlinked"),
    "me_unlinked_lead": _text(
        "Mọi phiên đăng nhập đã kết thúc, kể cả phiên này.", "Every login has ended, this one too."
    ),
    "me_change": _text("Đổi mật khẩu", "Change the password"),
    "me_old": _text("Mật khẩu hiện tại", "Present password"),
    "me_new": _text("Mật khẩu mới", "New password"),
    "me_changed": _text(
        "Đã đổi mật khẩu; các phiên đăng nhập khác đã kết thúc.", "The password is changed; other logins have ended."
    ),
    "me_old_next": _text("Nhập lại mật khẩu hiện tại.", "Type the present password again."),
    "me_lock_lead": _text(
        "Khóa có hiệu lực ngay: không ai đăng nhập hay dùng thiết bị của tài khoản được nữa.",
        "It works at once: nobody can log in or use the account's device any more.",
    ),
    "me_reason": _text("Lý do", "Reason"),
    "me_choose_reason": _text("— chọn lý do —", "— choose a reason —"),
    "me_lock_next": _text(
        f"Kiểm tra cả hai ô rồi thử lại, hoặc gọi ngay {grouped(HOTLINE)} để khóa qua điện thoại.",
        f"Check both fields and try again, or call {grouped(HOTLINE)} at once to have it locked.",
    ),
    "me_locked_title": _text("Tài khoản đã khóa", "The account is locked"),
    "me_locked_lead": _text(
        "Mọi phiên đăng nhập đã kết thúc. Thiết bị đã tạm ngừng; nếu bạn báo mất thiết bị hoặc lộ thông tin, nó bị "
        "thu hồi hẳn.",
        "Every login has ended. The device is stopped; if you said it is lost, or that something leaked, it is revoked "
        "for good.",
    ),
    "me_locked_unlock": _text(
        "Mở khóa: mang thẻ căn cước đến công an xã, phường. Mất cả thẻ thì xin cấp lại thẻ trước.",
        "To unlock: take your citizen card to the police of your commune or ward. If the card is lost too, have a new "
        "one issued first.",
    ),
    "me_idle_lead": _text(
        "Không có thao tác một lúc lâu, nên bạn đã được đăng xuất và màn hình đã xóa.",
        "Nobody did anything for a while, so that you were logged out, and the screen was cleared.",
    ),
}
