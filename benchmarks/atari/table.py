"""The table of the Atari records: what others have reached, and what has been measured here.

python benchmarks/atari/table.py                      # of the records in benchmarks/atari/records
python benchmarks/atari/table.py --folder /tmp/rehearsal
"""

import argparse
import json
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
HEADER = (
    "| game | who | steps | score: mean (95 % interval) | least / median / most | time | source |",
    "|" + "---|" * 7,
)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Prints the table of the Atari records.")
    parser.add_argument("--folder", type=Path, default=HERE / "records")
    asked = parser.parse_args(argv)
    jobs = tomllib.loads((HERE / "jobs.toml").read_text())
    others = tomllib.loads((HERE / "references.toml").read_text())
    records = [json.loads(file.read_text()) for file in sorted(asked.folder.glob("*.json")) if file.stem in jobs]
    print("\n".join(HEADER))
    for row, references in others.items():
        for one in references:
            print(told(row, one))
        for record in records:
            if record["row"] == row:
                print("\n".join(measured(record)))
    missing = sorted(set(jobs) - {record["job"] for record in records})
    if missing:
        print(f"\nNot recorded yet, each `python benchmarks/atari/run.py JOB` away: {', '.join(missing)}.")
    return 0


def told(row: str, one: Mapping[str, Any]) -> str:
    score = f"{one['score']:g}" if "score" in one else ""
    score += f" ± {one['spread']:g}" if "spread" in one else ""
    return f"| {row} | {one['who']} | | {score} | | | {one['source']} |"


def measured(record: Mapping[str, Any]) -> Iterator[str]:
    rules = "sticky actions" if record["game"].startswith("ALE/") else "no sticky actions"
    time = f"{record['seconds'] / 60:.0f} min, {record['steps_a_second']:,.0f} steps/s, {'; '.join(record['hardware'])}"
    for name in ("greedy", "drawn"):
        one = record[name]
        if one is None:
            continue
        score = f"**{one['mean']:.1f}** ({one['low']:.1f} to {one['high']:.1f})"
        spread = f"{one['min']:g} / {one['median']:g} / {one['max']:g}"
        who = f"**envkit: {record['algo']}**, {name}, {one['games']} games of {record['game']}, {rules}"
        how = f"`{record['command']}`, {record['date']}"
        yield f"| {record['row']} | {who} | {record['steps']:,} | {score} | {spread} | {time} | {how} |"


if __name__ == "__main__":
    sys.exit(main())
