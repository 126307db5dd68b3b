"""What was asked of a training: all that is needed to ask it again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from envkit.core.errors import ArtifactRefused, UsageError
from envkit.core.ref import EnvRef
from envkit.core.settings import checked, settled
from envkit.core.show import error_line
from envkit.core.versions import versions
from envkit.deep.learner import Learner
from envkit.deep.presets import COMMON, preset
from envkit.workflows.algorithms import find
from envkit.workflows.asking import SCHEMA, check_schema, plain, ref_of_json, ref_to_json

EVALUATIONS = 10  # in the course of a training, where nobody says how often


@dataclass(frozen=True)
class Request:
    """What was asked of a training.

    Args:
      steps: to take over all environments.
      episodes: after which it ends, if the steps are not over before; None for no such end.
      eval_every: steps between evaluations of what has been learnt; None for none.
      eval_episodes: of the evaluation in the end; those in between play a tenth of them, and five at least.
      target: the mean return of an evaluation that ends the training; None for none.
      checkpoint_every: steps after which all is kept to go on from; None where it is kept when it is stopped.
    """

    ref: EnvRef
    learner: Learner
    seed: int
    steps: int
    n_envs: int
    settings: Mapping[str, Any]
    device: str = "auto"
    normalize: tuple[str, ...] = ()
    episodes: int | None = None
    eval_every: int | None = None
    eval_episodes: int = 100
    target: float | None = None
    checkpoint_every: int | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "family": "deep",
            **ref_to_json(self.ref),
            "algo": self.learner.name,
            "seed": self.seed,
            "steps": self.steps,
            "episodes": self.episodes,
            "n_envs": self.n_envs,
            "device": self.device,
            "normalize": list(self.normalize),
            "eval_every": self.eval_every,
            "eval_episodes": self.eval_episodes,
            "target_return": self.target,
            "checkpoint_every": self.checkpoint_every,
            "hyper_parameters": {name: plain(value) for name, value in self.settings.items()},
            "versions": versions(),
        }

    @classmethod
    def of_json(cls, config: Mapping[str, Any], path: Path) -> "Request":
        """What a file says that was asked. Raises ArtifactRefused where it says no such thing."""
        check_schema(config, path)
        try:
            learner = find(config["algo"])
            if not isinstance(learner, Learner):
                raise UsageError(f"{config['algo']} is no deep learner")
            known = {setting.name for setting in learner.settings}
            settings = settled(learner.settings, {k: v for k, v in config["hyper_parameters"].items() if k in known})
            return cls(
                ref_of_json(config), learner, config["seed"], config["steps"], config["n_envs"], settings,
                config["device"], tuple(config["normalize"]), config["episodes"], config["eval_every"],
                config["eval_episodes"], config["target_return"], config["checkpoint_every"],
            )  # fmt: skip
        except (KeyError, TypeError, AttributeError, UsageError) as error:
            raise ArtifactRefused(f"{path} is not the configuration of a run: {error_line(error)}") from error


def requested(
    ref: EnvRef, learner: Learner, *, env_id: str, hyper: Mapping[str, Any], steps: int | None, n_envs: int | None,
    normalize: tuple[str, ...] | None, eval_every: int | None, **rest: Any,
) -> Request:  # fmt: skip
    """A request in which everything is settled: what was given, else the preset of the environment, else the defaults.

    Args:
      env_id: the environment's registered id, by which presets are found; empty where it has none.
      eval_every: 0 for no evaluations; None for ten in all.

    Raises:
      UsageError: a hyper-parameter is not one, or out of range.
    """
    known = preset(learner.name, env_id)
    chosen = settled(learner.settings, {name: value for name, value in known.items() if name not in COMMON})
    chosen |= checked(learner.settings, hyper)
    steps = steps or known.get("steps", learner.steps)
    n_envs = n_envs or known.get("n_envs", 1)
    scaled = tuple(known.get("normalize", ())) if normalize is None else normalize
    every = max(steps // EVALUATIONS, 1) if eval_every is None else eval_every or None
    return Request(
        ref, learner, steps=steps, n_envs=n_envs, settings=chosen, normalize=scaled, eval_every=every, **rest
    )


def extended(request: Request, more: int) -> Request:
    """The same for so many steps more; evaluations stay as far apart as they were."""
    return replace(request, steps=request.steps + more)
