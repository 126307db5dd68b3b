"""Every classical tabular system of the tutorials, reproduced and beaten through the kit's public functions.

GridWorld, CartPole in bins, the job offers, the model of three states, the chain of four, the shower, toy text, and all
learners side by side; a file each in `systems`, whose docstring says what the tutorial did and what is done here. A row
has what the tutorial reached, what is reached here over the seeds, and the exact answer. Returns are exact values of
the greedy policy wherever there is a model.

    python benchmarks/seeds_tabular.py                         # ten seeds each, three where all learners compete
    python benchmarks/seeds_tabular.py --only shower --seeds 3 --json shower.json

Exits with 1 where a bar is missed.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

from systems import cart_pole, chain, gridworld, learners, offers, shower, three_states, toy_text
from systems.row import HEADER, Row

SYSTEMS: dict[str, Callable[[int], Iterator[Row]]] = {
    "chain": chain.rows,
    "three-states": three_states.rows,
    "gridworld": gridworld.rows,
    "offers": offers.rows,
    "shower": shower.rows,
    "toy-text": toy_text.rows,
    "learners": learners.rows,
    "cart-pole": cart_pole.rows,
}


def measured(rows: Iterator[Row]) -> Iterator[tuple[Row, float]]:
    """Each row, and the seconds that it took: wall time, with the start of processes and the exact answers."""
    started = time.perf_counter()
    for row in rows:
        yield row, time.perf_counter() - started
        started = time.perf_counter()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", choices=SYSTEMS, action="append", metavar="NAME", help=f"of {', '.join(SYSTEMS)}")
    parser.add_argument("--seeds", type=int, default=10, metavar="N", help="for each learner (default %(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the rows as well")
    given = parser.parse_args()
    versions = (f"{name} {metadata.version(name)}" for name in ("envkit", "gymnasium", "numpy", "numba"))
    print(f"Python {sys.version.split()[0]}, {', '.join(versions)}\n\n{HEADER}", flush=True)
    started, records = time.perf_counter(), []
    for name in given.only or SYSTEMS:
        for row, seconds in measured(SYSTEMS[name](given.seeds)):
            print(row.text(seconds), flush=True)
            records.append({**vars(row), "name": name, "seconds": seconds})
    if given.json:
        given.json.write_text(json.dumps(records, indent=1) + "\n")
    missed = [record for record in records if not record["met"]]
    print(f"\n{len(records)} rows in {time.perf_counter() - started:.0f} s; bars missed: {len(missed)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
