"""The portrait as a person sees it: a PNG file, or half blocks in a terminal. Pillow decodes, within limits."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, TypeAlias

from cccd_nfc.errors import EncodingError
from cccd_nfc.sentences import Said

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_BYTES = 1 << 20
MAX_PIXELS = 4_000_000
"""More than any document's portrait, far less than a decompression bomb."""

RGB: TypeAlias = tuple[int, int, int]


def portrait_png(image: bytes) -> bytes:
    """`image` (JPEG or JPEG 2000) as PNG; EncodingError when it is broken or too large to be a portrait."""
    out = io.BytesIO()
    _decode(image).save(out, "PNG")
    return out.getvalue()


def portrait_blocks(image: bytes, columns: int) -> list[list[tuple[RGB, RGB]]]:
    """Rows of `columns` pairs (upper pixel, lower pixel), in the proportions of the image."""
    picture = _decode(image)
    rows = max(1, round(columns * picture.height / picture.width / 2))
    small = picture.resize((columns, rows * 2))
    pixels = [tuple(small.tobytes()[at : at + 3]) for at in range(0, columns * rows * 6, 3)]
    line = [pixels[at : at + columns] for at in range(0, len(pixels), columns)]
    return [list(zip(line[at], line[at + 1], strict=True)) for at in range(0, len(line), 2)]  # type: ignore[arg-type]


def _decode(image: bytes) -> Image:
    from PIL import Image as Images
    from PIL import UnidentifiedImageError

    if len(image) > MAX_BYTES:
        raise EncodingError(Said("a portrait of {size} bytes", size=len(image)))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Images.open(io.BytesIO(image), formats=("JPEG", "JPEG2000"))
            if picture.width * picture.height > MAX_PIXELS:
                template = "a portrait of {width} x {height} pixels"
                raise EncodingError(Said(template, width=picture.width, height=picture.height))
            return picture.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Images.DecompressionBombError) as error:
        raise EncodingError("the portrait cannot be decoded") from error
