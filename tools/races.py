"""Races between processes over one registry, many rounds of each: exactly one winner, and no error but those of losers.

    .venv/bin/python tools/races.py [--rounds 40] [--processes 8] [--registry URL] [--json FILE]

Without --registry the database is SQLite in a new folder; else the URL is that of a PostgreSQL server on which a
database may be made, which is dropped afterwards. Ends with 1 when a race did not end as it must. What the races are
stands in tests/registry_races.py; its table says which errors a loser may meet.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from registry_places import place_at  # type: ignore[import-not-found]
from registry_races import RACES, run  # type: ignore[import-not-found]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--registry", help="URL of a PostgreSQL server; else SQLite in a new folder")
    parser.add_argument("--only", choices=list(RACES), help="this race alone")
    parser.add_argument("--json", type=Path, help="writes the result to this file, too")
    chosen = parser.parse_args()
    database = "PostgreSQL" if chosen.registry else "SQLite"
    print(f"{chosen.rounds} rounds of {chosen.processes} processes on {database}")
    results: list[dict[str, Any]] = []
    for name in [chosen.only] if chosen.only else RACES:
        begin = time.perf_counter()
        with place_at(chosen.registry) as place:
            result = run(place, name, rounds=chosen.rounds, processes=chosen.processes)
        result["seconds"] = round(time.perf_counter() - begin, 1)
        results.append(result)
        print(line(result), flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps({"database": database, "races": results}, indent=2) + "\n", encoding="utf-8")
    sys.exit(any(result["faults"] for result in results))


def line(result: dict[str, Any]) -> str:
    errors = ", ".join(f"{count} {name}" for name, count in sorted(result["losers"].items())) or "none"
    said = f"{result['race']:34} {result['rounds']:3} rounds, {result['winners']:4} winners, losers: {errors}"
    faults = "".join(f"\n    FAULT {fault}" for fault in result["faults"])
    return f"{said}, {result['seconds']:.0f} s: {'as it must' if not faults else 'NOT AS IT MUST'}{faults}"


if __name__ == "__main__":
    main()
