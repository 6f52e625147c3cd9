"""Flow F3 as a browser calls it, and "that was not me". A browser has no key: its answers are the same for everybody.

No message is sent behind these calls: a connection that is kept would tell by its next answer whether one went (S-13).
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from cccd_nfc.api.answers import Done, Receipt
from cccd_nfc.api.answers_web import NotMe, WebBegin, WebBegun, WebCode, WebCodeAccepted, WebSecrets
from cccd_nfc.api.callers import Call, web_call

routes = APIRouter(prefix="/v1", tags=["web"])

Caller = Annotated[Call, Depends(web_call)]
TransactionId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


@routes.post("/web/activations", status_code=201)
def begin(asked: WebBegin, call: Caller) -> WebBegun:
    """The same answer for everybody; where number and phone belong together, a code goes to that phone (R-044)."""

    def act() -> WebBegun:
        ticket = call.registry.web.begin(asked.number.get_secret_value(), asked.phone.get_secret_value())
        return WebBegun(transaction_id=ticket.transaction_id, expires_at=ticket.expires_at)

    return call.once(asked, act, WebBegun)


@routes.post("/web/activations/{transaction_id}/code")
def enter_code(transaction_id: TransactionId, asked: WebCode, call: Caller) -> WebCodeAccepted:
    """What the right code opens: a grant to set the secrets with, or the word that the account is active (R-047)."""

    def act() -> WebCodeAccepted:
        found = call.registry.web.enter_code(transaction_id, asked.code.get_secret_value())
        return WebCodeAccepted(already_active=found.already_active, grant=found.grant)

    return call.once(asked, act, WebCodeAccepted)


@routes.post("/web/activations/{transaction_id}/secrets")
def finish(transaction_id: TransactionId, asked: WebSecrets, call: Caller) -> Receipt:
    """Password, passcode and answers: the account is active, with no device (R-049)."""
    chosen = asked.chosen()
    grant = asked.grant.get_secret_value()
    return call.once(asked, lambda: Receipt(receipt=call.registry.web.finish(transaction_id, grant, chosen)), Receipt)


@routes.post("/not-me")
def not_me(asked: NotMe, call: Caller) -> Done:
    """By the token of a notice: the account is locked at once, and nothing else is done (S-24)."""

    def act() -> Done:
        call.registry.not_me(asked.token.get_secret_value())
        return Done()

    return call.once(asked, act, Done)
