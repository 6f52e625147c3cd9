"""What the registry gives in writing: letters that answer requests, signed, and the forms that requests came on."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from cccd_nfc.errors import NotFoundError
from cccd_nfc.registry.models import Account, LockRequest
from cccd_nfc.registry.office import Office, masked
from cccd_nfc.registry.papers.letter import letter_of, sign_letter
from cccd_nfc.registry.permissions import Act
from cccd_nfc.registry.request_forms import Form, opened_form


@dataclass(frozen=True, slots=True)
class SignedLetter:
    """signature: a compact JWS that is kept beside the PDF.  digest: what the audit entry of the decision says."""

    pdf: bytes = field(repr=False)
    signature: str
    digest: str


@dataclass(frozen=True, slots=True)
class Documents:
    """Nothing here is stored: a letter is made from its request whenever it is wanted, and is the same every time."""

    office: Office

    def letter(self, request_id: str) -> SignedLetter:
        """The answer to a request, signed by the key of receipts (R-088, R-089, L-17).

        Raises NotFoundError for no such request, RefusedError before it is decided.
        """
        from cccd_nfc.registry.papers.letter_paper import letter_pdf

        with self.office.database.write() as session:
            self.office.may(session, Act.SEE_REQUESTS, self.office.clock())
            request = _request(session, request_id)
            letter = letter_of(request, masked(session.get_one(Account, request.account_id).number))
        pdf = letter_pdf(letter)
        return SignedLetter(pdf, sign_letter(self.office.keys.receipt, letter, pdf), letter.digest)

    def form(self, request_id: str) -> Form | None:
        """The form TK03 that the request came on, None where it came without (L-15); NotFoundError."""
        with self.office.database.write() as session:
            self.office.may(session, Act.SEE_REQUESTS, self.office.clock())
            request = _request(session, request_id)
            sealed, name = request.form, request.id
        return opened_form(self.office.keys.evidence, sealed, name) if sealed is not None else None


def _request(session: Session, request_id: str) -> LockRequest:
    found = session.get(LockRequest, request_id)
    if found is None:
        raise NotFoundError("there is no such request")
    return found
