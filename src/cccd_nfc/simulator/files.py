"""The chip's files: a root with EF.CardAccess, and the eMRTD application whose files need access control."""

from __future__ import annotations

from collections.abc import Mapping

from cccd_nfc.errors import CardError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.lds.files import DATA_GROUPS, EF_CARD_ACCESS, EF_COM, EF_SOD, ElementaryFile
from cccd_nfc.simulator.status import Refusal

IN_ROOT = (EF_CARD_ACCESS,)
IN_APPLICATION = (EF_COM, EF_SOD, *DATA_GROUPS)
LOCKED = ("EF.DG3", "EF.DG4")
"""Fingerprints and irises: behind Terminal Authentication, which this chip does not grant."""

NOT_FOUND, NO_ACCESS, NO_CURRENT_FILE, OFFSET, WRONG_DATA = 0x6A82, 0x6982, 0x6986, 0x6B00, 0x6A80


class FileSystem:
    """What is selected, and the reading of it."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self._current: ElementaryFile | None = None
        self.in_application = False

    def select_application(self) -> None:
        self.in_application, self._current = True, None

    def select_master_file(self) -> None:
        self.in_application, self._current = False, None

    def select_file(self, fid: int, *, has_access: bool) -> None:
        self._choose(next((file for file in self._visible() if file.fid == fid), None), has_access)

    def select_short(self, sfi: int, *, has_access: bool) -> None:
        self._choose(next((file for file in self._visible() if file.sfi == sfi), None), has_access)

    def _visible(self) -> tuple[ElementaryFile, ...]:
        return (*IN_APPLICATION, *IN_ROOT) if self.in_application else IN_ROOT

    def _choose(self, file: ElementaryFile | None, has_access: bool) -> None:
        if file is None or file.name not in self._files:
            raise Refusal(NOT_FOUND)
        if file in IN_ROOT and self.in_application:
            raise Refusal(NOT_FOUND if has_access else NO_ACCESS)  # 6982 is what CCCDs were seen to answer
        self._check(file, has_access)
        self._current = file

    def _check(self, file: ElementaryFile, has_access: bool) -> None:
        if file.name in LOCKED or (file in IN_APPLICATION and not has_access):
            raise Refusal(NO_ACCESS)

    def read(self, offset: int, length: int, *, has_access: bool) -> bytes:
        """At most `length` bytes from `offset` of the current file."""
        if self._current is None:
            raise Refusal(NO_CURRENT_FILE)
        self._check(self._current, has_access)
        content = self._files[self._current.name]
        if offset >= len(content):
            raise Refusal(OFFSET)
        return content[offset : offset + max(0, length)]

    def read_object(self, request: bytes, length: int, *, has_access: bool) -> bytes:
        """DO'53' of at most `length` bytes, with what is at the offset that the DO'54' in `request` states."""
        try:
            objects = tlv.parse_all(request)
        except CardError as error:
            raise Refusal(WRONG_DATA) from error
        if [each.tag for each in objects] != [0x54] or not objects[0].value:
            raise Refusal(WRONG_DATA)
        content = self.read(int.from_bytes(objects[0].value, "big"), length, has_access=has_access)
        while content and len(tlv.encode(0x53, content)) > length:
            content = content[:-1]
        return tlv.encode(0x53, content)
