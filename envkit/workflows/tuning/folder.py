"""The directory of a search.

config.json  what was asked
study.db     every attempt, as Optuna keeps it: one SQLite file
preset.toml  the best settings so far, for `envkit solve --preset`
trials.csv   every attempt that has ended
history.png  the best so far, attempt by attempt
lock         which process is at work here
result.json  what came out; written last
"""

import contextlib
import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from envkit.core.errors import UsageError
from envkit.core.show import number
from envkit.deep.presets import written
from envkit.runs.directory import CONFIG, RESULT, RunDirectory
from envkit.runs.lock import locked
from envkit.workflows.tuning.asked import Asked
from envkit.workflows.tuning.space import shown
from envkit.workflows.tuning.study import Attempt, best
from envkit.workflows.tuning.tuned import PRESET, TRIALS, Tuned

TUNES, OPTION = Path("tunes"), "--tune-dir"
COLUMNS = ("trial", "state", "mean_return", "steps", "seconds")


@contextlib.contextmanager
def claimed(wanted: str | Path | None, label: str) -> Iterator[RunDirectory]:
    """A new directory, this one or one below `tunes`; while it is open no other process gets it."""
    if wanted is None:
        directory = RunDirectory.new(TUNES, label, option=OPTION)
    else:
        directory = RunDirectory.named(Path(wanted), option=OPTION)
    with locked(directory.path):
        try:
            yield directory
        except BaseException:
            if not (directory.path / TRIALS).is_file():  # not one attempt has ended
                directory.abandon()
            raise


@contextlib.contextmanager
def again(path: Path) -> Iterator[tuple[RunDirectory, Asked]]:
    """A directory that is there, and what was asked; while it is open no other process gets it.

    Raises:
      UsageError: it is none of a search, or another process works in it.
      ArtifactRefused: its configuration is damaged.
    """
    if not (path / CONFIG).is_file():
        raise UsageError(f"{path} is not the directory of a search: it has no {CONFIG}")
    directory = RunDirectory(path, made=())
    asked = Asked.of_json(directory.read_json(CONFIG), path / CONFIG)
    with locked(path):
        yield directory, asked


def keep(directory: RunDirectory, asked: Asked, attempts: Sequence[Attempt], env: str) -> None:
    """Writes what is known so far.

    Args:
      env: what the environment is called in presets.
    """
    found = best(attempts)
    if found:
        head = _head(asked, attempts, found)
        directory.write(
            PRESET, (head + written(asked.request.learner.name, env, asked.preset(found.settings))).encode()
        )
    directory.write(TRIALS, _table(asked, attempts).encode())


def finish(directory: RunDirectory, tuned: Tuned) -> None:
    directory.write_json(RESULT, tuned.to_json())


def _head(asked: Asked, attempts: Sequence[Attempt], found: Attempt) -> str:
    """What a reader of the preset should know."""
    earned = f"# Mean return {number(found.value or 0.0)} of trial {found.number}, the best of {len(attempts)}"
    first = asked.request.seed
    seeds = f"seed {first}" if asked.seeds == 1 else f"seeds {first} to {first + asked.seeds - 1}"
    return f"{earned}, with {seeds}; found by envkit tune.\n"


def _table(asked: Asked, attempts: Sequence[Attempt]) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([*COLUMNS, *asked.space, "why"])
    for one in attempts:
        value = "" if one.value is None else number(one.value)
        chosen = [shown(one.settings[name]) for name in asked.space]
        rows.writerow([one.number, one.state, value, one.steps, number(one.seconds), *chosen, one.why])
    return text.getvalue()
