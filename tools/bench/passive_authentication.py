"""How fast is Passive Authentication, beside OpenSSL's own verification of the same kinds of signatures?

    .venv/bin/python tools/bench/passive_authentication.py [--rounds N] [--seconds S]

Measured in one process and in turn, round by round, so that a machine whose speed drifts moves all figures alike:

- `openssl speed` for ecdsabrp384r1 (the signer of a citizen card) and ecdsap384 (its CSCA);
- cards, chains cached: one signer's documents, each with its signature and five data groups of 16 kB, as in bulk;
- one card, nothing cached: signature and chain from the bytes, certificates parsed and keys built anew.

Figures are ratios of one run; what is compared is the median of the rounds.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

from cccd_nfc.lds.files import EF_SOD
from cccd_nfc.pki import cms, extensions, names, security_object, validity
from cccd_nfc.pki.certificates import Certificate, known_certificate
from cccd_nfc.pki.passive_authentication import passive_authentication
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.report import Outcome
from cccd_nfc.simulator.card import CardData
from cccd_nfc.simulator.personalisation import personalise

TODAY = date(2026, 6, 1)
NOW = datetime(2026, 7, 1, tzinfo=UTC)
READ = ("EF.DG1", "EF.DG2", "EF.DG13", "EF.DG14", "EF.DG15", EF_SOD.name)


def openssl_rates(seconds: float) -> tuple[float, float]:
    """Verifications a second by `openssl speed`: on brainpoolP384r1, on P-384."""
    command = ["openssl", "speed", "-seconds", str(max(1, round(seconds))), "ecdsabrp384r1", "ecdsap384"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = {
        name: float(rate) for name, rate in re.findall(r"\((\w+)\)\s+\S+\s+\S+\s+\S+\s+(\S+)\s*$", said, re.MULTILINE)
    }
    return found["brainpoolP384r1"], found["nistp384"]


def rate(act: Callable[[], None], seconds: float) -> float:
    """How often `act` is done in a second."""
    begin, count = time.perf_counter(), 0
    while (spent := time.perf_counter() - begin) < seconds:
        for _ in range(20):
            act()
        count += 20
    return count / spent


def files_of(card: CardData) -> Mapping[str, bytes]:
    return {name: card.files[name] for name in READ}


def verified(files: Mapping[str, bytes], trust: TrustStore) -> None:
    """One verification, which must come out right: a wrong answer is fast too."""
    result = passive_authentication(files, {}, trust, NOW)
    if len(result.authentic) != len(READ) - 1 or result.checks[2].outcome is not Outcome.PASSED:
        sys.exit(f"the measured verification went wrong: {result.checks}")


def forget() -> None:
    """Empties everything that remembers certificates, names or answers; what an OID means stays known."""
    for cached in (
        known_certificate,
        cms._readable,
        cms._signer_identifier,
        extensions.mrz_codes,
        names.attributes_of,
        names._folded,
        security_object._right,
        validity._common_period,
        validity._until,
    ):
        cached.cache_clear()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each figure in each round")
    chosen = parser.parse_args()

    card = personalise("cccd-2021", seed=1, today=TODAY)
    files, anchor = files_of(card), card.trust["csca.cer"]
    kept = TrustStore((Certificate.parse(anchor),))

    def cached() -> None:
        verified(files, kept)

    def uncached() -> None:
        forget()
        verified(files, TrustStore((Certificate.parse(anchor),)))

    rows = []
    for number in range(chosen.rounds):
        brainpool, nist = openssl_rates(chosen.seconds)
        bulk, single = rate(cached, chosen.seconds), rate(uncached, chosen.seconds)
        bare = 1 / brainpool + 1 / nist
        rows.append((bulk / brainpool, 1 / single / bare))
        print(
            f"round {number + 1}: openssl {brainpool:.0f}/s brainpoolP384r1, {nist:.0f}/s P-384;"
            f" cached {bulk:.0f}/s ({rows[-1][0]:.2f} of openssl);"
            f" nothing cached {1e6 / single:.0f} us, the bare two {1e6 * bare:.0f} us ({rows[-1][1]:.2f})",
            flush=True,
        )
    bulk_ratio, single_ratio = (statistics.median(column) for column in zip(*rows, strict=True))
    print(
        f"median: chains cached {bulk_ratio:.2f} of openssl's rate; nothing cached {single_ratio:.2f} of the bare time"
    )


if __name__ == "__main__":
    main()
