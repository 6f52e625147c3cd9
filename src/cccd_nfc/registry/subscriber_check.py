"""Whether a mobile number is in its owner's own name, as the operator says (L-07): a way to plug the question in.

No operator's service is bundled: who has an agreement with one writes a `SubscriberCheck`. Where none is configured,
nothing is asked, and the audit says nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from cccd_nfc.errors import RefusedError
from cccd_nfc.evidence import Evidence
from cccd_nfc.registry import accounts, card_proof
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.states import Purpose


class OwnName(StrEnum):
    """UNKNOWN: the operator does not know, or does not answer; the number is taken, and the audit says so."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Whom the operator is asked about. number: the personal number.  phone: E.164."""

    number: str = field(repr=False)
    phone: str = field(repr=False)


class SubscriberCheck(Protocol):
    """Asks the operator; what goes wrong is UNKNOWN, or a RegistryError, which leaves all as it was."""

    def is_own_number(self, subscriber: Subscriber) -> OwnName: ...


def ask(office: Office, subscriber: Subscriber) -> dict[str, str]:
    """What the audit says of the answer; nothing where nobody is asked. Outside of any transaction: it may take long.

    RefusedError for a number in another's name.
    """
    if office.subscribers is None:
        return {}
    answer = office.subscribers.is_own_number(subscriber)
    if answer is OwnName.NO:
        with office.database.write() as session:
            office.record_alone(session, "number-refused", office.clock(), row="L-07")
        raise RefusedError("the operator says that this number is not in the owner's own name")
    return {"own_number": answer.value}


def ask_for_card(
    office: Office, transaction_id: str, purpose: Purpose, evidence: Evidence, phone: str, number: str = ""
) -> dict[str, str]:
    """The same for whoever shows the card now: nobody is asked about for evidence that is not for this transaction.

    number: the owner's, where the card does not say it.
    """
    if office.subscribers is None:
        return {}
    identity = card_proof.shown_now(office, transaction_id, purpose, evidence)
    if not number and card_proof.is_citizen(identity):
        number = identity.personal_number
    elif not number:
        with office.database.write() as session:
            number = accounts.of_identity(office, session, identity).number
    return ask(office, Subscriber(number, phone))
