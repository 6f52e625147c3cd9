"""Does the time of a refused login tell a stranger whether an account exists, or its state (S-13)?

    .venv/bin/python tools/bench/enumeration.py [--calls N] [--real]

Six kinds of login that are refused, N calls of each, in turn and in shuffled order, so that a slow minute of the
machine meets all alike; with small hash parameters, under which a difference shows best, or by --real with those of
use. Each kind is compared with the unknown account by the rank-sum test of Mann and Whitney: `auc` is the chance that
a call of it takes longer than one for an unknown account (0.5: no telling), `p` the chance of such a result where
there is no difference.
"""

from __future__ import annotations

import argparse
import math
import random
import secrets
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from cccd_nfc.errors import RefusedError
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.registry import account_secrets
from cccd_nfc.registry.account_secrets import NewSecrets
from cccd_nfc.registry.clock import stamp, utc_now
from cccd_nfc.registry.models import Account, AccountSecrets
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.secret_policy import HashParameters, SecretPolicy
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import AccountState

PASSWORD, WRONG = "Trang-sang 47", "Sai/mat-khau 9"
UNKNOWN = "unknown"
KINDS = {
    UNKNOWN: ("001099000000", PASSWORD),
    "wrong password": ("001099000001", WRONG),
    "locked": ("001099000002", PASSWORD),
    "closed": ("001099000003", PASSWORD),
    "not activated": ("001099000004", PASSWORD),
    "on hold": ("001099000005", PASSWORD),
}
_STATES = {"locked": AccountState.LOCKED, "closed": AccountState.CLOSED, "not activated": AccountState.ISSUED}


def prepare(office: Office) -> None:
    """One account of each kind but the unknown one."""
    now = utc_now()
    for kind, (number, _) in KINDS.items():
        if kind == UNKNOWN:
            continue
        account = _account(number, _STATES.get(kind, AccountState.ACTIVE))
        hashed = account_secrets.hashed(office, account.id, NewSecrets(PASSWORD, "593817"))
        with office.database.write() as session:
            session.add(account)
            session.flush()
            if kind != "not activated":
                account_secrets.keep(session, account, hashed, now)


def _account(number: str, state: AccountState) -> Account:
    return Account(
        id=secrets.token_hex(16), number=number, full_name="NGUYEN VAN MAU", birth_date="1990-02-01",
        phone="+84912345678", level=1, state=state, version=0, issued_at=stamp(utc_now()), failed_codes=0, hold_until=0,
        card_expires="",
    )  # fmt: skip


def set_counts(office: Office) -> None:
    """Nobody is on hold by the calls before, but the one who is meant to be."""
    far = stamp(utc_now()) + 10**12
    with office.database.write() as session:
        for account in session.query(Account):
            found = session.get(AccountSecrets, account.id)
            if found is not None:
                held = account.number == KINDS["on hold"][0]
                found.failed_logins, found.hold_until = (10, far) if held else (0, 0)


def measure(registry: Registry, office: Office, calls: int) -> dict[str, list[float]]:
    """Seconds of each call, by kind."""
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for _ in range(calls):
        set_counts(office)
        for kind in random.sample(sorted(KINDS), len(KINDS)):
            begun = time.perf_counter()
            try:
                registry.logins.log_in(*KINDS[kind])
            except RefusedError:
                times[kind].append(time.perf_counter() - begun)
    return times


def mann_whitney(first: Sequence[float], second: Sequence[float]) -> tuple[float, float]:
    """(chance that one of `first` is greater than one of `second`, two-sided p), by the normal approximation with ties
    corrected.
    """
    ranked = sorted([(value, 0) for value in first] + [(value, 1) for value in second])
    ties = Counter(value for value, _ in ranked)
    below, rank_sum = 0, 0.0
    ranks = {}
    for value in sorted(ties):
        ranks[value] = below + (ties[value] + 1) / 2
        below += ties[value]
    rank_sum = sum(ranks[value] for value in first)
    n, m = len(first), len(second)
    u = rank_sum - n * (n + 1) / 2
    total = n + m
    spread = math.sqrt(n * m / 12 * (total + 1 - sum(t**3 - t for t in ties.values()) / (total * (total - 1))))
    return u / (n * m), math.erfc(abs(u - n * m / 2) / spread / math.sqrt(2))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=1000, help="of each kind (1000)")
    parser.add_argument("--real", action="store_true", help="hash as in use, 64 MiB each")
    asked = parser.parse_args()
    policy = SecretPolicy() if asked.real else SecretPolicy(HashParameters(memory=64, passes=1, lanes=1))
    with tempfile.TemporaryDirectory() as folder:
        registry = Registry.open(f"sqlite:///{folder}/registry.db", Path(folder), TrustStore.empty(), secrets=policy)
        office = registry._office
        prepare(office)
        times = measure(registry, office, asked.calls)
        registry.close()
    print(f"{'':<16} {'median ms':>9} {'auc':>6} {'p':>8}")
    for kind, found in times.items():
        auc, p = mann_whitney(found, times[UNKNOWN])
        print(f"{kind:<16} {statistics.median(found) * 1000:>9.3f} {auc:>6.3f} {p:>8.4f}")


if __name__ == "__main__":
    main()
