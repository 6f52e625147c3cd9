"""Flow F1 as a phone calls it: begin, hand in the card's evidence, type the code. Its device signs every call."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Path

from cccd_nfc.api.answers import Begin, Begun, By, CodeSent, Confirm, HandedOver, HandOver, Receipt, Resend, Submit
from cccd_nfc.api.callers import PhoneCall, phone_call
from cccd_nfc.api.housekeeping import deliver
from cccd_nfc.evidence import Evidence
from cccd_nfc.registry.activation import Pending
from cccd_nfc.registry.attestations import Attestation
from cccd_nfc.registry.messages import CodeChannel
from cccd_nfc.registry.states import Purpose

routes = APIRouter(prefix="/v1/transactions", tags=["activation"])

Caller = Annotated[PhoneCall, Depends(phone_call)]
TransactionId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


@routes.post("", status_code=201)
def begin(asked: Begin, call: Caller) -> Begun:
    """Opens an activation for the device that signed this call. The card is then read with the challenge."""

    given = asked.attestation
    attested = Attestation(given.format, given.content) if given else None

    def act() -> Begun:
        ticket = call.registry.begin(Purpose.ACTIVATE, call.key, label=asked.label, attestation=attested)
        challenge = ticket.challenge.hex()
        return Begun(transaction_id=ticket.transaction_id, challenge=challenge, expires_at=ticket.expires_at)

    return call.once(asked, act, Begun)


@routes.post("/{transaction_id}/evidence")
def submit(transaction_id: TransactionId, asked: Submit, call: Caller, after: BackgroundTasks) -> CodeSent:
    """Hands in what was read from the card; the registry verifies it, and a code goes to the registered number."""
    call.refuse_another_devices(transaction_id)
    evidence = Evidence.from_bytes(json.dumps(asked.evidence).encode())
    number = asked.number.get_secret_value() if asked.number else None
    after.add_task(deliver, call.registry)

    def act() -> CodeSent:
        by = _channel(asked.by)
        return _code_sent(call.registry.submit_evidence(transaction_id, evidence, number=number, channel=by))

    return call.once(asked, act, CodeSent)


@routes.post("/{transaction_id}/code")
def resend(transaction_id: TransactionId, asked: Resend, call: Caller, after: BackgroundTasks) -> CodeSent:
    """Another code; the one before is dead from now on."""
    call.refuse_another_devices(transaction_id)
    after.add_task(deliver, call.registry)
    by = _channel(asked.by)
    return call.once(asked, lambda: _code_sent(call.registry.resend_code(transaction_id, by)), CodeSent)


@routes.post("/{transaction_id}/hand-over")
def hand_over(transaction_id: TransactionId, asked: HandOver, call: Caller) -> HandedOver:
    """A code for a borrowed phone that reads the card for this one (F2); an older one is dead from now on."""
    call.refuse_another_devices(transaction_id)

    def act() -> HandedOver:
        code = call.registry.borrowed.hand_over(transaction_id, asked.statement)
        return HandedOver(text=code.text, expires_at=code.expires_at)

    return call.once(asked, act, HandedOver)


@routes.post("/{transaction_id}/confirmation")
def confirm(transaction_id: TransactionId, asked: Confirm, call: Caller, after: BackgroundTasks) -> Receipt:
    """The code and the device's signature: the device is the account's one device from now on."""
    call.refuse_another_devices(transaction_id)
    after.add_task(deliver, call.registry)
    code = asked.code.get_secret_value()
    chosen = asked.secrets.chosen() if asked.secrets else None
    return call.once(
        asked,
        lambda: Receipt(receipt=call.registry.confirm(transaction_id, code, asked.confirmation, secrets=chosen)),
        Receipt,
    )


def _channel(by: By | None) -> CodeChannel | None:
    return CodeChannel(by) if by else None


def _code_sent(pending: Pending) -> CodeSent:
    return CodeSent(
        transaction_id=pending.transaction_id,
        reference=pending.reference,
        expires_at=pending.expires_at,
        replaces=pending.replaces[-4:],
    )
