"""The sentences of errors in Vietnamese: the English template -> the same in Vietnamese, with the same names in it."""

from __future__ import annotations

from collections.abc import Mapping

from cccd_nfc.spoken.device_errors_vi import DEVICE_ERRORS
from cccd_nfc.spoken.document_errors_vi import DOCUMENT_ERRORS
from cccd_nfc.spoken.message_errors_vi import MESSAGE_ERRORS
from cccd_nfc.spoken.officer_errors_vi import OFFICER_ERRORS
from cccd_nfc.spoken.words import CHECKS, OUTCOMES

_OF_FILES: Mapping[str, str] = {
    "cannot read {path}: {reason}": "không đọc được {path}: {reason}",
    "cannot write {path}: {reason}": "không ghi được {path}: {reason}",
    "{path} is there already; give a new folder": "{path} đã có sẵn; hãy nêu một thư mục mới",
    "{path} is larger than any list": "{path} lớn hơn mọi danh sách",
    "{what} is no certificate: {reason}": "{what} không phải chứng thư: {reason}",
    # evidence
    "not an evidence file": "không phải tệp bằng chứng",
    "an evidence file of version {version}; this program knows {known}":
        "tệp bằng chứng phiên bản {version}; chương trình này biết phiên bản {known}",
    "the evidence file cannot be read ({error})": "không đọc được tệp bằng chứng ({error})",
    "{path} holds no SOD.bin, DG1.bin or other raw file of a chip":
        "{path} không có SOD.bin, DG1.bin hay tệp thô nào khác của chip",
    "{path} holds {file} twice: {first} and {second}": "{path} có {file} hai lần: {first} và {second}",
    "{file}: {size} bytes are more than any file of a chip holds": "{file}: {size} byte, nhiều hơn mọi tệp của chip",
    # batches
    "there is nothing to verify in {path}": "không có gì để xác minh trong {path}",
    "the output was begun with another {what}: choose another output":
        "tệp kết quả này bắt đầu với {what} khác: hãy chọn tệp kết quả khác",
    "policy": "quy tắc",
    "trust": "kho tin cậy",
    "now": "thời điểm --now",
    "{path} is not the output of a batch": "{path} không phải kết quả của một lần chạy hàng loạt",
    "cannot go on in {path}: {reason}": "không chạy tiếp được trong {path}: {reason}",
    "the items are not those of the run that is to be gone on with: choose another output":
        "các mục không phải của lần chạy cần tiếp tục: hãy chọn tệp kết quả khác",
    "a line longer than any evidence": "dòng dài hơn mọi bằng chứng",
    "a process of the batch was killed; run it again, to go on where it ended":
        "một tiến trình của lần chạy bị dừng đột ngột; chạy lại để tiếp tục từ chỗ đã dừng",
    # policies
    "no policy is called {name}: use {known} or a JSON file":
        "không có quy tắc nào tên {name}: hãy dùng {known} hoặc một tệp JSON",
    "{path} is no policy: it is not JSON": "{path} không phải quy tắc: không phải JSON",
    "not a policy: {reason}": "không phải quy tắc: {reason}",
    "a policy has a name of its own, and requires at least {least}":
        "một quy tắc phải có tên riêng, và đòi hỏi ít nhất {least}",
    # the trust store
    "cannot read the trust store {path}: {reason}": "không đọc được kho tin cậy {path}: {reason}",
    "cannot write the trust store in {path}: {reason}": "không ghi được kho tin cậy trong {path}: {reason}",
    "the trust store in {path} is being edited by another process":
        "một tiến trình khác đang sửa kho tin cậy trong {path}",
    "{count} entries of the trust store have a SHA-256 that begins with {prefix}":
        "có {count} mục của kho tin cậy mang SHA-256 bắt đầu bằng {prefix}",
    "the certificate has another SHA-256 than the one given": "chứng thư có SHA-256 khác với SHA-256 đã nêu",
    "only a CSCA's self-signed certificate can be pinned; a link certificate is imported":
        "chỉ ghim được chứng thư tự ký của CSCA; chứng thư nối thì nhập vào bằng import",
    "{name} is no certificate, signed list, revocation list or LDIF file":
        "{name} không phải chứng thư, danh sách đã ký, danh sách thu hồi hay tệp LDIF",
    # synthetic cards
    "no profile {profile}; there are {profiles}": "không có mẫu thẻ {profile}; có {profiles}",
    "cannot write the card to {path}: {reason}": "không ghi được thẻ vào {path}: {reason}",
    "{path} is not the folder of a card: {reason}": "{path} không phải thư mục của một thẻ: {reason}",
    "{path}: secrets.json or chip.json cannot be read": "{path}: không đọc được secrets.json hoặc chip.json",
    "a private key of the card cannot be read": "không đọc được một khóa bí mật của thẻ",
    "the card's private key for Chip Authentication is on no elliptic curve":
        "khóa bí mật của thẻ cho Chip Authentication không nằm trên đường cong elliptic",
    "the secrets of the card hold letters that no MRZ and no CAN has":
        "dữ liệu bí mật của thẻ có ký tự mà MRZ và CAN không thể có",
}  # fmt: skip

_OF_WHAT_WAS_TYPED: Mapping[str, str] = {
    "{role} does not decide on this request ({clause})": "{role} không quyết định yêu cầu này ({clause})",
    "--output goes with --batch": "--output chỉ đi cùng --batch",
    "--batch goes with --trust, --policy, --now and --output only":
        "--batch chỉ đi cùng --trust, --policy, --now và --output",
    "give either PATH, or --reader and --secret": "hãy nêu PATH, hoặc --reader và --secret",
    "to read a card, say where it is (--reader) and what opens it (--secret)":
        "để đọc thẻ, hãy nêu thẻ ở đâu (--reader) và mở bằng gì (--secret)",
    "--now takes a time as ISO 8601, for example 2026-11-24T08:00:00+07:00":
        "--now nhận thời điểm theo ISO 8601, ví dụ 2026-11-24T08:00:00+07:00",
    "--vpcd takes HOST:PORT, for example 127.0.0.1:35963": "--vpcd nhận MÁY:CỔNG, ví dụ 127.0.0.1:35963",
    "there is no portrait to save": "không có ảnh chân dung để lưu",
    "nothing on standard input for: {prompt}": "đầu vào chuẩn không có gì cho: {prompt}",
    "without a terminal, confirm by {option}": "không có màn hình dòng lệnh thì xác nhận bằng {option}",
    "not a date; write it as YYYY-MM-DD": "không phải ngày; hãy viết theo dạng NNNN-TT-NN",
    "a date of an MRZ has six digits, YYMMDD": "ngày trong MRZ có sáu chữ số, NNTTNN (năm, tháng, ngày)",
    "an MRZ has the characters 0-9, A-Z and < only": "MRZ chỉ có các ký tự 0-9, A-Z và <",
    "no MRZ: {size} characters; TD1 has 90, TD2 72, TD3 88":
        "không phải MRZ: {size} ký tự; TD1 có 90, TD2 có 72, TD3 có 88",
    "{size} characters do not fit a field of {width}": "{size} ký tự không vừa trường {width} ký tự",
    "the document number is missing": "thiếu số giấy tờ",
    "a CAN has six digits; on a CCCD the last six of the number on the card":
        "CAN có sáu chữ số; với CCCD là sáu số cuối của số in trên thẻ",
    "the number on the card has 12 digits": "số in trên thẻ có 12 chữ số",
    "a personal number has 12 digits": "số định danh có 12 chữ số",
    "a PIN or PUK has 4 to 32 printable characters": "PIN hoặc PUK có từ 4 đến 32 ký tự in được",
    "BAC needs the data of the MRZ": "BAC cần dữ liệu của MRZ",
    "BAC needs the data of the MRZ: document number, birth date, expiry date":
        "BAC cần dữ liệu của MRZ: số giấy tờ, ngày sinh, ngày hết hạn",
    "the chip offers no PACE that this program knows; try the MRZ, which opens BAC":
        "chip không có loại PACE mà chương trình này biết; hãy thử MRZ để mở bằng BAC",
}  # fmt: skip

_OF_READERS: Mapping[str, str] = {
    "no reader of the kind {kind}; use pcsc, nfc, replay or sim":
        "không có loại đầu đọc {kind}; hãy dùng pcsc, nfc, replay hoặc sim",
    "sim:{what}: neither a profile ({profiles}) nor the folder of a card":
        "sim:{what}: không phải mẫu thẻ ({profiles}), cũng không phải thư mục của một thẻ",
    # PC/SC
    "pyscard is not installed; install cccd-nfc[pcsc]": "chưa cài pyscard; hãy cài cccd-nfc[pcsc]",
    "the PC/SC service does not answer ({code}); start pcscd":
        "dịch vụ PC/SC không trả lời ({code}); hãy khởi động pcscd",
    "no PC/SC reader; plug one in": "không có đầu đọc PC/SC; hãy cắm đầu đọc vào",
    "no PC/SC reader whose name contains {part}; there are: {names}":
        "không có đầu đọc PC/SC nào mà tên chứa {part}; đang có: {names}",
    "the card on {reader} does not answer, or another program holds it":
        "thẻ trên {reader} không trả lời, hoặc chương trình khác đang giữ thẻ",
    "no card came to the reader; put it on and hold it still":
        "không thấy thẻ trên đầu đọc; hãy đặt thẻ lên và giữ yên",
    "the card does not answer any more ({code}); put it back and try again":
        "thẻ không trả lời nữa ({code}); hãy đặt lại thẻ rồi thử lại",
    "the card went while it was computing; put it back and try again":
        "thẻ rời đầu đọc khi đang tính toán; hãy đặt lại thẻ rồi thử lại",
    "{doing}: the card is gone, or was reset by another program ({code})":
        "{doing}: thẻ không còn, hoặc bị chương trình khác khởi động lại ({code})",
    "{doing}: the PC/SC service has ended ({code}); start pcscd":
        "{doing}: dịch vụ PC/SC đã dừng ({code}); hãy khởi động pcscd",
    "{doing}: PC/SC answers {code}": "{doing}: PC/SC trả lời {code}",
    "listing the readers": "liệt kê đầu đọc",
    "looking for a card": "tìm thẻ",
    "connecting to the card on {reader}": "kết nối với thẻ trên {reader}",
    "reserving the card": "giữ thẻ cho riêng mình",
    "restarting the card": "khởi động lại thẻ",
    "sending a command": "gửi lệnh",
    "T=0 carries {most} bytes of data in a command, not {size}":
        "T=0 chỉ mang được {most} byte dữ liệu trong một lệnh, không phải {size}",
    # nfcpy
    "nfcpy is not installed; install cccd-nfc[nfc]": "chưa cài nfcpy; hãy cài cccd-nfc[nfc]",
    "nfcpy cannot load libusb; install libusb-1.0": "nfcpy không nạp được libusb; hãy cài libusb-1.0",
    "the USB devices cannot be listed ({reason})": "không liệt kê được các thiết bị USB ({reason})",
    "no reader for nfcpy at {path}": "không có đầu đọc cho nfcpy tại {path}",
    "the reader at {path} cannot be opened ({reason})": "không mở được đầu đọc tại {path} ({reason})",
    "{path} is no path of nfcpy": "{path} không phải đường dẫn của nfcpy",
    "no chip card came to the reader; put it on and hold it still":
        "không thấy thẻ chip trên đầu đọc; hãy đặt thẻ lên và giữ yên",
    "the card does not answer any more; put it back and try again":
        "thẻ không trả lời nữa; hãy đặt lại thẻ rồi thử lại",
    "the card's answer is torn; put it back and try again": "trả lời của thẻ bị cụt; hãy đặt lại thẻ rồi thử lại",
    "the card answers its selection wrongly": "thẻ trả lời sai khi được chọn",
    "the card asks for more time again and again": "thẻ xin thêm thời gian hết lần này đến lần khác",
    "the card did not come back after the field was switched off and on":
        "thẻ không trở lại sau khi tắt rồi bật trường sóng",
    "the reader cannot switch its field off": "đầu đọc không tắt được trường sóng",
    "the reader has gone: {reason}": "đầu đọc không còn: {reason}",
    # where a simulated card is put
    "no virtual reader listens on {host}:{port}; is pcscd running, with vsmartcard-vpcd installed?":
        "không có đầu đọc ảo tại {host}:{port}; pcscd có đang chạy và đã cài vsmartcard-vpcd chưa?",
    "the virtual reader closed the connection": "đầu đọc ảo đã đóng kết nối",
    "the card cannot be put at {host}:{port} ({reason})": "không đặt được thẻ tại {host}:{port} ({reason})",
    # tapes
    "cannot read the tape {path}: {reason}": "không đọc được bản ghi {path}: {reason}",
    "cannot write the tape {path}: {reason}": "không ghi được bản ghi {path}: {reason}",
    "{path} is not a tape": "{path} không phải bản ghi phiên",
    "{path} is a tape of version {version}; this program knows {known}":
        "{path} là bản ghi phiên bản {version}; chương trình này biết phiên bản {known}",
    "line {number} of the tape is torn, or no JSON": "dòng {number} của bản ghi bị cụt, hoặc không phải JSON",
    "line {number} of the tape is no JSON object": "dòng {number} của bản ghi không phải đối tượng JSON",
    "line {number} of the tape is of no known kind": "dòng {number} của bản ghi không thuộc loại nào đã biết",
    "a command (INS {ins}, {size} bytes)": "một lệnh (INS {ins}, {size} byte)",
    "a restart of the card": "khởi động lại thẻ",
    "{size} random bytes": "{size} byte ngẫu nhiên",
    "{asked} is not the one that was recorded; use the same password and options as for the recording":
        "{asked} không phải lệnh đã ghi; hãy dùng đúng mật khẩu và tùy chọn như lúc ghi",
    "{size} random bytes are asked for where {recorded} were recorded":
        "cần {size} byte ngẫu nhiên trong khi bản ghi có {recorded}",
    "the tape has come to its end, and {wanted} is asked for": "bản ghi đã hết mà còn cần {wanted}",
    "{wanted} is asked for where the tape has something else ({kinds})":
        "cần {wanted} trong khi bản ghi có thứ khác ({kinds})",
    "the recorded session ended here: the card or the reader failed":
        "phiên đã ghi kết thúc ở đây: thẻ hoặc đầu đọc gặp lỗi",
}  # fmt: skip

_OF_THE_CHIP: Mapping[str, str] = {
    "{operation}: the card answered {sw}": "{operation}: thẻ trả lời {sw}",
    # access
    "PACE: the chip did not accept the password ({how})": "PACE: chip không chấp nhận mật khẩu ({how})",
    "{sw}, {suite} on {curve}": "{sw}, {suite} trên {curve}",
    "{how}; {tries} tries left": "{how}; còn {tries} lần thử",
    "PACE: this password is blocked ({sw})": "PACE: mật khẩu này đã bị khóa ({sw})",
    "PACE: the chip's authentication token is wrong": "PACE: mã xác thực của chip bị sai",
    "PACE: the chip uses its mapping key once more": "PACE: chip dùng lại khóa ánh xạ",
    "PACE: a nonce of {size} bytes for {cipher}": "PACE: nonce dài {size} byte cho {cipher}",
    "PACE {protocol} with domain parameters {parameters} is not supported":
        "không hỗ trợ PACE {protocol} với tham số miền {parameters}",
    "the chip echoes our own key": "chip gửi lại chính khóa của máy đọc",
    "BAC: the chip did not accept the MRZ data ({sw})": "BAC: chip không chấp nhận dữ liệu MRZ ({sw})",
    "BAC: the MAC of the chip's answer is wrong": "BAC: MAC trong trả lời của chip bị sai",
    "BAC: the chip's answer is not to our challenge": "BAC: trả lời của chip không ứng với thử thách của máy đọc",
    "BAC: an answer of {size} bytes where {wanted} are expected": "BAC: trả lời dài {size} byte, cần {wanted}",
    "GET CHALLENGE: {size} bytes where {wanted} are expected": "GET CHALLENGE: {size} byte, cần {wanted}",
    # secure messaging
    "{command}: the session with the chip has ended": "{command}: phiên với chip đã kết thúc",
    "{command}: the chip ended the session ({sw})": "{command}: chip đã kết thúc phiên ({sw})",
    "{command}: the answer's MAC is wrong": "{command}: MAC của trả lời bị sai",
    "{command}: the status word outside is not the protected one":
        "{command}: mã trạng thái bên ngoài khác với mã được bảo vệ",
    "{command}: a protected answer that is malformed ({reason})":
        "{command}: trả lời được bảo vệ nhưng sai quy cách ({reason})",
    "an unknown padding indicator": "kiểu đệm chưa biết",
    "the padding 80 00 .. 00 is missing": "thiếu phần đệm 80 00 .. 00",
    "{size} bytes are not whole blocks of {cipher}": "{size} byte không chia hết thành khối của {cipher}",
    # commands and files
    "a command of {size} bytes has no header": "lệnh dài {size} byte không có phần đầu",
    "a command with a torn length field": "lệnh có trường độ dài bị cụt",
    "a command whose Lc says {lc} bytes carries {size}": "lệnh có Lc ghi {lc} byte nhưng mang {size}",
    "{command}: Nc {nc} or Ne {ne} is out of range": "{command}: Nc {nc} hoặc Ne {ne} ngoài khoảng cho phép",
    "a response of {size} bytes has no status word": "trả lời dài {size} byte không có mã trạng thái",
    "{command}: the chip promises more and does not give it": "{command}: chip báo còn dữ liệu nhưng không đưa",
    "{command}: {size} bytes where {wanted} were asked for": "{command}: {size} byte trong khi chỉ hỏi {wanted}",
    "{file}: a file whose outermost length is indefinite cannot be read":
        "{file}: không đọc được tệp có độ dài ngoài cùng bất định",
    "{file}: promises {size} bytes, more than any file holds": "{file}: báo {size} byte, nhiều hơn mọi tệp",
    "{file}: the chip gives no more bytes ({sw}); it may be cut short":
        "{file}: chip không đưa thêm byte nào ({sw}); tệp có thể bị cụt",
    "{file}: the chip gives {size} of {total} bytes, in pieces too small":
        "{file}: chip đưa {size} trong {total} byte, từng mẩu quá nhỏ",
    "{file}: data object {tag} where 53 is expected": "{file}: gặp đối tượng dữ liệu {tag} thay vì 53",
    "{file}: the version in {tag} is not made of digits": "{file}: phiên bản trong {tag} không gồm các chữ số",
    "EF.DG1: characters that no MRZ has": "EF.DG1: có ký tự mà MRZ không thể có",
    "EF.DG1: no MRZ": "EF.DG1: không có MRZ",
    "EF.DG2: a biometric template without its data": "EF.DG2: mẫu sinh trắc thiếu dữ liệu",
    "{file}: no image in a format that is known": "{file}: không có ảnh nào thuộc định dạng đã biết",
    "a portrait of {size} bytes": "ảnh chân dung dài {size} byte",
    "a portrait of {width} x {height} pixels": "ảnh chân dung {width} x {height} điểm ảnh",
    "the portrait cannot be decoded": "không giải mã được ảnh chân dung",
    "{file}: not the layout of the CCCD": "{file}: không theo bố cục của CCCD",
    "EF.DG13: an item without its number": "EF.DG13: có mục thiếu số thứ tự",
    "EF.DG13: a value of the type {tag} where a string is expected": "EF.DG13: gặp giá trị loại {tag} thay vì chuỗi",
    "EF.DG13: a string that is not UTF-8": "EF.DG13: có chuỗi không phải UTF-8",
    # the verdict
    "the card is not verified ({verdict}: {why})": "thẻ chưa được xác minh ({verdict}: {why})",
    "no proof": "không có bằng chứng",
    # locks
    "a receipt is given to the owner who shows the card: say --reader and --secret":
        "biên nhận chỉ cấp cho chủ thẻ có thẻ trên đầu đọc: hãy dùng --reader và --secret",
    "who calls the hotline has no card on this reader": "người gọi tổng đài không có thẻ trên đầu đọc này",
    "--by-password is without card, hotline and receipt": "--by-password không dùng cùng thẻ, tổng đài hay biên nhận",
    # logins and secrets
    "{path} can be read by others; make it 0600": "người khác đọc được {path}; hãy đặt quyền 0600",
    "{path} holds no login; log in first": "{path} không chứa phiên đăng nhập; hãy đăng nhập trước",
    "the password is not accepted: ": "mật khẩu không được chấp nhận: ",
    "the passcode is not accepted: ": "passcode không được chấp nhận: ",
    "a verified identity comes from an inspection report only":
        "danh tính đã xác minh chỉ có thể lấy từ một báo cáo kiểm tra",
    **{outcome.value: words["vi"] for outcome, words in OUTCOMES.items()},
    **{name.value: words["vi"] for name, words in CHECKS.items()},
}  # fmt: skip

_OF_LEVELS: Mapping[str, str] = {
    "an account is created with --phone, or renewed without": "tạo tài khoản thì dùng --phone, gia hạn thì không",
    "the paper's data are a JSON object of texts": "dữ liệu giấy tờ phải là một đối tượng JSON gồm các chuỗi",
    "the paper's data are no JSON": "dữ liệu giấy tờ không phải JSON",
    "a representative is named by --represented-by and --document":
        "người đại diện được nêu bằng cả --represented-by và --document",
    "the id of an officer or a station has at most 32 characters": "mã cán bộ hoặc mã bàn có tối đa 32 ký tự",
    "without a terminal, say by --consent how the person has agreed":
        "không có thiết bị đầu cuối thì phải nêu bằng --consent người đó đã đồng ý theo cách nào",
    "without consent no account is opened": "không có sự đồng ý thì không mở tài khoản",
    "the sex is entered as M or F": "giới tính ghi là M hoặc F",
    "at this age the law gives no account ({clause})": "ở tuổi này pháp luật không cấp tài khoản ({clause})",
    "at this age the law gives no account of level {level} ({clause})":
        "ở tuổi này pháp luật không cấp tài khoản mức {level} ({clause})",
    "for a child, parent or guardian ask for the account ({clause})":
        "với trẻ em, cha mẹ hoặc người giám hộ phải đề nghị cấp tài khoản ({clause})",
    "the rules on accounts in {file} are broken": "tệp quy định về tài khoản {file} bị hỏng",
    "the rules on accounts of {profile} are missing": "thiếu quy định về tài khoản của {profile}",
    "the account was not activated within 7 days; call {hotline} (AS-05)":
        "tài khoản không được kích hoạt trong 7 ngày; hãy gọi {hotline} (AS-05)",
    "the evidence is not complete: {file} is missing": "bằng chứng không đầy đủ: thiếu {file}",
    "only these are entered beside the chip: {names}": "ngoài dữ liệu chip chỉ nhập được: {names}",
    "the account is locked at the desk that opened it ({clause})": "tài khoản chỉ khóa tại nơi đã mở nó ({clause})",
    "papers go with level 2 only ({clause})": "chỉ tài khoản mức 2 mới có giấy tờ tích hợp ({clause})",
    "this account is used with the consent of parent or guardian ({clause})":
        "tài khoản này chỉ dùng khi cha mẹ hoặc người giám hộ đồng ý ({clause})",
    "an application that is {before} cannot become {after}": "hồ sơ đang {before} không thể thành {after}",
    "the file's first line names the columns {columns}": "dòng đầu của tệp phải nêu các cột {columns}",
}  # fmt: skip

ERRORS: Mapping[str, str] = {
    **DEVICE_ERRORS,
    **DOCUMENT_ERRORS,
    **MESSAGE_ERRORS,
    **OFFICER_ERRORS,
    **_OF_FILES,
    **_OF_WHAT_WAS_TYPED,
    **_OF_READERS,
    **_OF_THE_CHIP,
    **_OF_LEVELS,
}
