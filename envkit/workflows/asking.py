"""What was asked of a run: all that is needed to ask it again."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gymnasium

from envkit.core.errors import ArtifactRefused, UsageError
from envkit.core.model import Model
from envkit.core.progress import Report, silent
from envkit.core.ref import EnvRef
from envkit.core.schedule import Schedule
from envkit.core.settings import settled
from envkit.core.show import error_line, show
from envkit.core.versions import changed, versions
from envkit.tabular.grid import grid_of
from envkit.tabular.solver import Problem, Solver
from envkit.workflows.algorithms import find_solver as find
from envkit.workflows.modelling import model_for
from envkit.workflows.watching import with_gap

SCHEMA = 1  # the version of what a configuration holds


@dataclass(frozen=True)
class Asking:
    """What was asked of a run: all that is needed to ask it again.

    Args:
      trace: values to be watched.
      tries: of each action where the model is to be found by exploring; None where it is not.
    """

    ref: EnvRef
    solver: Solver
    seed: int
    episodes: int | None
    eval_episodes: int
    settings: Mapping[str, Any]
    trace: tuple[Any, ...] = ()
    tries: int | None = None

    def model(self, env: gymnasium.Env[Any, Any], report: Report = silent) -> tuple[Model | None, list[str]]:
        """As `model_for`."""
        return model_for(env, str(self.ref), tries=self.tries, seed=self.seed, report=report)

    def problem(self, model: Model | None, env: gymnasium.Env[Any, Any], report: Report) -> Problem:
        """What the solver is asked."""
        pictures = model is not None and grid_of(env, model) is not None
        return Problem(
            str(self.ref), model, env, self.seed, self.episodes, self.settings, with_gap(report, model),
            trace=self.trace, pictures=pictures,
        )  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        used = self.settings
        return {
            "schema": SCHEMA,
            **ref_to_json(self.ref),
            "algo": self.solver.name,
            "seed": self.seed,
            "episodes": used.get("episodes", self.episodes),
            "eval_episodes": self.eval_episodes,
            "hyper_parameters": {name: plain(value) for name, value in used.items() if name != "episodes"},
            "trace": [plain(one) for one in self.trace],
            "explore_tries": self.tries,
            "versions": versions(),
        }

    @classmethod
    def of_json(cls, config: Mapping[str, Any], path: Path) -> "Asking":
        """What a file says that was asked. Raises ArtifactRefused where it says no such thing."""
        check_schema(config, path)
        try:
            ref = ref_of_json(config)
            solver = find(config["algo"])
            known = {setting.name for setting in solver.settings}
            given = {k: v for k, v in config["hyper_parameters"].items() if k in known and v is not None}
            settings = settled(solver.settings, given)
            trace = tuple(tuple(one) if isinstance(one, list) else one for one in config["trace"])
            numbers = (config["seed"], config["episodes"], config["eval_episodes"])
            return cls(ref, solver, *numbers, settings, trace, config["explore_tries"])
        except (KeyError, TypeError, AttributeError, UsageError) as error:
            raise ArtifactRefused(f"{path} is not the configuration of a run: {error_line(error)}") from error


def check_schema(config: Any, path: Path) -> None:
    """Refuses what is no configuration of a run, or one of another version. Raises ArtifactRefused."""
    if not isinstance(config, Mapping) or "schema" not in config:
        raise ArtifactRefused(f"{path} is not the configuration of a run: it has no schema")
    if config["schema"] != SCHEMA:
        found = show(config["schema"])
        raise ArtifactRefused(f"{path} is of schema {found}, and this envkit reads schema {SCHEMA}")


def ref_to_json(ref: EnvRef) -> dict[str, Any]:
    """What a configuration holds of an environment."""
    kwargs = {name: plain(value) for name, value in ref.kwargs.items()}
    return {"env": str(ref), "target": ref.text, "folder": ref.folder, "env_kwargs": kwargs}


def ref_of_json(config: Mapping[str, Any]) -> EnvRef:
    """The environment again. Raises KeyError where a part is missing."""
    target, label = config["target"], config["env"]
    return EnvRef(target, config["env_kwargs"], config["folder"], label if label != target else "")


def newer(config: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(package, version then, version now), where they differ from those of a run's configuration."""
    yield from changed(config.get("versions", {}), versions())


def plain(value: Any) -> Any:
    """A JSON value as it is, a schedule as it was typed, anything else as text."""
    if isinstance(value, Schedule):
        return value.plain
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return show(value)
    return value
