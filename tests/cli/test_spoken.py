"""What ends a command is in the language of whoever reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.running import Run
from spoken.test_said import PIECES


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("verify", "FOLDER/evidence.json"), "không đọc được tệp bằng chứng (JSONDecodeError)"),
        (("verify", "FOLDER"), "không có SOD.bin, DG1.bin hay tệp thô nào khác của chip"),
        (("verify", "--reader", "replay:FOLDER/none", "--secret", "can"), "không đọc được bản ghi FOLDER/none"),
        (("read", "--reader", "sim:cccd-2021", "--secret", "can", "-o", "FOLDER/e"), "PACE: chip không chấp nhận mật"),
        (("verify", "--reader", "usb:1", "--secret", "can"), "không có loại đầu đọc 'usb'"),
        (("verify", "--reader", "pcsc:nowhere", "--secret", "can"), "PC/SC|pyscard"),
        (("verify", "--reader", "nfc:tty:nowhere", "--secret", "can"), "nfcpy"),
        (("trust", "list", "--store", "FOLDER"), "không đọc được sổ tin cậy"),
        (("trust", "pin", "00", "--store", "FOLDER/none"), "có 0 mục của kho tin cậy mang SHA-256 bắt đầu bằng 00"),
    ],
)
def test_what_ends_a_command_is_in_vietnamese(cccd: Run, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    """Which of the sentences about PC/SC and nfcpy it is depends on the machine."""
    for name in ("evidence.json", "trust.json"):
        (tmp_path / name).write_text("no JSON", encoding="utf-8")
    filled = [argument.replace("FOLDER", str(tmp_path)) for argument in arguments]
    result = cccd("--lang", "vi", *filled, stdin="000000\n")
    *_, last, advice = result.err.splitlines()
    assert result.code in (1, 2, 3, 4)
    assert last.startswith("Lỗi: ")
    assert any(each.replace("FOLDER", str(tmp_path)) in last for each in said.split("|"))
    assert [piece for piece in PIECES if piece in f"{last}\n{advice}"] == []
