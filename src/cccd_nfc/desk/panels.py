"""Which panel a visit has before it, and what goes into it."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from cccd_nfc.desk.binding import Binding
from cccd_nfc.desk.pages import go, render
from cccd_nfc.desk.seats import Seat
from cccd_nfc.errors import CccdError
from cccd_nfc.registry.papers.qr import qr_texts
from cccd_nfc.registry.papers.receipt_paper import receipt_rows

SHORT = 4
"""Last characters of a thumbprint, by which messages name a device."""


def panel(seat: Seat, error: CccdError | None = None, status: int = 200) -> Response:
    """The panel of the step that the visit is at. error: said in place.

    After an act without HTMX the page is asked for anew, so that its address is the first page's.
    """
    if seat.acts and not seat.wants_part and error is None:
        return go(seat, "/")
    step = seat.visit.step
    values = {"code": _of_code, "receipt": _of_receipt}.get(step, lambda _: {})(seat)
    return render(seat, f"{step}.html", status, live=True, error=error, **values)


def _of_code(seat: Seat) -> dict[str, Any]:
    binding = seat.visit.binding
    assert isinstance(binding, Binding) and binding.pending is not None
    return {
        "pending": binding.pending,
        "shown": binding.take_shown(seat.desk.settings.clock()),
        "short": binding.pending.replaces[-SHORT:],
    }


def _of_receipt(seat: Seat) -> dict[str, Any]:
    binding = seat.visit.binding
    assert binding is not None
    column = 0 if seat.lang == "vi" else 1
    facts = seat.desk.registry.known_receipt(binding.receipt)
    rows = [(label[column], value[column]) for label, value in receipt_rows(facts)]
    return {"rows": rows, "codes": qr_texts(binding.receipt)}
