"""The registry's errors in Vietnamese: the English template -> the same in Vietnamese, with the same names in it."""

from __future__ import annotations

from collections.abc import Mapping

_ACCOUNTS: Mapping[str, str] = {
    "without a terminal, confirm by --yes": "không có màn hình lệnh thì phải xác nhận bằng --yes",
    "cannot read {path}": "không đọc được {path}",
    "{path} holds a key already": "{path} đã có khóa",
    "there is no account for this person": "người này chưa có tài khoản",
    "the account is locked or closed": "tài khoản đang bị khóa hoặc đã đóng",
    "the account was not activated within 7 days; call {hotline} (AS-05)":
        "tài khoản không được kích hoạt trong 7 ngày; hãy gọi {hotline} (AS-05)",
    "the phone number must be a Vietnamese mobile number": "phải là số điện thoại di động Việt Nam",
    "this citizen has an account already": "công dân này đã có tài khoản",
    "not a phone number": "không phải số điện thoại",
    "an account that is {before} cannot become {after}": "tài khoản đang {before} không thể chuyển sang {after}",
    "a device that is {before} cannot become {after}": "thiết bị đang {before} không thể chuyển sang {after}",
    "the account has no active device": "tài khoản không có thiết bị đang dùng",
    "the active device is another one by now": "thiết bị đang dùng nay đã là thiết bị khác",
}  # fmt: skip

_ACTIVATION: Mapping[str, str] = {
    "the code is wrong; {left} tries left": "mã không đúng; còn {left} lần thử",
    "the transaction is not waiting for a code": "giao dịch này không chờ mã",
    "the transaction has expired; begin again": "giao dịch đã hết hạn; hãy bắt đầu lại",
    "the account was changed by another desk meanwhile; begin again":
        "tài khoản vừa bị bàn khác thay đổi; hãy bắt đầu lại",
    "the card is not that of the account's owner": "thẻ không phải của chủ tài khoản",
    "this device is the account's active device already": "thiết bị này đã là thiết bị đang dùng của tài khoản",
    "there is no such transaction": "không có giao dịch này",
    "only Active Authentication proves to others that this chip signed; it is missing":
        "chỉ Xác thực chủ động mới chứng minh được với bên khác là chip này đã ký; ở đây không có",
    "the card carries no personal number": "thẻ không có số định danh cá nhân",
    "this evidence was used before": "bằng chứng này đã được dùng",
    "the transaction is not open for this": "giao dịch không mở cho việc này",
    "the card did not sign for this transaction and this device": "thẻ không ký cho giao dịch này và thiết bị này",
    "a device's key must be on P-256": "khóa của thiết bị phải trên đường cong P-256",
    "not a device's key: P-256 in PEM or as a JWK is needed":
        "không phải khóa của thiết bị: cần khóa P-256 dạng PEM hoặc JWK",
    "the confirmation is for another transaction": "xác nhận này thuộc giao dịch khác",
    "the confirmation was not signed by the new device": "xác nhận không do thiết bị mới ký",
    "{path} holds no private key": "{path} không có khóa riêng",
    "cannot read the device's key {path}": "không đọc được khóa của thiết bị {path}",
    "cannot write the device's key to {path}: {reason}": "không ghi được khóa của thiết bị vào {path}: {reason}",
}  # fmt: skip

_CODES: Mapping[str, str] = {
    "too many wrong codes: codes are disabled for this account; go to the desk of the police":
        "sai mã quá nhiều lần: tài khoản này không nhận mã nữa; hãy đến cơ quan công an",
    "a code was sent less than a minute ago; wait for it": "mã vừa được gửi chưa đầy một phút; hãy chờ mã",
    "the code has expired, was used, or has no tries left; ask for a new one":
        "mã đã hết hạn, đã dùng hoặc hết lượt thử; hãy xin mã mới",
    "the code was used already": "mã đã được dùng",
    "a one-time password lives 60 to 600 seconds": "mã dùng một lần có hiệu lực từ 60 đến 600 giây",
    "too many codes were sent for this account; try again later":
        "đã gửi quá nhiều mã cho tài khoản này; hãy thử lại sau",
    "the outbox cannot be written: {reason}": "không ghi được hộp tin đi: {reason}",
}  # fmt: skip

_LOCKS: Mapping[str, str] = {
    "the owner unlocks with the card": "chủ tài khoản mở khóa bằng thẻ",
    "{actor} may not lock an account on the ground {ground} ({clause})":
        "{actor} không được khóa tài khoản với căn cứ {ground} ({clause})",
    "the account is not locked on this ground": "tài khoản không bị khóa theo căn cứ này",
    "{actor} may not end the ground {ground}{row}": "{actor} không được chấm dứt căn cứ {ground}{row}",
    "the ground {ground} is set and ended by a request that is filed and decided":
        "căn cứ {ground} chỉ đặt và chấm dứt bằng yêu cầu được tiếp nhận và quyết định",
    "the law in force knows no lock on the ground {ground}": "luật hiện hành không có căn cứ khóa {ground}",
    "the law in force knows no request on the ground {ground}": "luật hiện hành không có yêu cầu theo căn cứ {ground}",
    "the reason must be one of: {reasons}": "lý do phải là một trong: {reasons}",
    "the account is not locked on a ground that its owner can end":
        "tài khoản không bị khóa theo căn cứ mà chủ tài khoản được chấm dứt",
    "a request needs its agency, the number of its document, and who received it":
        "yêu cầu cần có tên cơ quan, số văn bản và người tiếp nhận",
    "a request is refused with a reason only": "chỉ từ chối yêu cầu khi có lý do",
    "the request has been decided already": "yêu cầu đã được quyết định",
    "the request has not been forwarded yet": "yêu cầu chưa được chuyển",
    "{role} does not decide on this request ({clause})": "{role} không quyết định yêu cầu này ({clause})",
    "whoever filed or forwarded a request does not decide it":
        "người đã tiếp nhận hoặc chuyển yêu cầu không được quyết định",
    "there is no such request": "không có yêu cầu này",
    "say who does it": "hãy nêu người thực hiện",
    "under its law this request is decided where it was received":
        "theo luật của nó, yêu cầu được quyết định tại nơi nhận",
    "the request has been forwarded or decided already": "yêu cầu đã được chuyển hoặc quyết định",
    "no law on locking accounts is known for {day}": "không biết luật về khóa tài khoản cho ngày {day}",
    "the law profile {name} is missing": "thiếu bộ quy định {name}",
    "the law on locking accounts is missing": "thiếu quy định về khóa tài khoản",
    "two laws on locking accounts claim the same day": "hai quy định về khóa tài khoản cùng áp dụng cho một ngày",
    "the law on locking accounts cannot be read": "không đọc được quy định về khóa tài khoản",
    "the law profile {name} is broken": "bộ quy định {name} bị hỏng",
    "the file of public holidays is incomplete, or names a day twice":
        "tệp ngày nghỉ lễ thiếu ngày, hoặc nêu một ngày hai lần",
    "the public holidays of {year} are not known: law/holidays.csv needs them":
        "chưa biết ngày nghỉ lễ năm {year}: cần bổ sung vào law/holidays.csv",
    "the file of public holidays cannot be read": "không đọc được tệp ngày nghỉ lễ",
    "the file of public holidays is broken": "tệp ngày nghỉ lễ bị hỏng",
}  # fmt: skip

_LOG: Mapping[str, str] = {
    "the audit log has no entry {number}": "nhật ký không có mục {number}",
    "the audit log has {size} entries, and cannot go on from {earlier}":
        "nhật ký có {size} mục, không thể nối tiếp từ mục {earlier}",
    "the audit log no longer holds entry {number} as it was: entries were cut or changed":
        "nhật ký không còn mục {number} như trước: có mục bị cắt hoặc bị sửa",
    "the audit log's tree is broken: it has nodes too many or too few": "cây nhật ký bị hỏng: thừa hoặc thiếu nút",
    "the audit log is broken: a part of its tree is missing": "nhật ký bị hỏng: thiếu một phần của cây",
    "the audit log is broken: a part of its tree is no hash":
        "nhật ký bị hỏng: một phần của cây không phải giá trị băm",
    "the audit log is broken at entry {number}": "nhật ký bị hỏng ở mục {number}",
    "the audit log's tree is broken at level {level}, node {position}":
        "cây nhật ký bị hỏng ở tầng {level}, nút {position}",
    "a proof of an unknown kind": "bằng chứng thuộc loại không biết",
    "the entry is not in the log of this head": "mục này không có trong nhật ký của đầu cây này",
    "not the head of an audit log": "không phải đầu cây của nhật ký",
    "not a proof of an audit log": "không phải bằng chứng của nhật ký",
    "the entry is not within the log": "mục này không nằm trong nhật ký",
    "the inclusion proof is too short": "bằng chứng bao hàm quá ngắn",
    "a shorter log cannot go on a longer one": "nhật ký ngắn hơn không thể nối tiếp nhật ký dài hơn",
    "the later log does not hold what the earlier one held": "nhật ký sau không chứa những gì nhật ký trước có",
    "the inclusion proof is too long": "bằng chứng bao hàm quá dài",
    "the receipt's entry is not in the audit log that it names": "mục của biên nhận không có trong nhật ký mà nó nêu",
    "a receipt without its entry of the audit log": "biên nhận không kèm mục nhật ký",
    "a receipt without a head of the audit log": "biên nhận không kèm đầu cây nhật ký",
    "not what a registry signs": "không phải thứ mà sổ đăng ký ký",
    "signed by this registry, but as something else": "do sổ đăng ký này ký, nhưng với ý nghĩa khác",
    "it was not signed by this registry": "không do sổ đăng ký này ký",
    "not signed by a registry, or not the key of one":
        "không do sổ đăng ký nào ký, hoặc khóa không phải của sổ đăng ký",
}  # fmt: skip

_DATABASE: Mapping[str, str] = {
    "somebody else has done this, or the same thing exists already": "người khác đã làm việc này, hoặc đã có sẵn",
    "somebody else was changing the same; try again": "người khác đang thay đổi cùng chỗ; hãy thử lại",
    "the registry cannot be read or written ({reason})": "không đọc hoặc ghi được sổ đăng ký ({reason})",
    "the registry cannot be used ({reason})": "không dùng được sổ đăng ký ({reason})",
    "the registry was made by a newer version of this program":
        "sổ đăng ký do phiên bản mới hơn của chương trình tạo ra",
    "the registry cannot be created: {reason}": "không tạo được sổ đăng ký: {reason}",
    "the registry's address is not one of a database that is known here":
        "địa chỉ sổ đăng ký không thuộc cơ sở dữ liệu nào được biết ở đây",
    "psycopg is not installed; install cccd-nfc[postgres]": "chưa cài psycopg; hãy cài cccd-nfc[postgres]",
    "beyond this machine the service needs TLS: say --tls-cert and --tls-key":
        "ngoài máy này thì dịch vụ cần TLS: hãy nêu --tls-cert và --tls-key",
    "a certificate and its key go together: say --tls-cert and --tls-key":
        "chứng thư và khóa của nó phải đi cùng nhau: hãy nêu cả --tls-cert và --tls-key",
    "FastAPI or uvicorn is not installed; install cccd-nfc[desk]":
        "chưa cài FastAPI hoặc uvicorn; hãy cài cccd-nfc[desk]",
    "the service cannot be reached": "không kết nối được dịch vụ",
    "the service's answer is too large": "câu trả lời của dịch vụ quá lớn",
    "the service's answer is not what was asked for": "câu trả lời của dịch vụ không đúng điều đã hỏi",
    "the service gave no answer that is understood": "dịch vụ trả lời không hiểu được",
    "a key of the registry is damaged": "một khóa của sổ đăng ký bị hỏng",
    "a sealed record of the registry was changed, or its key is another":
        "một bản ghi niêm phong của sổ đăng ký bị sửa, hoặc khóa không đúng",
    "keys of the registry are missing: {names}": "thiếu khóa của sổ đăng ký: {names}",
    "the registry's keys cannot be read: {reason}": "không đọc được khóa của sổ đăng ký: {reason}",
    "the keys in {folder} are those of another registry": "các khóa trong {folder} là của sổ đăng ký khác",
    "CCCD_KEYS_TOKEN must be a PKCS#11 URI": "CCCD_KEYS_TOKEN phải là URI PKCS#11",
    "CCCD_KEYS_TOKEN names token, object, module-path and a pin-source that is read":
        "CCCD_KEYS_TOKEN phải nêu token, object, module-path và pin-source đọc được",
    "name the token in CCCD_KEYS_TOKEN": "hãy nêu thẻ khóa trong CCCD_KEYS_TOKEN",
    "python-pkcs11 is not installed; install cccd-nfc[token]": "chưa cài python-pkcs11; hãy cài cccd-nfc[token]",
    "the registry's keys are wrapped by a token: name it in CCCD_KEYS_TOKEN":
        "khóa của hệ thống được bọc bằng thẻ khóa: hãy nêu thẻ trong CCCD_KEYS_TOKEN",
    "the token does not give the registry's keys out": "thẻ khóa không mở được khóa của hệ thống",
}  # fmt: skip

REGISTRY_ERRORS: Mapping[str, str] = {**_ACCOUNTS, **_ACTIVATION, **_CODES, **_LOCKS, **_LOG, **_DATABASE}
