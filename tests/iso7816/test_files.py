"""Reading files from chips of every kind: with and without SFI, small answers, refusals, lies about the length."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from cccd_nfc.errors import CardError, EncodingError, StatusWordError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.apdu import CommandAPDU, ResponseAPDU
from cccd_nfc.iso7816.files import Manner, read_file
from cccd_nfc.iso7816.flow import Progress, run


@dataclass(frozen=True)
class File:
    name: str = "EF.TEST"
    fid: int = 0x0101
    sfi: int = 0x01


@dataclass
class FileChip:
    """A chip with one file and a list of habits."""

    content: bytes
    max_answer: int = 65_536
    by_sfi: bool = True
    refuse_with: int = 0x6700
    pad_end: bool = False
    commands: list[CommandAPDU] = field(default_factory=list)

    def transmit(self, raw: bytes) -> bytes:
        command = CommandAPDU.parse(raw)
        self.commands.append(command)
        return self.answer(command).encode()

    def answer(self, command: CommandAPDU) -> ResponseAPDU:
        if command.ins == 0xA4:
            return ResponseAPDU(b"", 0x9000 if command.data == b"\x01\x01" else 0x6A82)
        if command.ne > self.max_answer:
            return ResponseAPDU(b"", self.refuse_with)
        if command.ins == 0xB1:
            offset = int.from_bytes(tlv.parse_one(command.data, tag=0x54).value, "big")
            inner = tlv.encode(0x53, self.content[offset:])
            return ResponseAPDU(inner[: command.ne], 0x9000)
        if command.p1 & 0x80:
            if not self.by_sfi:
                return ResponseAPDU(b"", 0x6A86)
            return self.part(0, command.ne)
        return self.part(command.p1 << 8 | command.p2, command.ne)

    def part(self, offset: int, ne: int) -> ResponseAPDU:
        part = self.content[offset : offset + ne]
        return ResponseAPDU(part, 0x9000 if len(part) == ne else 0x6282)

    def reset(self) -> None: ...
    def close(self) -> None: ...


def read(chip: FileChip, manner: Manner | None = None) -> bytes:
    return run(read_file(File(), manner or Manner()), chip)


CONTENT = tlv.encode(0x75, bytes(range(256)) * 60)


@pytest.mark.parametrize("block", [16, 100, 223, 256, 2015, 65_536])
@pytest.mark.parametrize("size", [0, 1, 15, 127, 128, 255, 256, 15_360, 40_000, 70_000])
def test_files_of_every_size_come_whole(size: int, block: int) -> None:
    content = tlv.encode(0x75, bytes(size))
    assert read(FileChip(content + b"\x00" * 50), Manner(block=block)) == content


def test_a_small_file_costs_one_exchange() -> None:
    chip = FileChip(tlv.encode(0x60, bytes(24)))
    read(chip)
    assert len(chip.commands) == 1


def test_without_sfi_the_file_is_selected_and_that_is_remembered() -> None:
    chip, manner = FileChip(CONTENT, by_sfi=False), Manner()
    assert read(chip, manner) == CONTENT
    assert not manner.by_sfi


@pytest.mark.parametrize("refuse_with", [0x6700, 0x6CE7, 0x6B00, 0x6C00])
def test_a_refused_block_is_made_smaller_until_it_fits(refuse_with: int) -> None:
    manner = Manner(block=2015, short_block=223)
    assert read(FileChip(CONTENT, max_answer=231, refuse_with=refuse_with), manner) == CONTENT
    assert manner.block <= 231


def test_6cxx_names_the_length_and_is_obeyed() -> None:
    chip, manner = FileChip(CONTENT, max_answer=0xE7, refuse_with=0x6CE7), Manner(block=256)
    read(chip, manner)
    assert manner.block == 0xE7


def test_a_chip_without_extended_length_costs_one_refusal() -> None:
    chip, manner = FileChip(tlv.encode(0x60, bytes(24)), max_answer=256), Manner(block=2048)
    read(chip, manner)
    assert [command.ne for command in chip.commands] == [2048, 256]


def test_an_absent_file_and_a_protected_one_say_so() -> None:
    class Absent(FileChip):
        def answer(self, command: CommandAPDU) -> ResponseAPDU:
            return ResponseAPDU(b"", 0x6A82)

    class Protected(FileChip):
        def answer(self, command: CommandAPDU) -> ResponseAPDU:
            return ResponseAPDU(b"", 0x6982)

    for chip, sw in ((Absent(b""), 0x6A82), (Protected(b""), 0x6982)):
        with pytest.raises(StatusWordError) as caught:
            read(chip)
        assert caught.value.sw == sw


def test_a_file_cut_short_is_an_error_and_not_an_endless_loop() -> None:
    with pytest.raises(CardError, match="cut short"):
        read(FileChip(CONTENT[:500]))


def test_a_chip_that_gives_a_byte_at_a_time_is_left() -> None:
    class Miser(FileChip):
        def part(self, offset: int, ne: int) -> ResponseAPDU:
            return ResponseAPDU(self.content[offset : offset + (5 if offset == 0 else 1)], 0x9000)

    with pytest.raises(CardError, match="pieces too small"):
        read(Miser(CONTENT))


@pytest.mark.parametrize("content", [b"\x75\x84\x7f\xff\xff\xff", b"\x30\x80\x02\x01", b"\x75\x85"])
def test_lengths_that_cannot_be_true_are_refused_at_once(content: bytes) -> None:
    chip = FileChip(content + bytes(300))
    with pytest.raises(EncodingError):
        read(chip)
    assert len(chip.commands) == 1


def test_an_answer_longer_than_asked_for_is_not_ours() -> None:
    class Generous(FileChip):
        def part(self, offset: int, ne: int) -> ResponseAPDU:
            return ResponseAPDU(self.content[offset : offset + ne + 1], 0x9000)

    with pytest.raises(CardError, match="asked for"):
        read(Generous(CONTENT))


def test_progress_is_told_by_bytes() -> None:
    told: list[Progress] = []

    class Watcher:
        def noticed(self, notice: object) -> None:
            assert isinstance(notice, Progress)
            told.append(notice)

        def exchanged(self, command: CommandAPDU, sent: int, received: int, seconds: float) -> None: ...

    run(read_file(File(), Manner(block=1000)), FileChip(CONTENT), [Watcher()])
    assert [notice.done for notice in told] == sorted({notice.done for notice in told})
    assert told[-1].done == told[-1].total == len(CONTENT)
