"""The registry's log and signatures as its callers ask for them: heads, proofs, keys."""

from __future__ import annotations

from typing import Any

from cccd_nfc.errors import SignatureError
from cccd_nfc.registry import audit, key_ring, log_heads, signed
from cccd_nfc.registry.areas import Areas
from cccd_nfc.registry.key_ring import KeyKind, PublicKey
from cccd_nfc.registry.receipts import verify_receipt


class LogActs(Areas):
    """To be kept elsewhere and checked by anybody."""

    def check(self, known: audit.Head | None = None) -> audit.Head:
        """The audit log's head, when the chain holds and goes on from every published head; RegistryError otherwise."""
        return self.heads.check(known=[known] if known else [])

    def publish_head(self) -> str:
        """The log's head as it is now, signed and carried away; for a timer. Raises as `Heads.publish`."""
        return self.heads.publish()

    def log_head(self) -> str:
        """The audit log's head as it is now, signed: to be kept elsewhere."""
        with self._office.database.write() as session:
            return self._signed(audit.head(session))

    def prove_entry(self, number: int) -> str:
        """The proof, JSON, that the entry of this number is in the log; NotFoundError when there is none."""
        with self._office.database.write() as session:
            entry = audit.prove_inclusion(session, number)
            return log_heads.inclusion_proof(entry, number, self._signed(entry.head))

    def prove_growth(self, earlier: str) -> str:
        """The proof, JSON, that the log goes on from the signed head `earlier`; SignatureError when that is not ours,
        UsageError when the log is shorter by now.
        """
        with self._office.database.write() as session:
            head, path = audit.prove_consistency(session, self.known_head(earlier))
            return log_heads.consistency_proof(earlier, path, self._signed(head))

    def known_head(self, token: str) -> audit.Head:
        """The head that this registry has signed, with this key or an earlier one; SignatureError when it has not."""
        return self.heads.known(token)

    def known_receipt(self, token: str) -> dict[str, Any]:
        """What a receipt says that this registry has signed, with this key or an earlier one; SignatureError when it
        has not.
        """
        for each in self.public_keys(KeyKind.RECEIPT):
            try:
                return verify_receipt(token, each.public_key)
            except SignatureError:
                continue
        raise SignatureError("it was not signed by this registry")

    def public_keys(self, kind: KeyKind) -> tuple[PublicKey, ...]:
        return key_ring.public_keys(self._office, kind)

    def _signed(self, head: audit.Head) -> str:
        return log_heads.sign_head(self._office.keys.head, head, self._office.clock())

    def head_key(self) -> str:
        """The public key that the audit log's heads are checked with."""
        return signed.public_key_text(self._office.keys.head)

    def receipt_key(self) -> str:
        """The public key that this registry's receipts are checked with."""
        return signed.public_key_text(self._office.keys.receipt)
