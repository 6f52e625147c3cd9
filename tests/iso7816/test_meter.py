"""The meter counts each exchange in the phase that it belongs to."""

from __future__ import annotations

from cccd_nfc.evidence import PhaseCount
from cccd_nfc.iso7816.apdu import CommandAPDU
from cccd_nfc.iso7816.flow import Phase, Progress
from cccd_nfc.iso7816.meter import Meter

READ = CommandAPDU(0x00, 0xB0, 0x9C, 0x00, ne=256)


def test_nothing_exchanged_is_no_phase() -> None:
    meter = Meter()
    meter.noticed(Phase("PACE"))
    assert meter.phases() == ()


def test_exchanges_are_summed_by_phase_in_the_order_in_which_phases_came() -> None:
    meter = Meter()
    meter.exchanged(READ, 5, 58, 0.010)
    meter.noticed(Phase("PACE"))
    meter.exchanged(READ, 20, 30, 0.001)
    meter.exchanged(READ, 21, 31, 0.0015)
    assert meter.phases() == (PhaseCount("start", 1, 5, 58, 10.0), PhaseCount("PACE", 2, 41, 61, 2.5))


def test_a_phase_that_comes_back_goes_on_counting_and_progress_is_no_phase() -> None:
    meter = Meter()
    for name in ("files", "PACE", "files"):
        meter.noticed(Phase(name))
        meter.noticed(Progress("EF.DG2", 1, 2))
        meter.exchanged(READ, 1, 2, 0.0)
    assert [(phase.name, phase.exchanges) for phase in meter.phases()] == [("files", 2), ("PACE", 1)]
