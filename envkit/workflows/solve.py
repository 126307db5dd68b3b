"""Solving an environment, by whatever algorithm: one function for Python and the command line.

Everything that can be refused is refused before anything is written; a run that fails leaves nothing behind.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from envkit.core.drive import Driver
from envkit.core.errors import UsageError, unknown_option
from envkit.core.model import model_of, no_table_text
from envkit.core.progress import Report, silent
from envkit.core.ref import EnvRef
from envkit.core.settings import check_count
from envkit.core.show import show
from envkit.deep.learner import STEP_TIMEOUT, Learner
from envkit.runs.directory import RunDirectory
from envkit.workflows.algorithms import find
from envkit.workflows.choosing import learner
from envkit.workflows.saved import FAMILY, family
from envkit.workflows.solved import Solved, resume_table, solve_table

if TYPE_CHECKING:
    from envkit.workflows.training.request import Request
    from envkit.workflows.training.trained import TrainedRun

OF_TABLES = ("trace", "explore")
OF_NETWORKS = (
    "steps", "n_envs", "device", "normalize", "views", "target_return", "eval_every", "checkpoint_every", "init",
    "videos", "tensorboard", "threads", "processes", "step_timeout", "batch", "demos", "preset",
)  # fmt: skip


def solve(
    target: Any,
    algo: str | None = None,
    *,
    seed: int = 0,
    episodes: int | None = None,
    eval_episodes: int = 100,
    run_dir: str | Path | bool | None = None,
    minutes: float | None = None,
    env_kwargs: Mapping[str, Any] | None = None,
    report: Report = silent,
    **asked: Any,
) -> "Solved | TrainedRun":
    """Finds a good policy for an environment, and says how good it is.

    Args:
      target: whatever `EnvRef` can name.
      algo: an algorithm's name; by default planning where there is a finite model, Q-learning where a table can hold
        what is learnt, else a deep learner that suits the spaces.
      seed: of all randomness, the evaluation's included.
      episodes: to learn from; by default as many as the algorithm thinks fit. Planners need none.
      eval_episodes: played with the greedy policy at the end.
      run_dir: where to keep the artifacts; by default a new directory below `runs`, and nowhere if False.
      minutes: of a deep learner: after which it stops, to be gone on with by `resume`; what it has learnt by then is
        kept, and `Interrupted` says so. None for no such end.
      env_kwargs: for the environment's constructor.
      report: told now and then how far it is.
      asked: hyper-parameters of the algorithm, such as `discount` or `learning_rate`. And of tables, `trace`: values to
        be watched while they are learnt, states or pairs of a state and an action; and `explore`: build the finite
        model by trying every action in every state, where the environment offers none, and so often where chance has
        a part. Of networks, `steps`, `n_envs`, `device`, `normalize`, `views`, `target_return`, `eval_every` (0 for
        never) and `checkpoint_every` (such as 5min, 10ep or 5000st; none for never), `videos`, `tensorboard`,
        `threads`, `processes`, `step_timeout`, `batch` and `demos`, as `envkit.workflows.training.request.Request` has
        them; `init`, a run whose weights it begins with; and `preset`, the name of known settings, a file of presets,
        such as `envkit.tune` writes, or `none` for the algorithm's own defaults.

    Raises:
      UsageError: what was asked cannot be done; nothing was written.
      EnvironmentFailed: the environment's own code failed; nothing is left behind.
      StorageFailed: the artifacts cannot be written.
    """
    check_count("seed", seed, 0)
    check_count("eval_episodes", eval_episodes, 1)
    if episodes is not None:
        check_count("episodes", episodes, 1)
    ref = EnvRef.of(target, **(env_kwargs or {}))
    why = ""
    if algo is None and not asked.get("explore"):
        algo, why = _picked(ref, seed) or (None, "")
    found = find(algo) if algo else None
    common: dict[str, Any] = {"seed": seed, "episodes": episodes, "eval_episodes": eval_episodes}
    if isinstance(found, Learner):
        request = training_request(ref, found, common, asked)
        _check_minutes(minutes, run_dir, found)
        from envkit.workflows.training.train import train

        with RunDirectory.claimed(run_dir, f"{ref}-{found.name}-s{seed}") as directory:
            run = train(request, directory, minutes=minutes, report=report)
        return replace(run, notes=(f"{found.name} was picked: {why}", *run.notes)) if why else run
    given = [name for name in OF_NETWORKS if asked.get(name) is not None] + ["minutes"] * (minutes is not None)
    if given:
        what = f"{found.name} makes a table" if found else "without algo a table is made"
        raise UsageError(f"{given[0]} is of deep learners, such as ppo, and {what}")
    kept = {name: value for name, value in asked.items() if name not in OF_NETWORKS}
    return solve_table(ref, found, run_dir=run_dir, report=report, **common, **kept)


def _picked(ref: EnvRef, seed: int) -> tuple[str, str] | None:
    """The deep learner to begin with, and why it; None where a table will do, or the extra is missing."""
    env = ref.make()
    try:
        if model_of(env) is not None or not no_table_text(env) or not find_spec("stable_baselines3"):
            return None
        _, info = Driver(env, str(ref)).reset(seed)
        return learner(env.observation_space, env.action_space, masked="action_mask" in info)
    finally:
        env.close()


def resume(
    run_dir: str | Path, *, steps: int | None = None, n_envs: int | None = None, minutes: float | None = None,
    report: Report = silent,
) -> "Solved | TrainedRun":  # fmt: skip
    """Goes on with a run that was interrupted, to the very result that it would have had.

    Args:
      run_dir: where its artifacts are.
      steps: of a training: so many more of them, also where it is complete.
      n_envs: of a training: environments to play at once from now on; those at play begin new episodes then.
      minutes, report: as of `solve`.

    Raises:
      UsageError: there is nothing to go on with.
      ArtifactRefused: what is there is damaged, or of another version.
      EnvironmentFailed, StorageFailed: as of `solve`; what was kept stays.
    """
    path = Path(run_dir)
    if family(path) == FAMILY:
        from envkit.workflows.training.train import go_on

        _check_minutes(minutes, path)
        return go_on(path, more=steps, n_envs=n_envs, minutes=minutes, report=report)
    for name, given in (("steps", steps), ("n_envs", n_envs), ("minutes", minutes)):
        if given is not None:
            raise UsageError(f"{run_dir} has a table; {name} is of the training of a network that is gone on with")
    return resume_table(path, report=report)


def configuration(
    target: Any, algo: str, *, env_kwargs: Mapping[str, Any] | None = None, **asked: Any
) -> dict[str, Any]:
    """What a training would do, presets and defaults included, as its config.json has it.

    Raises:
      UsageError: as of `solve`, or the algorithm is no deep learner.
    """
    found = find(algo)
    if not isinstance(found, Learner):
        raise UsageError(f"the configuration of {found.name} follows from the environment; config.json of a run has it")
    common = {name: asked.pop(name, default) for name, default in COMMON.items()}
    return training_request(EnvRef.of(target, **(env_kwargs or {})), found, common, asked).to_json()


LEFT_TO_PRESETS = ("steps", "n_envs", "normalize", "views", "eval_every", "threads", "batch")
DEVICES = r"auto|cpu|cuda(:\d+)?|mps"
COMMON = {"seed": 0, "episodes": None, "eval_episodes": 100}


def training_request(ref: EnvRef, learner: Learner, common: Mapping[str, Any], asked: Mapping[str, Any]) -> "Request":
    """What a training is asked, settled and checked; names as of `solve`. Raises UsageError, and what `make` raises."""
    from envkit.workflows.training.every import Every
    from envkit.workflows.training.request import CHECKPOINTS, requested

    for name in OF_TABLES:
        if asked.get(name):
            raise UsageError(f"{learner.name} trains a network, and {name} is of tables")
    for name, least in (
        ("steps", 1),
        ("n_envs", 1),
        ("eval_every", 0),
        ("videos", 0),
        ("threads", 1),
        ("processes", 1),
    ):
        if asked.get(name) is not None:
            check_count(name, asked[name], least)
    demos = _demos(asked.get("demos"), learner)
    device = asked.get("device") or "auto"
    if not re.fullmatch(DEVICES, device):
        raise unknown_option("device", device, ("auto", "cpu", "cuda", "cuda:0", "mps"))
    env = ref.make()
    env.close()
    hyper = {name: value for name, value in asked.items() if name not in (*OF_NETWORKS, *OF_TABLES)}
    init, every, source = asked.get("init"), asked.get("checkpoint_every"), asked.get("preset")
    return requested(
        ref, learner, env, hyper=hyper, device=device,
        target=_target(asked.get("target_return"), env, ref), init=None if init is None else str(init),
        source=None if source is None else str(source),
        checkpoint_every=CHECKPOINTS if every is None else None if every == "none" else Every.of(every),
        videos=asked.get("videos") or 0, tensorboard=bool(asked.get("tensorboard")),
        demos=demos, processes=asked.get("processes") or 1, step_timeout=_seconds(asked.get("step_timeout")),
        **{name: asked.get(name) for name in LEFT_TO_PRESETS},
        **common,
    )  # fmt: skip


def _demos(given: Any, learner: Learner) -> tuple[str, ...]:
    """What others have shown, where the learner can do something with it."""
    from envkit.workflows.training.demonstrations import Source

    demos = tuple(map(str, [given] if isinstance(given, str | Path) else given or ()))
    if demos and not learner.takes_demos:
        raise UsageError(f"{learner.name} learns from its own steps alone; cloning and those with a memory take demos")
    if learner.needs_demos and not demos:
        raise UsageError(f"{learner.name} learns from what others show: --demos game.json, or --demos random,best=10%")
    for text in demos:
        Source.of(text)
    return demos


def _check_minutes(minutes: float | None, run_dir: str | Path | bool | None, learner: Learner | None = None) -> None:
    """Raises UsageError where a training cannot be stopped after so many."""
    if minutes is None:
        return
    if isinstance(minutes, bool) or not isinstance(minutes, int | float) or not 0 < minutes < math.inf:
        raise UsageError(f"minutes is {show(minutes)}, not a number above 0")
    if run_dir is False:
        raise UsageError(f"after {minutes:g} minutes all is kept to be gone on with, and nothing is to be written")
    if learner is not None and not learner.stoppable:
        raise UsageError(f"{learner.name} has a policy only at its end, so minutes cannot end it; steps can")


def _seconds(given: Any) -> float:
    if given is None:
        return STEP_TIMEOUT
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given < math.inf:
        raise UsageError(f"step_timeout is {show(given)}, not a number of seconds above 0")
    return float(given)


def _target(wanted: float | str | None, env: Any, ref: EnvRef) -> float | None:
    """The mean return that is wanted; `solved` is what the environment's spec says."""
    if wanted is None:
        return None
    if wanted != "solved":
        if isinstance(wanted, int | float) and math.isfinite(wanted):
            return float(wanted)
        raise UsageError(f"target_return is {show(wanted)}, not a number or 'solved'")
    threshold = env.spec.reward_threshold if env.spec else None
    if threshold is None:
        raise UsageError(f"{ref} does not say from which return it is solved; give target_return as a number")
    return float(threshold)
