"""Flow F2 as the borrowed phone calls it: it redeems what it has scanned, reads the card, and shows the code.

The owner's phone calls `phone_routes`: it begins, hands over, and confirms.
"""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Path

from cccd_nfc.api.answers import Begun, CodeShown, Redeem, SubmitBorrowed
from cccd_nfc.api.callers import PhoneCall, phone_call
from cccd_nfc.api.housekeeping import deliver
from cccd_nfc.evidence import Evidence
from cccd_nfc.registry.borrowed import BorrowedPending

routes = APIRouter(prefix="/v1/borrowed", tags=["borrowed phone"])

Caller = Annotated[PhoneCall, Depends(phone_call)]
TransactionId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


@routes.post("", status_code=201)
def redeem(asked: Redeem, call: Caller) -> Begun:
    """The challenge for the card, drawn from the owner's key: what is read serves the owner's phone alone (S-27)."""

    def act() -> Begun:
        text, more = asked.text.get_secret_value(), {"label": asked.label, "platform": asked.platform}
        ticket = call.registry.borrowed.redeem(text, call.key, asked.statement, **more)
        challenge = ticket.challenge.hex()
        return Begun(transaction_id=ticket.transaction_id, challenge=challenge, expires_at=ticket.expires_at)

    return call.once(asked, act, Begun)


@routes.post("/{transaction_id}/evidence")
def submit(transaction_id: TransactionId, asked: SubmitBorrowed, call: Caller, after: BackgroundTasks) -> CodeShown:
    """Hands in what was read; the code is shown here and typed on the owner's phone, and the owner's number is told."""
    evidence = Evidence.from_bytes(json.dumps(asked.evidence).encode())
    number = asked.number.get_secret_value() if asked.number else None
    after.add_task(deliver, call.registry)

    def act() -> CodeShown:
        call.registry.borrowed.refuse_another_reader(transaction_id, call.key)
        return _shown(call.registry.borrowed.submit(transaction_id, evidence, asked.statement, number=number))

    return call.once(asked, act, CodeShown)


def _shown(found: BorrowedPending) -> CodeShown:
    pending = found.pending
    return CodeShown(
        transaction_id=pending.transaction_id,
        reference=pending.reference,
        expires_at=pending.expires_at,
        replaces=pending.replaces[-4:],
        code=found.code,
    )
