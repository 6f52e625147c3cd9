"""A sheet of A4 with Vietnamese letters, whose bytes are the same for the same words and the same day."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from importlib import resources

from fpdf import FPDF
from fpdf.enums import XPos, YPos

MARGIN = 20.0
WIDTH = 170.0
"""Millimetres, as everything here: the margin on each side, and what is between them."""

_FAMILY = "NotoSans"
_GREY = 110
_NOT_IN_THE_FONT = re.compile(r"[^\n -~\u00a0-\u00ffĂăĐđĨĩŨũƠơƯư\u1ea0-\u1ef9–—‘-‚“-„•…₫]")
_QUIET = 4
"""Light modules around a QR code (ISO/IEC 18004 §6.3.8)."""


class Sheet:
    """One A4 sheet that is filled from the top; `made_at` is the day that the file says it was made on."""

    def __init__(self, title: str, made_at: datetime) -> None:
        self._pdf = FPDF(format="A4")
        self._pdf.set_creation_date(made_at)
        self._pdf.set_title(title)
        self._pdf.set_lang("vi-VN")
        self._pdf.set_margin(MARGIN)
        self._pdf.set_auto_page_break(True, margin=15)
        fonts = resources.files("cccd_nfc.registry.papers").joinpath("fonts")
        for style, name in (("", "NotoSans-Regular.ttf"), ("B", "NotoSans-Bold.ttf")):
            with resources.as_file(fonts.joinpath(name)) as path:
                self._pdf.add_font(_FAMILY, style, path)
        self._pdf.add_page()

    @property
    def below(self) -> float:
        """Where the next line begins, from the top."""
        return self._pdf.get_y()

    def go_to(self, height: float) -> None:
        self._pdf.set_y(height)

    def text(
        self, words: str, *, size: float = 11, bold: bool = False, grey: bool = False, align: str = "L",
        left: float = 0, width: float = WIDTH,
    ) -> None:  # fmt: skip
        """Words in as many lines as they need; size: points.  left: from the margin.

        A letter that the font has not got, as a device's name may have, is a question mark.
        """
        words = _NOT_IN_THE_FONT.sub("?", unicodedata.normalize("NFC", words))
        self._pdf.set_font(_FAMILY, "B" if bold else "", size)
        self._pdf.set_text_color(_GREY if grey else 0)
        self._pdf.set_x(MARGIN + left)
        self._pdf.multi_cell(width, size * 0.5, words, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def pair(self, words: tuple[str, str], *, size: float = 11, bold: bool = False, align: str = "L") -> None:
        """Vietnamese, and English small beneath."""
        self.text(words[0], size=size, bold=bold, align=align)
        self.text(words[1], size=size * 0.7, grey=True, align=align)

    def row(self, label: tuple[str, str], value: tuple[str, str]) -> None:
        """A line of a table: what it is on the left, what it says on the right, English beneath both."""
        top = self.below
        self.text(label[0], width=58)
        self.text(label[1], size=7.5, grey=True, width=58)
        bottom = self.below
        self.go_to(top)
        self.text(value[0], bold=True, left=60, width=WIDTH - 60)
        if value[1] != value[0]:
            self.text(value[1], size=7.5, grey=True, left=60, width=WIDTH - 60)
        self.go_to(max(bottom, self.below) + 1)

    def rule(self, left: float = 0, width: float = WIDTH) -> None:
        """A thin line across."""
        self._pdf.set_line_width(0.2)
        self._pdf.line(MARGIN + left, self.below + 1, MARGIN + left + width, self.below + 1)
        self.go_to(self.below + 3)

    def new_page(self) -> None:
        self._pdf.add_page()

    def gap(self, height: float) -> None:
        self.go_to(self.below + height)

    def code(self, modules: Sequence[Sequence[bool]], *, left: float, top: float, side: float) -> None:
        """A QR code with its quiet zone in a square of `side`; dark modules of a row that touch are one piece."""
        step = side / (len(modules) + 2 * _QUIET)
        self._pdf.set_fill_color(0)
        for number, row in enumerate(modules):
            for start, length in _runs(row):
                x, y = left + (start + _QUIET) * step, top + (number + _QUIET) * step
                self._pdf.rect(MARGIN + x, y, length * step, step, style="F")

    def pdf(self) -> bytes:
        return bytes(self._pdf.output())


def _runs(row: Sequence[bool]) -> list[tuple[int, int]]:
    """(start, length) of the dark pieces of a row."""
    found: list[tuple[int, int]] = []
    for place, dark in enumerate(row):
        if dark and found and sum(found[-1]) == place:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        elif dark:
            found.append((place, 1))
    return found
