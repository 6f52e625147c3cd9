"""The errors of the registry's parts in Vietnamese: opening and levels, secrets, personal data, backups, calls."""

from __future__ import annotations

from collections.abc import Mapping

_OPENING: Mapping[str, str] = {
    "a birth date is entered as YYYY-MM-DD": "ngày sinh ghi theo dạng YYYY-MM-DD",
    "a citizen's card opens no account of a foreigner": "thẻ của công dân không mở tài khoản của người nước ngoài",
    "a paper has a source, a date and data": "giấy tờ phải có nguồn, ngày và dữ liệu",
    "a passport is entered with its symbol and the place of issue": "hộ chiếu phải ghi cả ký hiệu và nơi cấp",
    "a representative is another person, grown up, with an active account":
        "người đại diện phải là người khác, đã thành niên và có tài khoản đang hoạt động",
    "a representative is entered with the number of the paper that says so":
        "người đại diện phải ghi kèm số giấy tờ chứng minh",
    "an answer of the national database is entered with its number":
        "kết quả của cơ sở dữ liệu quốc gia phải ghi kèm số hiệu",
    "an application is refused with a reason only": "chỉ từ chối hồ sơ khi có lý do",
    "an application of this person waits already": "người này đã có hồ sơ đang chờ",
    "an authentication needs a factor": "xác thực cần ít nhất một yếu tố",
    "an officer has to do this, by name": "việc này phải do cán bộ thực hiện, có nêu tên",
    "fingerprints are named by a reference of at most 80 plain characters":
        "vân tay nêu bằng mã tham chiếu tối đa 80 ký tự thường",
    "level 2 is applied for at a desk that has a name": "đề nghị mức 2 phải làm tại bàn có tên",
    "level 2 needs a reference to the fingerprints, or the reason why there are none":
        "mức 2 cần mã tham chiếu vân tay, hoặc lý do không có",
    "level 2 needs a reference to the portrait that was taken, of at most 80 plain characters":
        "mức 2 cần mã tham chiếu ảnh đã chụp, tối đa 80 ký tự thường",
    "only an active account of level 1 is raised to level 2":
        "chỉ nâng lên mức 2 tài khoản mức 1 đang hoạt động",
    "say for what dealing the paper is asked for": "hãy nêu giấy tờ được hỏi cho thủ tục nào",
    "say how the consent was given": "hãy nêu sự đồng ý được đưa ra bằng cách nào",
    "the account carries no such paper": "tài khoản không có giấy tờ này",
    "the account does not wait for assistance": "tài khoản không chờ hỗ trợ",
    "the account is not a foreigner's": "tài khoản không phải của người nước ngoài",
    "the account is not active, or is locked": "tài khoản không hoạt động, hoặc đang bị khóa",
    "the account is of level 2 already": "tài khoản đã ở mức 2",
    "the application waits for the card": "hồ sơ đang chờ thẻ",
    "the birth date is to come": "ngày sinh ở tương lai",
    "the card does not say birth date, sex and portrait, which an account holds":
        "thẻ không nêu ngày sinh, giới tính và ảnh mà tài khoản phải có",
    "the card is not that of the applicant": "thẻ không phải của người đề nghị",
    "the card is not that of the owner's representative": "thẻ không phải của người đại diện của chủ tài khoản",
    "the number of an account does not change": "số của tài khoản không thay đổi",
    "the number that Vietnam gives a foreigner has 12 digits": "số mà Việt Nam cấp cho người nước ngoài có 12 chữ số",
    "the paper's data are too many or too long": "dữ liệu giấy tờ quá nhiều hoặc quá dài",
    "the passport is not that of the account's owner": "hộ chiếu không phải của chủ tài khoản",
    "the passport's date of issue is to come": "ngày cấp hộ chiếu ở tương lai",
    "the residence is over": "thời hạn cư trú đã hết",
    "the rules on accounts cannot be read": "không đọc được quy định về tài khoản",
    "the use of this account is consented to already": "việc dùng tài khoản này đã được đồng ý",
    "the use of this account is not consented to": "việc dùng tài khoản này chưa được đồng ý",
    "there is no such application": "không có hồ sơ này",
    "this person does not represent the owner": "người này không đại diện cho chủ tài khoản",
    "this person represents the owner already": "người này đã là đại diện của chủ tài khoản",
    "this text of the consent is not known": "không biết bản văn đồng ý này",
    "without a card, name, birth date and sex are entered": "không có thẻ thì phải ghi họ tên, ngày sinh và giới tính",
    "the file is no CSV": "tệp không phải CSV",
    "the file is no JSON": "tệp không phải JSON",
    "the file is no list of rows": "tệp không phải danh sách các dòng",
    "the row needs a reference of 1 to 40 letters, digits and . / - _, which is no personal number":
        "dòng cần mã tham chiếu 1 đến 40 chữ, số và . / - _, không phải số định danh cá nhân",
    "the row's day is to come": "ngày của dòng ở tương lai",
    "the row's number has not 12 digits": "số của dòng không đủ 12 chữ số",
    "the row's status or day is not known": "không biết trạng thái hoặc ngày của dòng",
}  # fmt: skip

_SECRETS: Mapping[str, str] = {
    "a new password or passcode is wanted": "cần mật khẩu hoặc mã xác thực mới",
    "a session lives at most 24 hours, and no longer without use than altogether":
        "phiên dài nhất 24 giờ, và thời gian không dùng không dài hơn toàn phiên",
    "an answer has 1 to 100 characters": "câu trả lời có 1 đến 100 ký tự",
    "only an active account has a password": "chỉ tài khoản đang hoạt động mới có mật khẩu",
    "password and passcode are wanted, and no answers": "cần mật khẩu và mã xác thực, không cần câu trả lời",
    "password, passcode and the answers to three questions are wanted":
        "cần mật khẩu, mã xác thực và câu trả lời cho ba câu hỏi",
    "security questions are not used here": "ở đây không dùng câu hỏi bảo mật",
    "the account was changed meanwhile; begin again": "tài khoản vừa bị thay đổi; hãy bắt đầu lại",
    "the code is not right, or is no longer good": "mã không đúng, hoặc không còn hiệu lực",
    "the activation is not waiting for a password; begin again":
        "lần kích hoạt này không chờ mật khẩu; hãy bắt đầu lại",
    "the login has ended; log in again": "phiên đăng nhập đã hết; hãy đăng nhập lại",
    "the name of a service has 1 to 40 small letters, digits and hyphens":
        "tên dịch vụ có 1 đến 40 chữ thường, số và dấu gạch nối",
    "the new password is the old one": "mật khẩu mới trùng mật khẩu cũ",
    "the number or the password is wrong, or the account cannot be used now":
        "số hoặc mật khẩu không đúng, hoặc tài khoản hiện không dùng được",
    "the old password is wrong, or was tried too often": "mật khẩu cũ không đúng, hoặc đã thử quá nhiều lần",
    "the passcode is not set, or was wrong five times; set it anew":
        "chưa đặt mã xác thực, hoặc đã sai năm lần; hãy đặt lại",
    "the passcode is wrong": "mã xác thực không đúng",
    "the passcode was changed meanwhile": "mã xác thực vừa bị thay đổi",
    "the question is not on the list": "câu hỏi không có trong danh sách",
    "three different questions with three different answers are wanted":
        "cần ba câu hỏi khác nhau với ba câu trả lời khác nhau",
    "three questions are to be answered": "phải trả lời ba câu hỏi",
}  # fmt: skip

_PERSONS: Mapping[str, str] = {
    "a breach needs what was exposed, a time from and until, and a detection that has been":
        "vụ lộ dữ liệu cần nêu dữ liệu bị lộ, thời gian từ và đến, và lúc phát hiện đã qua",
    "a request is extended once, and before its term is over": "yêu cầu chỉ gia hạn một lần và trước khi hết hạn",
    "an authority's lock is open; what it may rest on is kept until it ends":
        "đang có khóa theo yêu cầu của cơ quan; dữ liệu liên quan được giữ đến khi khóa chấm dứt",
    "no portrait of this person is kept": "không lưu ảnh của người này",
    "no such kind of request": "không có loại yêu cầu này",
    "no such outcome of a request": "không có kết quả yêu cầu này",
    "the request is finished": "yêu cầu đã kết thúc",
    "the request was answered already": "yêu cầu đã được trả lời",
    "the key of this person is missing": "thiếu khóa của người này",
    "the table of terms of personal data is missing or broken": "bảng thời hạn lưu dữ liệu cá nhân bị thiếu hoặc hỏng",
    "the table of terms of persons' requests is missing or broken":
        "bảng thời hạn trả lời yêu cầu cá nhân bị thiếu hoặc hỏng",
    "this evidence is no longer kept": "bằng chứng này không còn được lưu",
    "this needs two persons, each by the own name": "việc này cần hai người, mỗi người nêu tên mình",
    "who reads sensitive data says why": "người đọc dữ liệu nhạy cảm phải nêu lý do",
}  # fmt: skip

_STORAGE: Mapping[str, str] = {
    "a backup of another version of this program": "bản sao lưu của phiên bản khác của chương trình",
    "a key that was rotated is damaged, or that of another registry":
        "một khóa đã thay bị hỏng, hoặc của sổ đăng ký khác",
    "a key that was rotated is missing from the folder of keys": "thư mục khóa thiếu một khóa đã thay",
    "a passphrase of a backup has at least 12 characters": "mật khẩu của bản sao lưu có ít nhất 12 ký tự",
    "a row of the registry refers to one that is missing": "một dòng của sổ đăng ký chỉ tới dòng không có",
    "a sealed record of the registry is broken": "một bản ghi niêm phong của sổ đăng ký bị hỏng",
    "an account stands under the number or the phone of another":
        "một tài khoản mang số hoặc điện thoại của tài khoản khác",
    "not a key for backups: X25519 in PEM is needed": "không phải khóa sao lưu: cần khóa X25519 dạng PEM",
    "not a statement about a key": "không phải tuyên bố về khóa",
    "sealed data of the registry were asked for without its keys": "dữ liệu niêm phong được hỏi mà không có khóa",
    "the backup cannot be restored here": "không khôi phục được bản sao lưu ở đây",
    "the backup cannot be written": "không ghi được bản sao lưu",
    "the backup holds what does not belong into it": "bản sao lưu chứa thứ không thuộc về nó",
    "the backup is older than the head that you gave, or of another registry":
        "bản sao lưu cũ hơn đầu nhật ký đã nêu, hoặc của sổ đăng ký khác",
    "the backup's audit log does not end where its signed head says":
        "nhật ký trong bản sao lưu không kết thúc ở chỗ đầu đã ký nêu",
    "the database holds a registry already; give an empty one":
        "cơ sở dữ liệu đã có sổ đăng ký; hãy nêu cơ sở dữ liệu trống",
    "the export cannot be read": "không đọc được tệp xuất",
    "the export cannot be written": "không ghi được tệp xuất",
    "the export does not hold the rows that it counts; nothing was imported":
        "tệp xuất không đủ số dòng đã nêu; không nhập gì",
    "the export's audit log is not the one that it names; nothing was imported":
        "nhật ký trong tệp xuất không phải nhật ký đã nêu; không nhập gì",
    "the folder holds the keys of another registry than the backup's":
        "thư mục chứa khóa của sổ đăng ký khác với bản sao lưu",
    "the backup is damaged, cut off or changed, or the passphrase or key is another; nothing was restored":
        "bản sao lưu bị hỏng, bị cắt hoặc bị sửa, hoặc sai mật khẩu hay khóa; không khôi phục gì",
    "the export is damaged or cut off; nothing was imported": "tệp xuất bị hỏng hoặc bị cắt; không nhập gì",
    "the head was not signed by this registry": "đầu nhật ký không do sổ đăng ký này ký",
    "the key for backups cannot be read": "không đọc được khóa sao lưu",
    "the keys in the folder are not those of the registry in the export":
        "khóa trong thư mục không phải của sổ đăng ký trong tệp xuất",
    "the new key cannot be written": "không ghi được khóa mới",
    "the private key of the recipient is needed to open a backup": "cần khóa riêng của người nhận để mở bản sao lưu",
    "the registry is of a version before backups; upgrade it without one":
        "sổ đăng ký thuộc phiên bản trước khi có sao lưu; hãy nâng cấp không sao lưu",
    "the registry's keys are needed to bring it to today's model": "cần khóa của sổ đăng ký để nâng cấp nó",
    "the registry's keys were rotated meanwhile; start again": "khóa của sổ đăng ký vừa được thay; hãy mở lại",
    "the statement about a key names another key": "tuyên bố về khóa nêu khóa khác",
    "there is a file of this name already; give a new one": "đã có tệp tên này; hãy nêu tên mới",
    "there is no backup of this name": "không có bản sao lưu tên này",
    "this database holds no registry": "cơ sở dữ liệu này không có sổ đăng ký",
}  # fmt: skip

_CALLS: Mapping[str, str] = {
    "a proof is of the type dpop+jwt, and signed by ES256": "bằng chứng phải thuộc loại dpop+jwt và ký bằng ES256",
    "an idempotency key has 8 to 128 visible characters": "khóa chống lặp có 8 đến 128 ký tự nhìn thấy được",
    "not a proof of a device's key": "không phải bằng chứng của khóa thiết bị",
    "the proof carries no public key on P-256": "bằng chứng không mang khóa công khai P-256",
    "the proof has no id of its own": "bằng chứng không có mã riêng",
    "the proof is for another address": "bằng chứng thuộc địa chỉ khác",
    "the proof is for another method": "bằng chứng thuộc phương thức khác",
    "the proof is for another token": "bằng chứng thuộc thẻ phiên khác",
    "the proof is too old, or the phone's clock is wrong": "bằng chứng quá cũ, hoặc đồng hồ điện thoại sai",
    "the proof needs a fresh nonce of the registry": "bằng chứng cần số dùng một lần mới của sổ đăng ký",
    "the proof says no time": "bằng chứng không nêu thời điểm",
    "the same request is still running": "yêu cầu này vẫn đang chạy",
    "this idempotency key came before, with another request": "khóa chống lặp này đã dùng cho yêu cầu khác",
    "this proof was shown before": "bằng chứng này đã được dùng",
}  # fmt: skip

PARTS_ERRORS: Mapping[str, str] = {**_OPENING, **_SECRETS, **_PERSONS, **_STORAGE, **_CALLS}
