"""The table of a script: its rows as they are measured, and at the end how many bars were missed."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path

from systems.row import HEADER, Row

System = Callable[[int], Iterator[Row]]


def measured(rows: Iterator[Row]) -> Iterator[tuple[Row, float]]:
    """Each row, and the seconds that it took: wall time, with the start of processes and the exact answers."""
    started = time.perf_counter()
    for row in rows:
        yield row, time.perf_counter() - started
        started = time.perf_counter()


def main(doc: str | None, systems: Mapping[str, System], packages: Sequence[str], *, seeds: int) -> int:
    """The command line of a script.

    Args:
      doc: its docstring.
      systems: by name, from the number of seeds to the rows.
      packages: whose versions are told.
      seeds: where nobody says how many.

    Returns:
      1 where a bar was missed, else 0.
    """
    parser = argparse.ArgumentParser(description=(doc or "").partition("\n")[0])
    parser.add_argument("--only", choices=systems, action="append", metavar="NAME", help=f"of {', '.join(systems)}")
    parser.add_argument("--seeds", type=int, default=seeds, metavar="N", help="for each learner (default %(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the rows as well")
    given = parser.parse_args()
    versions = (f"{name} {metadata.version(name)}" for name in ("envkit", "gymnasium", "numpy", *packages))
    print(f"Python {sys.version.split()[0]}, {', '.join(versions)}\n\n{HEADER}", flush=True)
    started, records = time.perf_counter(), []
    for name in given.only or systems:
        for row, seconds in measured(systems[name](given.seeds)):
            print(row.text(seconds), flush=True)
            records.append({**vars(row), "name": name, "seconds": seconds})
            if given.json:  # row by row, for a long table may be ended before it is complete
                given.json.write_text(json.dumps(records, indent=1) + "\n")
    missed = [record for record in records if not record["met"]]
    print(f"\n{len(records)} rows in {time.perf_counter() - started:.0f} s; bars missed: {len(missed)}")
    return 1 if missed else 0
