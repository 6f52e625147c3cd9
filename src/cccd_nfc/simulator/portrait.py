"""A drawn face for a synthetic card: plainly nobody's."""

from __future__ import annotations

import io

from cccd_nfc.simulator.seeded import SeededBytes

WIDTH, HEIGHT = 300, 400
_SCALE = 2
_SKINS = ((244, 214, 186), (232, 195, 160), (214, 172, 134))
_SHIRTS = ((70, 96, 140), (120, 82, 88), (74, 118, 100), (110, 110, 118))
_HAIR = (38, 30, 28)


def draw_portrait(random: SeededBytes, sex: str, *, size: int) -> bytes:
    """A JPEG of 300 x 400 pixels, filled up by a comment to `size` bytes unless it comes larger."""
    from PIL import Image, ImageDraw, ImageFilter

    picture = Image.new("RGB", (WIDTH * _SCALE, HEIGHT * _SCALE), (214, 226, 238))
    draw = ImageDraw.Draw(picture)
    skin, shirt = random.choice(_SKINS), random.choice(_SHIRTS)
    shade = tuple(max(0, part - 26) for part in skin)

    def ellipse(left: int, top: int, right: int, bottom: int, fill: tuple[int, ...]) -> None:
        draw.ellipse([_SCALE * at for at in (left, top, right, bottom)], fill=fill)

    if sex == "F":
        draw.rounded_rectangle([_SCALE * at for at in (66, 84, 234, 322)], radius=_SCALE * 76, fill=_HAIR)
    ellipse(14, 306, 286, 560, shirt)
    draw.polygon([_SCALE * at for at in (116, 300, 184, 300, 166, 352, 134, 352)], fill=shade)
    draw.rectangle([_SCALE * at for at in (124, 258, 176, 316)], fill=shade)
    ellipse(74, 190, 94, 226, skin)
    ellipse(206, 190, 226, 226, skin)
    ellipse(82, 92, 218, 292, skin)
    draw.pieslice([_SCALE * at for at in (74, 66, 226, 236)], 180, 360, fill=_HAIR)
    fringe = random.below(15)
    ellipse(88, 128 + fringe, 212, 270, skin)
    for eye in (122, 178):
        ellipse(eye - 13, 186, eye + 13, 200, (252, 252, 250))
        ellipse(eye - 7, 186, eye + 7, 200, (48, 36, 30))
        draw.arc([_SCALE * at for at in (eye - 18, 168, eye + 18, 192)], 200, 340, fill=_HAIR, width=_SCALE * 4)
    draw.line([_SCALE * at for at in (150, 200, 143, 234, 155, 236)], fill=shade, width=_SCALE * 3)
    draw.arc([_SCALE * at for at in (122, 226, 178, 264)], 25, 155, fill=(170, 84, 80), width=_SCALE * 5)
    draw.text((_SCALE * 108, _SCALE * 366), "SPECIMEN", fill=(236, 240, 244), font_size=_SCALE * 15)
    return _jpeg(picture.resize((WIDTH, HEIGHT)).filter(ImageFilter.SMOOTH), size)


def _jpeg(picture: object, size: int) -> bytes:
    from PIL.Image import Image

    assert isinstance(picture, Image)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=92)
    image = out.getvalue()
    filling = size - len(image) - 4
    if filling < 0:
        return image
    comment = b"\xff\xfe" + (filling + 2).to_bytes(2, "big") + b" " * filling
    return image[:20] + comment + image[20:]  # behind SOI and the JFIF header
