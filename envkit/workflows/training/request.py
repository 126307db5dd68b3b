"""What was asked of a training: all that is needed to ask it again."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from envkit.authoring.wrapping import wrap_ref
from envkit.core.batches import without_batch
from envkit.core.errors import ArtifactRefused, UsageError
from envkit.core.machine import cores
from envkit.core.ref import EnvRef
from envkit.core.settings import checked, settled
from envkit.core.show import error_line
from envkit.core.versions import versions
from envkit.deep.learner import STEP_TIMEOUT, Learner
from envkit.deep.off_policy import HINDSIGHT
from envkit.deep.presets import COMMON, preset
from envkit.workflows.algorithms import find
from envkit.workflows.asking import SCHEMA, check_schema, plain, ref_of_json, ref_to_json
from envkit.workflows.training.every import Every

CHECKPOINTS = Every(5, "min")  # where nobody says how often
EVALUATIONS = 10  # in the course of a training, where nobody says how often
SAME = (  # entries of config.json that are the request's own values
    "seed", "steps", "n_envs", "device", "episodes", "eval_every", "eval_episodes", "videos", "tensorboard", "threads",
    "init", "processes", "step_timeout",
)  # fmt: skip


@dataclass(frozen=True)
class Request:
    """What was asked of a training.

    Args:
      steps: to take over all environments.
      episodes: after which it ends, if the steps are not over before; None for no such end.
      eval_every: steps between evaluations of what has been learnt; None for none.
      eval_episodes: of the evaluation in the end; those in between play a tenth of them, and five at least.
      target: the mean return of an evaluation that ends the training; None for none.
      checkpoint_every: how often all is kept to go on from; None where it is kept only when it is stopped.
      videos: episodes that are filmed on the way, as far apart as can be, the last one at the end.
      tensorboard: whether TensorBoard's files are written too.
      threads: of torch.
      processes: in how many the environments are played; 1 for the one that learns.
      step_timeout: seconds that a step of the environments of another process may take.
      batch: whether they are played as the environment's own batch.
      demos: what it imitates or begins with, as `envkit.workflows.training.demonstrations` has it.
      init: the run whose weights it began with; None where they were fresh.
      views: what the learner alone is shown, as of `envkit.deep.learner.Training`.
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
    checkpoint_every: Every | None = CHECKPOINTS
    videos: int = 0
    tensorboard: bool = False
    threads: int = 1
    init: str | None = None
    demos: tuple[str, ...] = ()
    processes: int = 1
    step_timeout: float = STEP_TIMEOUT
    batch: bool = False
    views: tuple[str, ...] = ()

    @property
    def at_once(self) -> int:
        """Episodes that an evaluation plays at once: as many as the training does in a batch that a wrapper makes.

        Of an environment's own batch there is one at a time, so that with and without it the same policy is the best.
        """
        return self.n_envs if self.batch and self.ref.parts[1] else 1

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "family": "deep",
            **ref_to_json(self.ref),
            "algo": self.learner.name,
            **{name: getattr(self, name) for name in SAME},
            "normalize": list(self.normalize),
            "demos": list(self.demos),
            "batch": self.batch,
            "views": list(self.views),
            "target_return": self.target,
            "checkpoint_every": None if self.checkpoint_every is None else str(self.checkpoint_every),
            "hyper_parameters": {name: plain(value) for name, value in self.settings.items()},
            "versions": versions() | _versions_of_networks(),
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
            every = config["checkpoint_every"]
            same = {name: config[name] for name in SAME}
            return cls(
                ref_of_json(config), learner, settings=settings, normalize=tuple(config["normalize"]),
                demos=tuple(config.get("demos", ())), batch=bool(config.get("batch", False)),
                views=tuple(config.get("views", ())),
                target=config["target_return"], checkpoint_every=None if every is None else Every.of(every), **same,
            )  # fmt: skip
        except (KeyError, TypeError, AttributeError, UsageError) as error:
            raise ArtifactRefused(f"{path} is not the configuration of a run: {error_line(error)}") from error


def requested(
    ref: EnvRef, learner: Learner, env: gymnasium.Env[Any, Any], *, hyper: Mapping[str, Any], steps: int | None,
    n_envs: int | None, normalize: tuple[str, ...] | None, eval_every: int | None, checkpoint_every: Every | None,
    threads: int | None, batch: bool | None = None, views: tuple[str, ...] | None = None, source: str | None = None,
    **rest: Any,
) -> Request:  # fmt: skip
    """A request in which everything is settled: what was given, else the preset of the environment, else the defaults.

    Args:
      env: one of them; presets are found by its registered id, or else by what it is typed as. Where it is in no
        wrappers, it gets the preset's.
      source: of the preset, as `envkit.deep.presets.preset` has it.
      eval_every: 0 for no evaluations; None for ten in all.
      threads: None for as many as there are cores where pictures are seen, and else for one: more of them are slower
        there, and change the last digits.
      batch: None for what the preset says, where nothing stands against it.

    Raises:
      UsageError: a hyper-parameter is not one, or out of range; or there can be no batch.
      ArtifactRefused: the source of presets is something else.
    """
    for name in ("episodes", "target"):
        if rest.get(name) is not None and not learner.stoppable:
            raise UsageError(f"{learner.name} has a policy only at its end, so {name} cannot end it; steps can")
    known = preset(learner.name, env_names(ref, env), source)
    if not ref.parts[1]:
        ref = wrap_ref(ref, known.get("wrap", ()))
    chosen = _settled(learner, known, source)
    chosen |= checked(learner.settings, hyper)
    steps = steps or known.get("steps", learner.steps)
    n_envs = n_envs or known.get("n_envs", 1)
    scaled = tuple(known.get("normalize", ())) if normalize is None else normalize
    views = tuple(known.get("views", ())) if views is None else views
    every = max(steps // EVALUATIONS, 1) if eval_every is None else eval_every or None
    threads = threads or (cores() if _are_pictures(env.observation_space) else 1)
    wanted = bool(known.get("batch")) if batch is None else batch
    against = _against_batch(ref, chosen, rest.get("processes", 1)) if wanted else ""
    if batch and against:
        raise UsageError(f"--batch: {against}")
    return Request(
        ref, learner, steps=steps, n_envs=n_envs, settings=chosen, normalize=scaled, eval_every=every, threads=threads,
        checkpoint_every=checkpoint_every, batch=wanted and not against, views=views,
        **rest,
    )  # fmt: skip


def _against_batch(ref: EnvRef, settings: Mapping[str, Any], processes: int) -> str:
    """Why the environment's own batch cannot be played; empty where it can, as far as can be said without making it."""
    if processes > 1:
        return f"an environment's own batch is played in one process, not in {processes}"
    if settings.get("replay") == HINDSIGHT:
        return "hindsight asks single environments for the rewards of other goals"
    return without_batch(ref)


def _settled(learner: Learner, known: Mapping[str, Any], source: str | None) -> dict[str, Any]:
    """The hyper-parameters of a preset, and the defaults of the others."""
    try:
        return settled(learner.settings, {name: value for name, value in known.items() if name not in COMMON})
    except UsageError as error:
        raise UsageError(f"{source}: {error}") from error


def env_names(ref: EnvRef, env: gymnasium.Env[Any, Any]) -> tuple[str, ...]:
    """Under which presets are found, the best name first; the last is the package whose pictures it shows."""
    typed = ref.parts[0]
    if env.spec is None:
        return (typed,)
    entry = env.spec.entry_point
    package = entry.partition(":")[0].partition(".")[0] if isinstance(entry, str) else ""
    return (env.spec.id, typed, package) if _are_pictures(env.observation_space) else (env.spec.id, typed)


def _versions_of_networks() -> dict[str, str]:
    """Of what the last digits depend on; without a look at the packages themselves, which take seconds to import."""
    found = {}
    for name in ("torch", "stable-baselines3", "sb3-contrib"):
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _are_pictures(space: spaces.Space[Any]) -> bool:
    if isinstance(space, spaces.Dict):
        return any(_are_pictures(part) for part in space.spaces.values())
    return isinstance(space, spaces.Box) and space.dtype == np.uint8 and len(space.shape) == 3
