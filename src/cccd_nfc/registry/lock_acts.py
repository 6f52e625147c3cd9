"""The registry's locks as its callers set and end them, and authorities' requests for them."""

from __future__ import annotations

from cccd_nfc.evidence import Evidence
from cccd_nfc.registry import lock_requests, locks, owner_locks, unlock_and_bind
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.lock_requests import Paper, RequestKind, RequestView
from cccd_nfc.registry.locks import LockView
from cccd_nfc.registry.office import Office


class LockActs:
    """What each raises stands at the function that it calls."""

    _office: Office

    def lock(self, number: str, ground: LockGround, actor: Role, reason: str = "") -> tuple[LockView, ...]:
        return locks.lock(self._office, number, ground, actor, reason)

    def clear_lock(self, number: str, ground: LockGround, actor: Role) -> tuple[LockView, ...]:
        return locks.clear(self._office, number, ground, actor)

    def locks(self, number: str) -> tuple[LockView, ...]:
        return locks.listed(self._office, number)

    def lock_expired_cards(self) -> int:
        return locks.lock_expired_cards(self._office)

    def lock_with_card(self, transaction_id: str, evidence: Evidence, reason: LockReason) -> str:
        return owner_locks.lock_with_card(self._office, transaction_id, evidence, reason)

    def unlock_with_card(self, transaction_id: str, evidence: Evidence) -> str:
        return owner_locks.unlock_with_card(self._office, transaction_id, evidence)

    def not_me(self, token: str) -> None:
        owner_locks.disown(self._office, token)

    def note_lost_card(self, number: str) -> None:
        unlock_and_bind.note_lost_card(self._office, number)

    def file_request(
        self, number: str, kind: RequestKind, ground: LockGround, paper: Paper, *, by: str = ""
    ) -> RequestView:
        return lock_requests.file(self._office, number, kind, ground, paper, by)

    def forward_request(self, request_id: str, *, by: str = "") -> RequestView:
        return lock_requests.forward(self._office, request_id, by)

    def approve_request(self, request_id: str, *, by: str = "", role: Role | None = None) -> RequestView:
        """by, role: where nobody has logged in; else they are the officer's."""
        return lock_requests.approve(self._office, request_id, by, role)

    def refuse_request(
        self, request_id: str, *, reason: str, by: str = "", role: Role | None = None
    ) -> RequestView:  # fmt: skip
        return lock_requests.refuse(self._office, request_id, by, role, reason)

    def waiting_requests(self) -> tuple[RequestView, ...]:
        return lock_requests.waiting(self._office)

    def overdue_requests(self) -> tuple[RequestView, ...]:
        return lock_requests.overdue(self._office)
