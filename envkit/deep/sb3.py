"""Training with Stable-Baselines3: its algorithm, our environments, clock, log and notebook.

What a training needs to go on in another process is taken at the safe points, where Stable-Baselines3 begins to collect
experience: the networks are at rest there, and all else is small. Stopped in between, the experience since then is
collected once more.
"""

import contextlib
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from envkit.core.errors import ArtifactRefused, DeviceFull, EnvironmentFailed, UsageError
from envkit.core.optional import need
from envkit.core.settings import Setting
from envkit.core.show import error_line
from envkit.deep import normalizer as normalizing
from envkit.deep.building import Kind, new_model, own_randomness, threads
from envkit.deep.imitating import fill
from envkit.deep.keeping import ModelLearning, diverged
from envkit.deep.learner import Episode, Learner, Space, Trained, Training
from envkit.deep.monitored import FAILURE, Monitored
from envkit.deep.restoring import load_weights, restored

NO_NUMBERS = re.compile(r"Expected parameter \w+ .* but found invalid values", re.S)  # as torch's distributions say it
EPISODES_LOGGED = 4  # off policy, where what is measured is told after so many episodes


def learner(
    kind: Kind, summary: str, settings: Sequence[Setting], refusal: Callable[[Space, Space], str]
) -> Learner:  # fmt: skip
    """The algorithm as a learner."""
    return Learner(
        kind.name, summary, tuple(settings), refusal=refusal, train=partial(train, kind),
        restored=partial(restored, kind=kind), takes_demos=kind.off_policy or kind.from_demonstrations,
        needs_demos=kind.from_demonstrations,
    )  # fmt: skip


def train(kind: Kind, training: Training) -> Trained:
    """Trains to the end, or until the overseer stops it.

    Raises:
      MissingExtra: torch or Stable-Baselines3 is missing.
      UsageError: the settings do not fit together.
      EnvironmentFailed: the environment fails, or shows or pays what no network can learn from.
      ArtifactRefused: what was kept is damaged, or does not fit.
    """
    torch = need("torch", extra="deep", purpose=kind.name)
    need("stable_baselines3", extra="deep", purpose=kind.name)
    with own_randomness(), threads(torch, training.threads):
        vec = _environments(training)
        try:
            model, notes = new_model(kind, training, vec)
            learning = ModelLearning(kind, training, model, vec, notes)
            level = ""
            if training.demonstrations is not None:
                notes.append(str(training.demonstrations))
                if kind.off_policy:
                    fill(model, training.demonstrations)
            if training.initial is not None:
                _begin_with(model, vec, training)
            if training.kept is not None:
                level = learning.restore(training.kept)
            if not kind.off_policy:
                _tell_of_long_rollouts(training)
            watcher = _watcher(kind, learning, training)
            model.set_logger(_logger(training))
            left = training.steps - model.num_timesteps
            if left > 0:
                every = EPISODES_LOGGED if kind.off_policy else 1
                with _told_apart(kind, learning), _told_of_memory(training, torch):
                    model.learn(left, callback=watcher, reset_num_timesteps=False, log_interval=every)
            else:
                learning.begin()
            if not watcher.stopped:
                learning.settle()
            return Trained(learning, watcher.stopped, level, tuple(learning.notes))
        finally:
            with contextlib.suppress(Exception):  # of a worker that is dead already
                vec.close()


def _tell_of_long_rollouts(training: Training) -> None:
    """That the steps are over before the first rollout is: only a whole one is learnt from."""
    rollout = training.settings.get("n_steps", 0) * training.n_envs
    if rollout > training.steps:
        training.overseer.noticed(
            f"a rollout is n_steps={training.settings['n_steps']} in each of {training.n_envs} environments, "
            f"{rollout:,} steps in all; --set n_steps=N for several within {training.steps:,}"
        )


@contextlib.contextmanager
def _told_apart(kind: Kind, learning: ModelLearning) -> Iterator[None]:
    """What Stable-Baselines3 finds wrong only when it learns, and what comes of weights that are no numbers."""
    try:
        yield
    except Exception as error:
        learning.check_finite()  # the fault of whatever was asked to act or to learn with them is theirs
        if isinstance(error, ValueError) and NO_NUMBERS.search(str(error)):
            raise diverged(f"the network's answers are no numbers any more after {learning.steps:,} steps") from error
        if not isinstance(error, RuntimeError) or "before the end of the first episode" not in str(error):
            raise
        raise UsageError(
            f"{kind.name} draws goals from whole episodes, and none was over when it began to learn: "
            "--set learning_starts=N with N above the steps of an episode times the environments"
        ) from error


@contextlib.contextmanager
def _told_of_memory(training: Training, torch: Any) -> Iterator[None]:
    """That the device has no memory left, and what would take less."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        cures = [f"--set batch_size={size // 2}"] if (size := training.settings.get("batch_size", 0)) > 1 else []
        cures += [f"--n-envs {training.n_envs // 2}"] if training.n_envs > 1 else []
        cure = " or ".join([*cures, "--device cpu"])
        told = f"the device has no memory left: {error_line(error).rstrip('.')}; {cure} takes less, in a new training"
        raise DeviceFull(told, method="step", cause=error) from error


def _environments(training: Training) -> Any:
    from stable_baselines3.common.vec_env import DummyVecEnv, VecNormalize

    def maker(number: int) -> Callable[[], Monitored]:
        return lambda: Monitored(training.ref.make(), str(training.ref), number)

    vec: Any
    if training.batch:
        from envkit.deep.native import NativeVecEnv

        vec = NativeVecEnv(training.ref, training.n_envs)
    elif training.processes > 1:
        from envkit.deep.workers import WorkerVecEnv

        vec = WorkerVecEnv(training.ref, training.n_envs, training.processes, patience=training.step_timeout)
    else:
        vec = DummyVecEnv([maker(number) for number in range(training.n_envs)])
    if training.views:
        from envkit.deep.views import CLIP_REWARDS, LIFE_ENDS, ViewedVecEnv

        vec = ViewedVecEnv(vec, life_ends=LIFE_ENDS in training.views, clip_rewards=CLIP_REWARDS in training.views)
    if training.normalize:
        vec = VecNormalize(
            vec, norm_obs="observation" in training.normalize, norm_reward="reward" in training.normalize,
            gamma=training.settings.get("gamma", 0.99),
        )  # fmt: skip
    return vec


def _begin_with(model: Any, vec: Any, training: Training) -> None:
    """Takes over weights, and the scaling of observations where both have it."""
    assert training.initial is not None
    try:
        load_weights(model, training.initial)
    except (RuntimeError, KeyError) as error:
        raise ArtifactRefused(
            "the weights to begin with are of another network: give the --net-arch, --policy-class and --features of "
            f"their run, or none of them if it had none ({error_line(error)})"
        ) from error
    scaler = normalizing.of_arrays(training.initial)
    if scaler and "observation" in training.normalize:
        scaler.into(vec)


def _logger(training: Training) -> Any:
    from stable_baselines3.common.logger import KVWriter, Logger

    class Told(KVWriter):  # type: ignore[misc]
        def write(self, key_values: dict[str, Any], key_excluded: Any, step: int = 0) -> None:  # noqa: ARG002
            numbers = {key: value for key, value in key_values.items() if isinstance(value, int | float | np.number)}
            training.overseer.logged(step, {key: float(value) for key, value in numbers.items()})

        def close(self) -> None:
            pass

    return Logger(folder=None, output_formats=[Told()])


def _watcher(kind: Kind, learning: ModelLearning, training: Training) -> Any:
    from stable_baselines3.common.callbacks import BaseCallback

    class Watcher(BaseCallback):  # type: ignore[misc]
        """Tells the overseer, and hands its word back."""

        stopped = False  # and at rest: nothing more is taken in
        ending = False  # as soon as it is at rest

        def _on_training_start(self) -> None:
            learning.begin()

        def _on_rollout_start(self) -> None:
            learning.rest()
            self.stopped = not training.overseer.at_rest(learning) or self.ending
            if self.stopped:
                learning.settle()

        def _on_step(self) -> bool:
            if self.stopped:
                self.model.num_timesteps = learning.resting  # the step that was taken all the same does not count
                return False
            for number, info in enumerate(self.locals.get("infos", ())):
                if FAILURE in info:
                    raise EnvironmentFailed(info[FAILURE], method="step")
                episode = info.get("episode")
                if episode is not None:
                    success = info.get("is_success")
                    won = None if success is None else bool(success)
                    paid, own, length = float(episode["r"]), float(episode["own"]), int(episode["l"])
                    training.overseer.ended(Episode(learning.steps, number, paid, own, length, won))
            self.ending = not training.overseer.stepped(learning)
            self.stopped = self.ending and kind.long_rollouts  # others are at rest again in a few steps
            return not self.stopped

    return Watcher()
