"""Who sits before a request: the desk, the browser's visit, the officer, the language; and the form that came along."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request

from cccd_nfc.desk.guard import SAFE
from cccd_nfc.desk.settings import DeskSettings
from cccd_nfc.desk.visits import Visit, Visits
from cccd_nfc.desk.watching import Reader, Watch
from cccd_nfc.errors import RefusedError
from cccd_nfc.registry.officers import Me
from cccd_nfc.registry.origin import DESK
from cccd_nfc.registry.permissions import PERMITTED, Act
from cccd_nfc.registry.service import Registry
from cccd_nfc.spoken.words import Language

LANGUAGE_COOKIE = "lang"


class LoginNeeded(Exception):
    """The registry has officers, and nobody has logged in here, or not any more."""


class OldPage(Exception):
    """An act whose page was not given out to this visit (CSRF), or is of an earlier one."""


class Desk:
    """What all requests share. readers: at least one.  closing: open streams end, so that the service can.

    layout, home: what pages of errors stand in, and where they lead to.
    """

    layout, home = "layout.html", "/"

    def __init__(self, registry: Registry, readers: tuple[Reader, ...], settings: DeskSettings) -> None:
        self.registry, self.settings = registry.acting(DESK), settings
        self.watches = tuple(Watch(reader) for reader in readers)
        self.visits = Visits(settings.idle, settings.clock)
        self.closing = False

    def start(self) -> None:
        for watch in self.watches:
            watch.start()

    def stop(self) -> None:
        for watch in self.watches:
            watch.stop()

    @property
    def cookie(self) -> str:
        return "__Host-desk" if self.settings.secure else "desk"

    def visit_of(self, request: Request) -> Visit | None:
        return self.visits.find(request.cookies.get(self.cookie, ""))


@dataclass
class Seat:
    """One request's. me: the officer who is logged in, if one is.  wants_part: HTMX asks for a part of the page.

    acts: a form was sent.
    """

    desk: Desk
    visit: Visit
    lang: Language
    has_officers: bool = False
    me: Me | None = None
    wants_part: bool = False
    acts: bool = False

    @cached_property
    def registry(self) -> Registry:
        """The registry as this officer has it; RefusedError when the session has ended."""
        return self.desk.registry.acting_as(self.visit.token) if self.visit.token else self.desk.registry

    @property
    def watch(self) -> Watch:
        return self.desk.watches[min(self.visit.reader, len(self.desk.watches) - 1)]

    def can(self, act: Act) -> bool:
        """Whether a button for the act is shown; whether it may be done, the registry says."""
        if not self.has_officers:
            return True
        return self.me is not None and bool(self.me.officer.roles & PERMITTED[act])

    @property
    def is_stale(self) -> bool:
        """Whether the registry will ask for a fresh login before what wants one."""
        return self.me is not None and self.desk.settings.now() >= self.me.fresh_until


def desk_of(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def language_of(request: Request) -> Language:
    return "en" if request.cookies.get(LANGUAGE_COOKIE) == "en" else "vi"


def bare_seat(request: Request) -> Seat:
    """Without asking the registry: for errors, which may be the registry's own."""
    desk = desk_of(request)
    visit = desk.visit_of(request) or desk.visits.begin()
    part = request.headers.get("hx-request") == "true" and request.headers.get("hx-boosted") != "true"
    return Seat(desk, visit, language_of(request), wants_part=part, acts=request.method not in SAFE)


def any_seat(request: Request) -> Seat:
    """Anybody's, officer or not. What a person does counts as use of the session; what a page does by itself, not."""
    seat = bare_seat(request)
    used = seat.acts or request.headers.get("sec-fetch-mode") == "navigate"
    if used:
        seat.desk.visits.touch(seat.visit)
    seat.has_officers = seat.desk.registry.officers.exist()
    if seat.visit.token:
        try:
            seat.me = seat.registry.officers.me(used=used)
        except RefusedError:
            seat.visit.put_card_away()
            seat.visit.token = ""
            raise LoginNeeded from None
    return seat


def officers_seat(seat: Annotated[Seat, Depends(any_seat)]) -> Seat:
    """That of an officer who is logged in; of anybody where the registry has no officers."""
    if seat.has_officers and seat.me is None:
        raise LoginNeeded
    return seat


def fields_of(request: Request) -> Mapping[str, str]:
    """The form, after `own_page` has taken it in."""
    fields: Mapping[str, str] = request.state.fields
    return fields


async def own_page(request: Request) -> None:
    """Takes the form of an act in, and refuses one that no page of this visit has sent (S-39)."""
    request.state.fields = {}
    if request.method in SAFE:
        return
    body = (await request.body()).decode("utf-8", "replace")
    fields = dict(parse_qsl(body, keep_blank_values=True, max_num_fields=32))
    visit = desk_of(request).visit_of(request)
    token = request.headers.get("x-csrf") or fields.pop("csrf", "")
    if visit is None or not secrets.compare_digest(visit.csrf.encode(), token.encode()):
        raise OldPage
    request.state.fields = fields


AnySeat = Annotated[Seat, Depends(any_seat)]
OfficersSeat = Annotated[Seat, Depends(officers_seat)]
Fields = Annotated[Mapping[str, str], Depends(fields_of)]
