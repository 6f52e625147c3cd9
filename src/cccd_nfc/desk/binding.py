"""Flow F4 as the desk walks through it: the phone's key, the card again, the code, the phone's word, the receipt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from cccd_nfc.desk.cards import CardView
from cccd_nfc.desk.reading import Reading
from cccd_nfc.desk.settings import DeskSettings
from cccd_nfc.errors import CccdError
from cccd_nfc.evidence import Evidence
from cccd_nfc.registry.activation import Pending
from cccd_nfc.registry.messages import CodeChannel
from cccd_nfc.registry.phone import DeviceKey, confirmation_payload
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import Purpose


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the officer has entered. same_person: whether to record that the person was compared with the portrait."""

    key_text: str = field(default="", repr=False)
    label: str = ""
    channel: CodeChannel = CodeChannel.SIM
    same_person: bool = False


@dataclass(slots=True, eq=False)
class Binding:
    """One new device on its way. trouble: what was refused last, said in place.

    word: what the phone has signed, kept so that a wrong code costs no second scan.  came: by the line, verified.
    """

    wishes: Wishes = Wishes()
    device: DeviceKey | None = None
    pending: Pending | None = field(default=None, repr=False)
    receipt: str = field(default="", repr=False)
    trouble: CccdError | None = None
    word: str = ""
    came: bool = False
    _shown: str = field(default="", repr=False)
    _shown_until: float = 0.0

    @property
    def step(self) -> str:
        if self.receipt:
            return "receipt"
        return "code" if self.pending else "phone"

    @property
    def done(self) -> str:
        """The word that says that it is done."""
        return "done_activate"

    def take_shown(self, clock: float) -> str:
        """The code for the desk's screen, this one time (S-09): for as long as one drawing may overtake another."""
        self._shown_until = self._shown_until or clock + SHOWN_SECONDS
        if clock >= self._shown_until:
            self._shown = ""
        return self._shown

    def to_scan(self, base_url: str = "") -> str:
        """What the phone scans: which transaction, which code. base_url: of a desk whose page a phone can open."""
        assert self.pending is not None
        asked = f"cccd-confirm:{self.pending.transaction_id}:{self.pending.reference}"
        return f"{base_url}/phone#{asked}" if base_url else asked

    def to_sign(self) -> str:
        """What the phone then signs, byte for byte."""
        assert self.pending is not None
        return confirmation_payload(self.pending.transaction_id, self.pending.reference).decode()

    def waits_for(self, pending: Pending) -> None:
        self.pending, self._shown, self._shown_until = pending, pending.shown, 0.0
        self.trouble, self.word, self.came = None, "", False


SHOWN_SECONDS = 3.0
Step: TypeAlias = Callable[[Binding], None]


def begin(registry: Registry, binding: Binding, card: CardView, settings: DeskSettings) -> Reading:
    """The reading in which the card signs for this phone; at its end the registry has sent a code, or refused.

    Raises UsageError for what is no key, RefusedError for a key that may not become a device.
    """
    wishes = binding.wishes
    binding.device = DeviceKey.parse(wishes.key_text)
    ticket = registry.begin(Purpose.ACTIVATE, binding.device, label=wishes.label)

    def then(evidence: Evidence) -> None:
        number = card.number or None
        pending = registry.submit_evidence(ticket.transaction_id, evidence, number=number, channel=wishes.channel)
        binding.waits_for(pending)
        if wishes.same_person:
            _compared(registry, binding, pending)

    return Reading(card.password, then, settings.now, challenge=ticket.challenge, photo=False)


def _compared(registry: Registry, binding: Binding, pending: Pending) -> None:
    """Records the officer's look; what the registry says against it stands beside the code, which is on its way."""
    try:
        registry.same_person(pending.transaction_id)
    except CccdError as error:
        binding.trouble = error


def resend(registry: Registry, binding: Binding) -> None:
    assert binding.pending is not None
    replaces = binding.pending.replaces
    sent = registry.resend_code(binding.pending.transaction_id, binding.wishes.channel)
    binding.waits_for(Pending(sent.transaction_id, sent.reference, sent.expires_at, replaces, sent.channel, sent.shown))


def confirm(registry: Registry, binding: Binding, code: str, confirmation: str) -> None:
    """The code and the phone's word make the device the account's own; CccdError with the registry's reason else."""
    assert binding.pending is not None
    binding.word = confirmation.strip()
    binding.receipt = registry.confirm(binding.pending.transaction_id, code, binding.word)
    binding.trouble = None
