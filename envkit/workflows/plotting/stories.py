"""What a run tells of its learning, whether it learnt a table or trained a network, in the same words."""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from envkit.core.errors import ArtifactRefused, UsageError
from envkit.core.show import error_line, number
from envkit.runs.arrays import unpacked
from envkit.runs.directory import CONFIG, CURVE, EPISODES, EVALUATIONS, POLICY, RESULT, way_on
from envkit.workflows.saved import FAMILY
from envkit.workflows.tables import exactly

T = TypeVar("T")
Column = npt.NDArray[np.float64]

RETURN, LENGTH, RATE, ERROR = "return", "length", "learning rate", "value error"
EXPLORING = ("epsilon", "temperature", "bonus")
NAMES = {  # of the columns of a curve, what they are called here
    "step_size": RATE, "value_error": ERROR, "train/learning_rate": RATE, "rollout/exploration_rate": "epsilon",
}  # fmt: skip
COUNTS = ("train/n_updates",)  # which say how long it lasted, and not how well it went
# What was asked that does not change how a run learns, so that runs are the same experiment without it.
ASIDE = {
    "schema", "family", "target", "folder", "seed", "versions", "device", "threads", "eval_every", "eval_episodes",
    "videos", "tensorboard", "checkpoint_every", "trace", "explore_tries", "target_return",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Series:
    """A quantity while something is learnt.

    Args:
      steps, episodes: [N], how many there had been.
      values: [N].
    """

    steps: Column
    episodes: Column
    values: Column

    def by(self, unit: str) -> Column:
        return self.steps if unit == "steps" else self.episodes


@dataclass(frozen=True, eq=False)
class Story:
    """What one run tells.

    Args:
      asked: all that makes it the experiment that it is, the seed not included.
      series: `return`, `length`, and what else was noted, by name; the first two have a value each `every` episodes.
      losses: what a learner of networks measured of itself, likewise.
      evaluations: mean returns of the policy as it was then; None where there were none. What imitates plays no episode
        itself, and has nothing else.
      levels: returns to compare with, by what they are.
      trained: whether it is a network's, whose episodes are told one by one.
    """

    path: Path
    env: str
    algo: str
    seed: int
    asked: Mapping[str, Any]
    series: Mapping[str, Series]
    losses: Mapping[str, Series]
    evaluations: Series | None
    levels: Mapping[str, float]
    every: int
    trained: bool

    @property
    def plays(self) -> bool:
        return RETURN in self.series

    @property
    def returns(self) -> Series:
        """Those of its episodes, else of the evaluations."""
        found = self.series.get(RETURN, self.evaluations)
        assert found is not None
        return found


def story_of(path: Path) -> Story | None:
    """What the run in a directory tells; None where it did not learn from episodes.

    Raises:
      UsageError: there is no such run, or it is not over.
      ArtifactRefused: its files are damaged.
    """
    if not (path / CONFIG).is_file():
        raise UsageError(f"{path} is not the directory of a run: it has no {CONFIG}")
    if not (path / RESULT).is_file():
        raise UsageError(f"{path} has no {RESULT}: {way_on(path)}")
    config, result = json_of(path / CONFIG), json_of(path / RESULT)
    try:
        told = _of_network(path, result) if config.get("family") == FAMILY else _of_table(path, result)
        if told is None:
            return None
        asked = _flat({name: value for name, value in config.items() if name not in ASIDE})
        return Story(path, str(result["env"]), str(result["algo"]), int(result["seed"]), asked, **told)
    except (KeyError, ValueError, IndexError, TypeError, AttributeError) as error:
        raise ArtifactRefused(f"{path} is damaged: {error_line(error)}") from error


def _of_table(path: Path, result: Mapping[str, Any]) -> dict[str, Any] | None:
    curve = table_of(path / f"{CURVE}.csv")
    if len(curve["episodes"]) < 2:
        return None
    steps, episodes = curve["steps"], curve["episodes"]
    lengths = np.diff(steps, prepend=0) / np.diff(episodes, prepend=0)
    series = {RETURN: Series(steps, episodes, curve["mean_return"]), LENGTH: Series(steps, episodes, lengths)}
    noted = {name: values for name, values in curve.items() if name in (*EXPLORING, *NAMES)}
    # A predictor does not seek the best, so the best is nothing to compare it with.
    predicts = "chances" in unpacked(path / POLICY)
    key, what = ("policy_return", "return of acting at random") if predicts else ("optimal_return", "optimum")
    best = result.get(key)
    levels = {} if best is None else {f"{exactly(result.get('model'))} {what}": float(best)}
    return {
        "series": series | _known(curve, noted), "losses": {}, "evaluations": None, "levels": levels,
        "every": max(int(episodes[0]), 1), "trained": False,
    }  # fmt: skip


def _of_network(path: Path, result: Mapping[str, Any]) -> dict[str, Any] | None:
    played, evaluated, curve = (table_of(path / f"{name}.csv") for name in (EPISODES, EVALUATIONS, CURVE))
    steps = played["steps"]
    if len(steps) < 2 and len(evaluated["steps"]) < 2:
        return None
    count = np.arange(1.0, len(steps) + 1)
    series = {name: Series(steps, count, played[name]) for name in (RETURN, LENGTH)} if len(steps) > 1 else {}
    evaluations = None
    if len(evaluated["steps"]):
        by_then = np.searchsorted(steps, evaluated["steps"], side="right").astype(float)
        evaluations = Series(evaluated["steps"], by_then, evaluated["mean_return"])
    levels = {"solved from": result.get("threshold"), "at random": result.get("random_return")}
    losses = [name for name in curve if name.startswith("train/") and name not in (*NAMES, *COUNTS)]
    told = _known(curve, {name: curve[name] for name in losses})
    return {
        "series": series | _known(curve, {name: curve[name] for name in NAMES if name in curve}), "every": 1,
        "losses": {name.removeprefix("train/").replace("_", " "): one for name, one in told.items()},
        "evaluations": evaluations, "trained": True,
        "levels": {name: float(value) for name, value in levels.items() if value is not None},
    }  # fmt: skip


def _known(curve: Mapping[str, Column], columns: Mapping[str, Column]) -> dict[str, Series]:
    """The columns under their names here, where they have at least two numbers."""
    found = {}
    for name, values in columns.items():
        known = np.isfinite(values)
        if known.sum() > 1:
            found[NAMES.get(name, name)] = Series(curve["steps"][known], curve["episodes"][known], values[known])
    return found


def _flat(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Hyper-parameters and arguments beside everything else, under their own names."""
    found: dict[str, Any] = {}
    for name, value in asked.items():
        found |= dict(value) if isinstance(value, Mapping) else {name: value}
    return found


def grouped(stories: Sequence[Story]) -> dict[str, list[Story]]:
    """The stories of the same experiment together, under a name that says what it has and others have not."""
    groups: dict[str, list[Story]] = {}
    for story in stories:
        groups.setdefault(json.dumps(story.asked, sort_keys=True), []).append(story)
    firsts = [members[0] for members in groups.values()]
    names = list(dict.fromkeys(name for story in firsts for name in story.asked))
    differing = [name for name in names if len({json.dumps(story.asked.get(name)) for story in firsts}) > 1]
    main = [name for name in ("env", "algo") if name in differing]
    # Another algorithm has other hyper-parameters anyhow: what they are is told where nothing else tells runs apart.
    plain = [name for name in differing if name not in main and all(name in story.asked for story in firsts)]
    found: dict[str, list[Story]] = {}
    for members in groups.values():
        asked = members[0].asked
        told = [str(asked[name]) for name in main]
        told += [f"{name}={_said(asked[name])}" for name in (plain if "algo" not in main else [])]
        label = ", ".join(told) or members[0].algo
        found[label if label not in found else f"{label} ({members[0].path})"] = members
    return found


def _said(value: Any) -> str:
    return number(value) if isinstance(value, float) else str(value)


def json_of(path: Path) -> Any:
    return _read(path, lambda: json.loads(path.read_bytes()))


def table_of(path: Path) -> dict[str, Column]:
    """The columns of a table; what is empty is nan."""

    def read() -> dict[str, Column]:
        with path.open(newline="") as file:
            head, *rows = csv.reader(file)
        table = np.array([[float(cell or "nan") for cell in row] for row in rows]).reshape(-1, len(head))
        return dict(zip(head, table.T, strict=True))

    return _read(path, read)


def _read(path: Path, read: Callable[[], T]) -> T:
    try:
        return read()
    except FileNotFoundError:
        raise UsageError(f"{path.parent} has no {path.name}: the run is not complete") from None
    except (OSError, ValueError) as error:
        raise ArtifactRefused(f"{path} is damaged: {error_line(error)}") from error
