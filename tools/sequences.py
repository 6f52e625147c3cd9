"""Walks thousands of random sequences of acts on a registry beside its model; says which seed fails, and the events.

    .venv/bin/python tools/sequences.py [--count 10000] [--workers 2] [--first 0] [--length 30] [--registry URL]
                                        [--json FILE]

Without --registry each worker has an SQLite database in a new folder; else the URL is that of a PostgreSQL server on
which databases may be made, and each worker makes one of its own and drops it. Ends with 1 when a sequence failed.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from registry_places import place_at  # type: ignore[import-not-found]
from registry_walk import LENGTH, failure, walker  # type: ignore[import-not-found]

_PROGRESS_EVERY = 500


def walked(seeds: range, server: str | None, length: int) -> list[str]:
    """The reports of the sequences that fail; ten are enough."""
    reports: list[str] = []
    with place_at(server) as place, walker(place) as walking:
        for done, seed in enumerate(seeds, 1):
            if report := failure(walking, seed, length):
                reports.append(report)
                print(report, flush=True)
            if done % _PROGRESS_EVERY == 0:
                print(f"{done} of {len(seeds)} walked", file=sys.stderr, flush=True)
            if len(reports) >= 10:
                break
    return reports


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--first", type=int, default=0, help="seed of the first sequence")
    parser.add_argument("--length", type=int, default=LENGTH, help="events in a sequence")
    parser.add_argument("--registry", help="URL of a PostgreSQL server; else SQLite in new folders")
    parser.add_argument("--json", type=Path, help="writes the result to this file, too")
    chosen = parser.parse_args()
    seeds = range(chosen.first, chosen.first + chosen.count)
    shares = [seeds[number :: chosen.workers] for number in range(chosen.workers)]
    begin = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(chosen.workers) as pool:
        found = pool.map(partial(walked, server=chosen.registry, length=chosen.length), shares)
    took, reports = time.perf_counter() - begin, [report for each in found for report in each]
    database = "PostgreSQL" if chosen.registry else "SQLite"
    print(f"{chosen.count} sequences of {chosen.length} events on {database}: {len(reports)} failed, {took:.0f} s")
    if chosen.json:
        result = {"database": database, "sequences": chosen.count, "events": chosen.length, "failed": reports}
        chosen.json.write_text(json.dumps({**result, "seconds": round(took, 1)}, indent=2) + "\n", encoding="utf-8")
    sys.exit(bool(reports))


if __name__ == "__main__":
    main()
