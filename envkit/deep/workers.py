"""Environments in processes of their own, as Stable-Baselines3 wants them. None of them holds a training up.

Each process plays some of the environments one after another, all processes at once. One that dies, or does not answer
in time, ends the training with a word on which environments it played, what it was doing, and what became of it.
"""

import contextlib
import multiprocessing
import pickle
import signal
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

import numpy as np
import stable_baselines3 as sb3

from envkit.core.errors import EnvironmentFailed, UsageError
from envkit.core.ref import EnvRef
from envkit.core.show import error_line, show
from envkit.deep.worker import FAILED, work

STARTING = 120.0  # seconds to start a process and make its environments
CLOSING = 2.0  # seconds to end by itself


@dataclass
class Worker:
    """A process, and which environments it plays."""

    process: Any
    pipe: Connection
    places: range
    asked: tuple[Any, ...] = ("make",)

    @property
    def doing(self) -> str:
        """What it was asked last; put into words only when something has gone wrong."""
        name, *rest = self.asked
        if name == "make":
            return "being made"
        if name == "step":
            return f"in step, the actions being {show(rest[0].tolist())}"
        return f"in {name if name == 'reset' else rest[0]}()"

    @property
    def who(self) -> str:
        first, last = self.places[0], self.places[-1]
        return f"environment {first}" if first == last else f"environments {first} to {last}"

    def ask(self, *asked: Any) -> None:
        self.asked = asked
        try:
            self.pipe.send(asked)
        except OSError as error:
            raise EnvironmentFailed(self.end(), method="step") from error

    def answer(self, patience: float) -> Any:
        """Raises EnvironmentFailed where it fails, dies, or does not answer in time."""
        ready = wait([self.pipe, self.process.sentinel], patience)
        if not ready:
            self.process.kill()
            told = f"{self.who} did not answer within {patience:g} s, {self.doing}; its process was ended"
            raise EnvironmentFailed(told, method="step")
        try:
            kind, value = self.pipe.recv()
        except (EOFError, OSError) as error:
            raise EnvironmentFailed(self.end(), method="step") from error
        if kind == FAILED:
            raise EnvironmentFailed(str(value), method="step")
        return value

    def end(self) -> str:
        """How the process ended."""
        self.process.join(CLOSING)
        code = self.process.exitcode
        if code is None:
            how = "closed its pipe"
        elif code < 0:
            how = f"was killed by {signal.Signals(-code).name}"
        else:
            how = f"ended with exit code {code}"
        return f"the process of {self.who} {how}, {self.doing}"


class WorkerVecEnv(sb3.common.vec_env.VecEnv):  # type: ignore[misc]
    """The environments of a training, divided among processes."""

    def __init__(self, ref: EnvRef, n_envs: int, processes: int, *, patience: float):
        """
        Args:
          patience: seconds that a step or a reset of all environments of a process may take.

        Raises:
          EnvironmentFailed: they cannot be made.
        """
        self.patience = patience
        context = multiprocessing.get_context("spawn")
        parts = [part for part in np.array_split(np.arange(n_envs), processes) if len(part)]
        self.workers: list[Worker] = []
        try:
            for part in parts:
                ours, theirs = context.Pipe()
                places = range(int(part[0]), int(part[-1]) + 1)
                process = context.Process(target=work, args=(theirs, ref, places[0], len(places)), daemon=True)
                try:
                    process.start()
                except (pickle.PicklingError, AttributeError, TypeError) as error:
                    raise UsageError(
                        f"{ref} cannot be played in other processes, for they cannot make it by its name: "
                        f"{error_line(error)}; name its class as file.py:Class, or leave --processes out"
                    ) from error
                finally:
                    theirs.close()
                self.workers.append(Worker(process, ours, places))
            for worker in self.workers:
                worker.ask("make")
            spaces = [worker.answer(STARTING) for worker in self.workers]
        except BaseException:
            self.close()
            raise
        super().__init__(n_envs, *spaces[0])

    def reset(self) -> Any:
        for worker in self.workers:
            own = slice(worker.places.start, worker.places.stop)
            worker.ask("reset", self._seeds[own], self._options[own])
        answers = [worker.answer(self.patience) for worker in self.workers]
        self.reset_infos = [info for _, infos in answers for info in infos]
        self._reset_seeds()
        self._reset_options()
        return _joined([observations for observations, _ in answers])

    def step_async(self, actions: Any) -> None:
        for worker in self.workers:
            worker.ask("step", actions[worker.places.start : worker.places.stop])

    def step_wait(self) -> Any:
        answers = [worker.answer(self.patience) for worker in self.workers]
        observations = _joined([answer[0] for answer in answers])
        rewards = np.array([reward for answer in answers for reward in answer[1]], np.float32)
        ends = np.array([end for answer in answers for end in answer[2]], np.bool_)
        infos = [info for answer in answers for info in answer[3]]
        begun = [info for answer in answers for info in answer[4]]
        self.reset_infos = [new if end else old for old, new, end in zip(self.reset_infos, begun, ends, strict=True)]
        return observations, rewards, ends, infos

    def close(self) -> None:
        deadline = time.monotonic() + CLOSING
        for worker in self.workers:
            with contextlib.suppress(OSError):  # it is gone
                worker.pipe.send(("close",))
        for worker in self.workers:
            worker.process.join(max(deadline - time.monotonic(), 0))
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join(CLOSING)
            worker.pipe.close()
        self.workers = []

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        return self._asked(indices, "get", attr_name)

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        self._asked(indices, "set", attr_name, value)

    def env_method(self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> list[Any]:
        return self._asked(indices, "call", method_name, args, kwargs)

    def env_is_wrapped(self, wrapper_class: type, indices: Any = None) -> list[bool]:  # noqa: ARG002 - its interface
        return [False for _ in self._get_indices(indices)]

    def _asked(self, indices: Any, what: str, name: str, *more: Any) -> list[Any]:
        """The answers for these environments, in their order."""
        wanted: Sequence[int] = list(self._get_indices(indices))
        found: dict[int, Any] = {}
        for worker in self.workers:
            places = [number for number in worker.places if number in wanted]
            if places:
                own = [number - worker.places.start for number in places]
                worker.ask(what, name, own, *more)
                found |= dict(zip(places, worker.answer(self.patience) or [None] * len(places), strict=True))
        return [found[number] for number in wanted]


def _joined(parts: Iterable[Any]) -> Any:
    parts = list(parts)
    if isinstance(parts[0], dict):
        return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    return np.concatenate(parts)
