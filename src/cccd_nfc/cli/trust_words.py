"""What `cccd trust` says, in Vietnamese and English."""

from __future__ import annotations

from collections.abc import Mapping

from cccd_nfc.spoken.words import Text

WORDS: Mapping[str, Text] = {
    "entering": {"vi": "{file}: {count} mục, {new} mục mới.", "en": "{file}: {count} entries, {new} of them new."},
    "signed_by": {"vi": "   ký bởi {who}", "en": "   signed by {who}"},
    "left_out": {
        "vi": "{count} chứng thư ký giấy tờ được bỏ qua: giấy tờ mang theo chứng thư của nó (--signers để giữ lại).",
        "en": "{count} document signers are left out: documents bring their own (--signers keeps them).",
    },
    "skipped": {"vi": "Không đọc được: {name}: {reason}", "en": "Cannot be read: {name}: {reason}"},
    "refused": {"vi": "Không nhận: {name}: {reason}", "en": "Not taken: {name}: {reason}"},
    "more": {"vi": "   … và {count} mục nữa (--all để xem hết)", "en": "   … and {count} more (--all shows them)"},
    "confirm_import": {"vi": "Đưa các mục này vào kho tin cậy?", "en": "Take these into the trust store?"},
    "confirm_pin": {
        "vi": "Bạn đã so SHA-256 này với cơ quan cấp chưa?",
        "en": "Have you compared this SHA-256 with the issuing authority?",
    },
    "confirm_remove": {"vi": "Xóa mục này khỏi kho tin cậy?", "en": "Remove this entry from the trust store?"},
    "changed": {
        "vi": "Kho tin cậy {store}: thêm {added}, bỏ {removed}, giữ {kept}.",
        "en": "Trust store {store}: {added} added, {removed} removed, {kept} kept.",
    },
    "unsigned_hint": {
        "vi": "{count} mục chưa ai ký: chỉ dùng được sau `cccd trust pin SHA256`, khi bạn đã so mã.",
        "en": "{count} entries are signed by nobody: `cccd trust pin SHA256` once you have compared them, or they"
        " vouch for nothing.",
    },
    "pinned": {"vi": "Đã ghim {who}.", "en": "Pinned: {who}."},
    "removed": {"vi": "Đã xóa {who}.", "en": "Removed: {who}."},
    "exported": {"vi": "{count} chứng thư ghi vào {path}.", "en": "{count} certificates are in {path}."},
    "empty": {
        "vi": "Kho tin cậy {store} còn trống: `cccd trust pin TỆP`.",
        "en": "The trust store {store} is empty: `cccd trust pin FILE`.",
    },
    "sound": {"vi": "Kho tin cậy không có gì phải sửa.", "en": "There is nothing to mend in the trust store."},
    "nothing_new": {"vi": "Không có gì mới.", "en": "There is nothing new."},
}

TIERS: Mapping[str, Text] = {
    "pinned": {"vi": "đã ghim", "en": "pinned"},
    "national-list": {"vi": "danh sách quốc gia", "en": "national list"},
    "icao-list": {"vi": "danh sách ICAO", "en": "ICAO list"},
    "unsigned": {"vi": "chưa ai ký", "en": "unsigned"},
}

KINDS: Mapping[str, Text] = {
    "csca": {"vi": "CSCA", "en": "CSCA"},
    "link": {"vi": "chứng thư nối", "en": "link"},
    "document-signer": {"vi": "chứng thư ký", "en": "document signer"},
    "crl": {"vi": "danh sách thu hồi", "en": "revocation list"},
    "deviation-list": {"vi": "danh sách sai lệch", "en": "deviation list"},
    "defect-list": {"vi": "danh sách lỗi", "en": "defect list"},
}

TROUBLES: Mapping[str, Text] = {
    "expired": {"vi": "hết hạn", "en": "expired"},
    "not-yet-valid": {"vi": "chưa có hiệu lực", "en": "not yet valid"},
    "superseded": {"vi": "đã có khóa mới", "en": "superseded"},
    "broken-link": {"vi": "nối vào đâu không rõ", "en": "broken link"},
    "duplicate": {"vi": "trùng", "en": "duplicate"},
    "unsigned": {"vi": "chưa ai ký", "en": "unsigned"},
    "unusable": {"vi": "không dùng được", "en": "unusable"},
    "weak": {"vi": "yếu", "en": "weak"},
    "old-list": {"vi": "danh sách không dùng được", "en": "list not usable"},
    "skipped": {"vi": "không đọc được", "en": "cannot be read"},
    "differs-from-profile": {"vi": "khác quy cách", "en": "differs from profile"},
}
