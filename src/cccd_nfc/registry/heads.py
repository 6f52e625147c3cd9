"""Acts upon the heads of the audit log: publishing, carrying away, and comparing with what others keep (S-34)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cccd_nfc.errors import NotFoundError, RegistryError
from cccd_nfc.registry import audit, key_ring, log_heads, published_heads
from cccd_nfc.registry.audit import Head
from cccd_nfc.registry.key_ring import KeyKind
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.published_heads import Compared
from cccd_nfc.sentences import Said


@dataclass(frozen=True, slots=True)
class Heads:
    office: Office

    def publish(self) -> str:
        """The log's head, signed and carried away, whether one is due or not; for a timer, and for printing.

        Raises NotFoundError for a log without entries, and what the keeper raises: the head then waits for next time.
        """
        with self.office.database.write() as session:
            head = published_heads.publish(session, self.office.keys.head, self.office.clock())
            if head is None:
                raise NotFoundError("the audit log has no entries yet")
            token = head.token
        self.carry()
        return token

    def carry(self) -> int:
        """Gives the keeper the heads that it has not got; how many, 0 where there is no keeper."""
        if self.office.keeper is None:
            return 0
        with self.office.database.write() as session:
            return published_heads.carry(session, self.office.keeper, self.office.clock())

    def published(self) -> tuple[str, ...]:
        """Every head that was signed and is still in the database, that of the shortest log first."""
        with self.office.database.write() as session:
            return tuple(head.token for head in published_heads.published(session))

    def check(self, elsewhere: Iterable[str] = (), known: Iterable[Head] = ()) -> Head:
        """The log's head, when the whole log holds and goes on from every published head, here and `elsewhere`.

        elsewhere: signed heads as a keeper has them.  known: heads out of receipts. Raises RegistryError when the log
        was cut, changed or put back, SignatureError for a head that this registry has not signed.
        """
        keys = self._keys()
        wanted = [*known, *(log_heads.verify_head_by_any(token, keys) for token in elsewhere)]
        with self.office.database.write() as session:
            for row in published_heads.published(session):
                head = log_heads.verify_head_by_any(row.token, keys)
                if (row.size, row.root) != (head.size, head.root):
                    raise RegistryError(Said("the published head of {size} entries was changed", size=row.size))
                wanted.append(head)
            return audit.verify(session, wanted)

    def compare(self, tokens: Iterable[str]) -> tuple[Compared, ...]:
        """What heads that another desk or copy has are to this log; SignatureError for one that is not ours."""
        keys = self._keys()
        heads = [log_heads.verify_head_by_any(token, keys) for token in tokens]
        with self.office.database.write() as session:
            return published_heads.compared(session, heads)

    def known(self, token: str) -> Head:
        """The head that this registry has signed, with this key or an earlier one; SignatureError when it has not."""
        return log_heads.verify_head_by_any(token, self._keys())

    def _keys(self) -> list[str]:
        return [each.public_key for each in key_ring.public_keys(self.office, KeyKind.HEAD)]
