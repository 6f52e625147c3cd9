"""Every word of the desk's pages, Vietnamese and English; what cards and errors say comes from `spoken`."""

from __future__ import annotations

from collections.abc import Mapping

from cccd_nfc.desk.act_words import ACT_WORDS
from cccd_nfc.desk.citizen_words import CITIZEN_WORDS
from cccd_nfc.desk.officer_words import OFFICER_WORDS
from cccd_nfc.desk.phone_words import PHONE_WORDS
from cccd_nfc.errors import (
    AccessDeniedError,
    AuthenticationError,
    CardError,
    CccdError,
    ConflictError,
    LimitError,
    NotFoundError,
    NotVerifiedError,
    RegistryError,
    RegistryUnavailableError,
    TransportError,
    UsageError,
)
from cccd_nfc.registry.hotline import HOTLINE, grouped
from cccd_nfc.spoken.words import Language, Text


def _text(vi: str, en: str) -> Text:
    return {"vi": vi, "en": en}


WORDS: Mapping[str, Text] = {
    **OFFICER_WORDS,
    **ACT_WORDS,
    **PHONE_WORDS,
    **CITIZEN_WORDS,
    "title": _text("Quầy căn cước", "Citizen card desk"),
    "skip": _text("Đến nội dung chính", "Skip to the main part"),
    "other_language": _text("English", "Tiếng Việt"),
    "nobody": _text(
        "Sổ đăng ký này chưa có cán bộ: ai ngồi trước máy cũng làm được mọi việc, "
        "và việc đối chiếu người không được ghi.",
        "This registry has no officers: whoever sits here may do everything, and nobody's comparison is recorded.",
    ),
    "choose_reader": _text("Chọn đầu đọc", "Choose the reader"),
    "use_reader": _text("Dùng đầu đọc này", "Use this reader"),
    "reader_gone": _text("Không thấy đầu đọc.", "The reader is not there."),
    "reader_gone_next": _text(
        "Cắm lại cáp đầu đọc. Trang này tự tiếp tục khi đầu đọc có lại.",
        "Plug the reader in again. This page goes on by itself when it is back.",
    ),
    "reader_empty": _text("Chưa có thẻ trên đầu đọc.", "No card on the reader."),
    "reader_card": _text("Có thẻ trên đầu đọc.", "A card lies on the reader."),
    "start_title": _text("Đặt thẻ lên đầu đọc", "Put the card on the reader"),
    "start_lead": _text(
        "Nhập 12 số in trên thẻ, hoặc quét mã QR của thẻ vào ô này. Thẻ được đọc ngay khi nằm trên đầu đọc.",
        "Type the 12 digits printed on the card, or scan its QR code into the field. "
        "The card is read as soon as it lies on the reader.",
    ),
    "number": _text("Số định danh (12 chữ số) hoặc mã QR", "Personal number (12 digits) or QR code"),
    "read": _text("Đọc thẻ", "Read the card"),
    "waiting_title": _text("Đang chờ thẻ", "Waiting for the card"),
    "waiting_lead": _text("Đặt thẻ lên đầu đọc và giữ yên.", "Put the card on the reader and leave it there."),
    "reading_title": _text("Đang đọc thẻ", "Reading the card"),
    "reading_lead": _text("Giữ yên thẻ trên đầu đọc.", "Leave the card on the reader."),
    "signing_title": _text("Thẻ đang ký cho việc này", "The card is signing for this"),
    "bytes": _text("byte", "bytes"),
    "of": _text("trên khoảng", "of about"),
    "lifted_title": _text("Thẻ đã bị nhấc ra quá sớm", "The card was lifted too soon"),
    "lifted_lead": _text(
        "Đặt lại đúng thẻ đó lên đầu đọc và giữ yên. Việc đọc tự tiếp tục.",
        "Put the same card back and leave it there. Reading goes on by itself.",
    ),
    "lifted_picture": _text("Bàn tay nhấc thẻ khỏi đầu đọc", "A card lifted off the reader"),
    "failed_title": _text("Không đọc được thẻ", "The card could not be read"),
    "refused_title": _text("Chưa làm được", "It could not be done"),
    "unforeseen": _text("Có việc không lường trước đã xảy ra.", "Something that was not foreseen went wrong."),
    "again": _text("Đọc lại", "Read again"),
    "other_number": _text("Nhập số khác", "Another number"),
    "stop": _text("Dừng", "Stop"),
    "portrait": _text("Ảnh chân dung trong chip", "Portrait in the chip"),
    "no_portrait": _text("Không có ảnh", "No portrait"),
    "show_number": _text("Hiện số", "Show number"),
    "hide_number": _text("Ẩn số", "Hide number"),
    "what_next": _text("Việc tiếp theo", "What to do next"),
    "checks": _text("Các mục kiểm tra", "Checks"),
    "source": _text("Căn cứ", "Source"),
    "new_device": _text("Kích hoạt điện thoại mới", "Activate a new phone"),
    "next_person": _text("Xong, người tiếp theo", "Done, next person"),
    "put_away": _text("Cất thông tin thẻ", "Put the card's data away"),
    "no_way_on": _text(
        "Thẻ chưa được xác nhận là thật, nên không dùng để kích hoạt điện thoại.",
        "The card is not shown to be genuine, so that no phone can be activated with it.",
    ),
    "phone_title": _text("Điện thoại mới", "The new phone"),
    "phone_lead": _text(
        "Nhìn người trước mặt và ảnh trong chip, rồi nhập mã 6 chữ cái hoặc khóa công khai mà điện thoại hiện ra. "
        "Để thẻ nằm trên đầu đọc.",
        "Look at the person and at the chip's portrait, then enter the six letters or the public key of the phone. "
        "Leave the card on the reader.",
    ),
    "same_person": _text(
        "Tôi đã đối chiếu: người trước mặt là người trong ảnh.",
        "I have compared them: the person before me is the one in the portrait.",
    ),
    "same_person_later": _text(
        "Việc đối chiếu người chỉ được ghi khi cán bộ đăng nhập tại bàn đã đăng ký.",
        "The comparison is recorded only where an officer is logged in at a registered station.",
    ),
    "key": _text(
        "Khóa công khai của điện thoại (JWK hoặc PEM), hoặc mã 6 chữ cái",
        "The phone's public key (JWK or PEM), or its six letters",
    ),
    "label": _text("Tên gọi điện thoại (không bắt buộc)", "Name of the phone (optional)"),
    "code_by": _text("Gửi mã OTP", "Send the code"),
    "by_sim": _text("đến số điện thoại đã đăng ký", "to the registered phone number"),
    "by_screen": _text("trên màn hình này", "on this screen"),
    "go_on": _text("Tiếp tục với thẻ trên đầu đọc", "Go on with the card on the reader"),
    "code_title": _text("Mã OTP và xác nhận của điện thoại", "The code, and the phone's confirmation"),
    "code_sim": _text(
        "Mã {reference} đã gửi tới số điện thoại đã đăng ký; có hiệu lực đến {until}.",
        "Code {reference} went to the registered phone number; it is good until {until}.",
    ),
    "code_screen": _text(
        "Mã {reference}, chỉ hiện một lần và có hiệu lực đến {until}. Chỉ cho chủ tài khoản xem:",
        "Code {reference}, shown this once and good until {until}. For the eyes of the account's owner alone:",
    ),
    "code_shown": _text(
        "Mã {reference} đã hiện một lần, có hiệu lực đến {until}. Nếu cần, gửi mã mới.",
        "Code {reference} was shown once and is good until {until}. Ask for a new one if need be.",
    ),
    "replaces": _text("Điện thoại cũ …{device} sẽ bị thay thế.", "The old phone …{device} will be replaced."),
    "scan": _text(
        "Cho điện thoại quét mã này; điện thoại ký và trả lại một dòng chữ.",
        "Let the phone scan this; it signs and gives a line of text.",
    ),
    "to_sign": _text("Nội dung điện thoại ký", "What the phone signs"),
    "code": _text("Mã OTP (6 số)", "Code (6 digits)"),
    "confirmation": _text("Xác nhận do điện thoại ký", "What the phone has signed"),
    "bind": _text("Kích hoạt điện thoại này", "Activate this phone"),
    "new_code": _text("Gửi mã mới", "Send a new code"),
    "done_activate": _text("Đã kích hoạt điện thoại", "The phone is active"),
    "receipt": _text("Biên nhận", "Receipt"),
    "print": _text("In biên nhận", "Print the receipt"),
    "pdf": _text("Tải PDF", "Download PDF"),
    "receipt_code": _text("Mã QR của biên nhận", "QR code of the receipt"),
    "receipt_check": _text(
        "Ai cũng kiểm tra được biên nhận bằng mã QR, không cần mạng.",
        "Anybody can check the receipt by its QR code, without a network.",
    ),
    "never_share": _text(
        "Không đưa mật khẩu, mã OTP hay dữ liệu tài khoản cho bất kỳ ai, kể cả cán bộ. "
        f"Nếu không phải bạn thực hiện, gọi ngay {grouped(HOTLINE)}.",
        "Share neither password, nor code, nor account data with anybody, officers included. "
        f"If it was not you, call {grouped(HOTLINE)} at once.",
    ),
    "faster": _text("Bàn khác đã làm trước, lúc {at}{station}.", "Another desk was faster, at {at}{station}."),
    "at_station": _text(", tại bàn {station}", ", at station {station}"),
    "idle_title": _text("Màn hình đã khóa", "The screen is locked"),
    "idle_lead": _text(
        "Không có thao tác một lúc lâu, nên thông tin thẻ đã được xóa khỏi màn hình.",
        "Nobody did anything for a while, so that the card's data have left the screen.",
    ),
    "continue": _text("Tiếp tục", "Go on"),
    "line_gone": _text(
        "Mất kết nối với chương trình tại quầy. Trang này tự nối lại.",
        "The connection to the desk's program is gone. This page tries again by itself.",
    ),
    "old_page": _text("Trang này đã cũ. Tải lại rồi làm lại.", "This page is too old. Load it again, and repeat."),
    "not_found": _text("Không có trang này.", "There is no such page."),
    "home": _text("Về trang đầu", "To the first page"),
}

ADVICE: tuple[tuple[type[CccdError], Text], ...] = (
    (AccessDeniedError, _text(
        "So số đã nhập với số in trên thẻ, và xem có đúng thẻ đó không. Không thử quá vài lần: chip có thể tự khóa.",
        "Compare the number with the one on the card, and see that it is the same card. "
        "Do not try many times: the chip may block itself.")),
    (NotVerifiedError, _text(
        f"Không chấp nhận thẻ này. Hỏi đơn vị quản lý căn cước hoặc tổng đài {grouped(HOTLINE)}.",
        f"Do not accept this card. Ask the identity agency or the hotline {grouped(HOTLINE)}.")),
    (AuthenticationError, _text("Không chấp nhận thẻ này.", "Do not accept this card.")),
    (CardError, _text(
        "Đọc lại một lần. Nếu vẫn vậy, đừng tin thẻ này.", "Read it once more. If it stays so, do not trust it.")),
    (TransportError, _text(
        "Đặt lại thẻ, giữ yên, rồi đọc lại. Nếu vẫn lỗi, rút và cắm lại đầu đọc.",
        "Put the card back, leave it still, and read again. If it goes on, unplug the reader and plug it in again.")),
    (UsageError, _text("Sửa lại rồi thử lại.", "Correct it and try again.")),
    (RegistryUnavailableError, _text(
        "Không việc nào chỉ xong một nửa. Chờ một lát rồi làm lại; nếu kéo dài, báo người quản trị.",
        "Nothing was left half done. Wait a moment and do it again; if it goes on, tell the administrator.")),
    (ConflictError, _text(
        "Xem lại tài khoản, rồi làm lại từ đầu nếu vẫn cần.", "Look at the account, and begin again if need be.")),
    (NotFoundError, _text(
        "Xem lại: người này có thể chưa có tài khoản.", "Look again: this person may have no account yet.")),
    (LimitError, _text("Chờ rồi thử lại.", "Wait, then try again.")),
    (RegistryError, _text(
        f"Sổ đăng ký không thay đổi. Xem lại rồi làm lại, hoặc hỏi tổng đài {grouped(HOTLINE)}.",
        f"The registry is unchanged. Look again and repeat, or ask the hotline {grouped(HOTLINE)}.")),
    (CccdError, _text("Thử lại.", "Try again.")),
)  # fmt: skip
"""What to do next, by the kind of the error; the first class that fits decides."""


def say(lang: Language, name: str, **values: object) -> str:
    text = WORDS[name][lang]
    return text.format(**values) if values else text


def advice(error: CccdError, lang: Language) -> str:
    return next(text for kind, text in ADVICE if isinstance(error, kind))[lang]
