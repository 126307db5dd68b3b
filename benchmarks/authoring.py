"""All that authoring promises, one after another: frames, batches, the adapter for learners, the search for faults.

    python benchmarks/authoring.py     # some four minutes; the adapter's part needs the extra deep

Each part is a script of its own in this folder. Ends with exit code 1 where a bar of any of them is missed.
"""

import importlib
import sys
from importlib.util import find_spec

PARTS = ("frames", "batches", "vec_env", "strategies")
NEEDS = {"vec_env": "stable_baselines3"}


def main() -> int:
    codes = []
    for part in PARTS:
        print(f"\n{part}.py", flush=True)
        if part in NEEDS and find_spec(NEEDS[part]) is None:
            print(f"left out: {NEEDS[part]} is not installed")
            continue
        codes.append(importlib.import_module(part).main())
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
