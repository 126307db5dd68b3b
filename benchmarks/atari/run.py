"""One Atari record, in pieces: measure, train, evaluate, write down.

Called again and again until it says that the record is complete: each call works for so many minutes, and what it
leaves in the folder is enough to go on, on another machine too. A piece that is killed is done once more from its last
checkpoint, which is a minute old at most. In the folder, JOB.tar.000 and so on hold the run, each of them small enough
to be sent by mail; JOB.json, JOB.csv and JOB.svg are the record. Needs the extras deep, atari and plots.

    python benchmarks/atari/run.py breakout --minutes 8 --folder records
    python benchmarks/atari/run.py breakout --steps 4096 --minutes 0.5 --games 2 --folder /tmp/rehearsal

The jobs are those of jobs.toml. Exit code 0 where the record is complete, 75 where another call is needed.
"""

import argparse
import csv
import io
import json
import os
import platform
import shlex
import shutil
import sys
import tarfile
import time
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

import envkit
from envkit.cli.options import settings_of
from envkit.core.errors import Interrupted
from envkit.core.statistics import interval
from envkit.workflows.evaluating import evaluate
from envkit.workflows.solve import resume, solve

HERE = Path(__file__).resolve().parent
PART = 15 * 2**20  # bytes
AGAIN = 75  # the exit code of a piece that is not the last: EX_TEMPFAIL
CAP = 27_000  # steps: 30 minutes of play
POINTS = 200  # of the curve
PACKAGES = ("envkit", "gymnasium", "numpy", "stable-baselines3", "sb3-contrib", "torch", "ale-py")
TOLD = ("row", "game", "algo", "wrap", "views")  # of a job, beside what `solve` takes under the same name


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Makes an Atari record in pieces.")
    parser.add_argument("job", choices=jobs())
    parser.add_argument("--minutes", type=float, default=8.0, help="of training in this call (default %(default)s)")
    parser.add_argument("--steps", type=int, help="instead of the job's own, for a rehearsal")
    parser.add_argument("--games", type=int, default=100, help="of each evaluation (default %(default)s)")
    parser.add_argument("--cap", type=int, default=CAP, help="steps of a game that is evaluated (default %(default)s)")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--folder", type=Path, default=HERE / "records")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="instead of the job's own")
    asked = parser.parse_args(argv)
    asked.folder.mkdir(parents=True, exist_ok=True)
    run = asked.folder / asked.job
    if run.with_suffix(".json").is_file():
        print(f"{asked.job}: the record is complete: {run.with_suffix('.json')}")
        return 0
    unpack(run)
    pieces = run.with_suffix(".pieces.json")
    done = json.loads(pieces.read_text()) if pieces.is_file() else []
    begun, before = time.monotonic(), steps_of(run)
    complete = train(asked, run)
    if steps_of(run) > before or complete:
        done.append({"steps": steps_of(run), "seconds": round(time.monotonic() - begun, 1), "device": hardware()})
    pieces.write_text(json.dumps(done, indent=1) + "\n")
    if complete:
        record(asked, run, done)
        clear(run)
        return 0
    pack(run)
    print(f"{asked.job}: {steps_of(run):,} steps; call it again", flush=True)
    return AGAIN


def jobs() -> dict[str, dict[str, Any]]:
    return tomllib.loads((HERE / "jobs.toml").read_text())


def train(asked: argparse.Namespace, run: Path) -> bool:
    """A piece of the training; whether it is over."""
    if (run / "result.json").is_file():
        return True
    sys.path.insert(0, str(HERE))  # where the wrapper of the course's own game lies
    os.environ["PYTHONPATH"] = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
    try:
        if (run / "config.json").is_file():
            resume(run, minutes=asked.minutes)
        else:
            shutil.rmtree(run, ignore_errors=True)  # nothing was kept yet
            solve(*target(asked), run_dir=run, minutes=asked.minutes, **settings(asked))
    except Interrupted as interrupted:
        print(interrupted, flush=True)
        if interrupted.exit_code:
            raise
        return False
    return True


def target(asked: argparse.Namespace) -> tuple[str, str]:
    """(environment, algorithm)"""
    job = jobs()[asked.job]
    wraps = job.get("wrap")
    return job["game"] + (f" with {shlex.join(wraps)}" if wraps else ""), job["algo"]


def settings(asked: argparse.Namespace) -> dict[str, Any]:
    job = jobs()[asked.job]
    given = {name: value for name, value in job.items() if name not in TOLD}
    given |= {"views": tuple(job["views"])} if "views" in job else {}
    given |= {"steps": asked.steps} if asked.steps else {}
    given |= settings_of(tuple(asked.set))
    return {"eval_every": 0, "eval_episodes": 1, "checkpoint_every": "1min", "device": asked.device} | given


def steps_of(run: Path) -> int:
    """Taken so far, as the newest of its files say."""
    for name in ("episodes.csv", "events.jsonl"):
        file = run / name
        if name == "episodes.csv" and file.is_file():
            return last_step(list(csv.DictReader(io.StringIO(file.read_text()))))
        if file.is_file():
            rows = (json.loads(line) for line in file.read_text().splitlines() if line.endswith("}"))
            return max((int(row.get("steps", 0)) for row in rows), default=0)
    return 0


def last_step(rows: Sequence[Mapping[str, str]]) -> int:
    return int(rows[-1]["steps"]) if rows else 0


def record(asked: argparse.Namespace, run: Path, pieces: Sequence[Mapping[str, Any]]) -> None:
    """Evaluates the policy as it is in the end, and writes the record."""
    job = jobs()[asked.job]
    result, config = (json.loads((run / name).read_text()) for name in ("result.json", "config.json"))
    found = {
        "job": asked.job,
        "row": job["row"],
        "game": job["game"],
        "algo": job["algo"],
        "command": f"python benchmarks/atari/run.py {asked.job}" + (f" --steps {asked.steps}" if asked.steps else ""),
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {name: metadata.version(name) for name in PACKAGES} | {"python": platform.python_version()},
        "hardware": sorted({piece["device"] for piece in pieces}),
        "steps": result["steps"],
        "seconds": round(sum(piece["seconds"] for piece in pieces), 1),
        "pieces": len(pieces),
        "config": {name: value for name, value in config.items() if name != "folder"},
        "notes": result.get("notes", []),
    }
    found["steps_a_second"] = round(found["steps"] / found["seconds"], 1)
    for name, greedy in (("greedy", True), ("drawn", False)):
        found[name] = scores(run, asked.games, asked.cap, deterministic=greedy)
    run.with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n")
    curve = smoothed(list(csv.DictReader(io.StringIO((run / "episodes.csv").read_text()))))
    with run.with_suffix(".csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([("steps", "games", "mean_score"), *curve])
    draw(curve, found, run.with_suffix(".svg"))
    for name in ("greedy", "drawn"):
        one = found[name]
        print(f"{asked.job}, {name}: {one['mean']:.1f} ({one['low']:.1f} to {one['high']:.1f}) in {one['games']} games")


def scores(run: Path, games: int, cap: int, *, deterministic: bool) -> dict[str, Any] | None:
    """Of whole games from beginnings that training has not seen, as the game pays; None where all is greedy."""
    try:
        played = evaluate(
            str(run), episodes=games, seed=1_000_003, max_steps=cap, n_envs=games, deterministic=deterministic
        ).evaluation
    except envkit.core.errors.UsageError:  # there is nothing to draw from
        return None
    low, high = interval(played.returns, np.random.default_rng(0), of=partial(np.mean, axis=-1))
    return {
        "games": games, "mean": played.mean, "low": low, "high": high, "std": played.std, "cut": played.cut,
        "median": float(np.median(played.returns)), "min": float(played.returns.min()),
        "max": float(played.returns.max()), "scores": played.returns.tolist(), "lengths": played.lengths.tolist(),
    }  # fmt: skip


def smoothed(rows: Sequence[Mapping[str, str]]) -> list[tuple[int, int, float]]:
    """[(steps, games, mean score)] of as many games each."""
    parts = np.array_split(np.arange(len(rows)), min(POINTS, max(len(rows), 1)))
    values = [float(row["return"]) for row in rows]
    return [
        (int(rows[part[-1]]["steps"]), len(part), round(float(np.mean([values[at] for at in part])), 3))
        for part in parts
        if len(part)
    ]


def draw(curve: Sequence[tuple[int, int, float]], found: Mapping[str, Any], path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot([row[0] / 1e6 for row in curve], [row[2] for row in curve], color="#0b6e99")
    axes.set(xlabel="million steps", ylabel="mean score of whole games", title=f"{found['game']}, {found['algo']}")
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path)


def hardware() -> str:
    import torch

    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    return f"{device}, {len(os.sched_getaffinity(0))} cores"


def pack(run: Path) -> None:
    """The run as a few files of moderate size. The old ones go only when the new ones are there."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as tar:
        tar.add(run, arcname=run.name)
    data, fresh = whole.getvalue(), []
    for number, begin in enumerate(range(0, len(data), PART)):
        part = run.with_suffix(f".tar.{number:03d}")
        partial_file = part.with_name(part.name + ".new")
        partial_file.write_bytes(data[begin : begin + PART])
        fresh.append((partial_file, part))
    clear(run)
    for new, part in fresh:
        new.rename(part)


def clear(run: Path) -> None:
    for old in run.parent.glob(f"{run.name}.tar.[0-9][0-9][0-9]"):
        old.unlink()


def unpack(run: Path) -> None:
    """Makes the run's folder of them, where it is not there."""
    parts = sorted(run.parent.glob(f"{run.name}.tar.[0-9][0-9][0-9]"))
    if run.is_dir() or not parts:
        return
    data = b"".join(part.read_bytes() for part in parts)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        tar.extractall(run.parent, filter="data")


if __name__ == "__main__":
    sys.exit(main())
