"""Templates to answers: one environment with autoescape, one cookie for the visit, one way to go elsewhere."""

from __future__ import annotations

from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from cccd_nfc.desk import cards, words
from cccd_nfc.desk.officer_words import ROLES
from cccd_nfc.desk.seats import LANGUAGE_COOKIE, Seat
from cccd_nfc.errors import CccdError
from cccd_nfc.registry.clock import VIETNAM
from cccd_nfc.registry.papers.qr import modules_of
from cccd_nfc.registry.papers.words import GROUNDS, pair_of
from cccd_nfc.registry.permissions import Act
from cccd_nfc.sentences import sentence_of
from cccd_nfc.spoken.question_words import QUESTION_WORDS
from cccd_nfc.spoken.said import in_language
from cccd_nfc.spoken.state_words import ACCOUNT_STATES, DEVICE_STATES, LOCK_REASONS
from cccd_nfc.spoken.words import ADVICE, CHECKS, LABELS, OUTCOMES, SEXES, VERDICTS, Language

HERE = Path(__file__).parent
QUIET_ZONE = 4
"""Modules around a QR code (ISO/IEC 18004)."""


@cache
def environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    made.globals |= {"Act": Act, "QUIET": cards.QUIET, "qr": qr_drawing}
    made.globals |= {"VERDICTS": VERDICTS, "VERDICT_ADVICE": ADVICE, "OUTCOMES": OUTCOMES, "CHECKS": CHECKS}
    made.globals |= {"LABELS": LABELS, "SEXES": SEXES, "ROLES": ROLES}
    made.globals |= {"QUESTION_WORDS": QUESTION_WORDS, "LOCK_REASONS": LOCK_REASONS}
    made.globals |= {"ACCOUNT_STATES": ACCOUNT_STATES, "DEVICE_STATES": DEVICE_STATES}
    made.filters |= {"day": cards.shown_day, "clock": _clock, "moment": _moment}
    return made


def render(seat: Seat, template: str, status: int = 200, *, live: bool = False, **values: Any) -> Response:
    """The page, or the part of it that HTMX has asked for. live: it hears of the reader."""
    lang = seat.lang
    text = environment().get_template(template).render(
        seat=seat, live=live, visit=seat.visit, lang=lang, t=partial(words.say, lang), said=partial(_said, lang=lang),
        ground=partial(_ground, lang), said_error=partial(said_error, lang=lang),
        advice=partial(words.advice, lang=lang), layout="part.html" if seat.wants_part else seat.desk.layout,
        **values,
    )  # fmt: skip
    return with_cookie(seat, HTMLResponse(text, status))


def go(seat: Seat, path: str) -> Response:
    """Another page, however this one was asked for."""
    if seat.wants_part:
        return with_cookie(seat, Response(status_code=204, headers={"HX-Redirect": path}))
    return with_cookie(seat, RedirectResponse(path, 303))


def with_cookie(seat: Seat, answer: Response) -> Response:
    """The visit's name, for this browser's session alone."""
    desk = seat.desk
    answer.set_cookie(
        desk.cookie, seat.visit.id, httponly=True, samesite="strict", secure=desk.settings.secure, path="/"
    )
    return answer


def with_language(seat: Seat, answer: Response, lang: Language) -> Response:
    year = 365 * 24 * 3600
    answer.set_cookie(
        LANGUAGE_COOKIE, lang, max_age=year, httponly=True, samesite="strict", secure=seat.desk.settings.secure
    )
    return answer


def said_error(error: CccdError, lang: Language) -> str:
    return in_language(sentence_of(error), lang)


def qr_drawing(text: str) -> dict[str, Any]:
    """side: of the drawing in modules.  path: of an SVG path that fills the dark ones."""
    rows = modules_of(text)
    dark = ((x, y) for y, row in enumerate(rows) for x, module in enumerate(row) if module)
    path = "".join(f"M{x + QUIET_ZONE} {y + QUIET_ZONE}h1v1h-1z" for x, y in dark)
    return {"side": len(rows) + 2 * QUIET_ZONE, "path": path}


def _said(text: object, lang: Language) -> str:
    return in_language(text, lang)


def _ground(lang: Language, name: str) -> str:
    return pair_of(GROUNDS, name)[0 if lang == "vi" else 1]


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(VIETNAM):%d/%m/%Y %H:%M}" if moment else "–"


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(VIETNAM):%H:%M:%S}"
