"""Playing several copies of an environment at once, as vector environments do, and telling their calls apart again.

Every copy has its own seed and its own actions, which it takes one after the other; when its episode ends it is reset
without a seed and goes on. So a copy does the same calls whatever the vector environment is and whenever it resets,
and they can be compared with those of an instance alone.
"""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space, concatenate, create_empty_array, iterate

from envkit.check.subject import Driver, copied
from envkit.core.trace import Call, is_true, literal

ARRAYS = (spaces.Box, spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)
NEXT, SAME, NEVER = AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP, AutoresetMode.DISABLED

Seen = list[tuple[int, Call]]  # which copy, and what it was asked and gave, as far as the batch tells


@dataclass(frozen=True)
class Plan:
    """What the copies play.

    Args:
      seeds, scripts: of each copy.
      steps: how many steps the vector environment takes.
      action_space, observation_space: of one instance.
    """

    seeds: tuple[int, ...]
    scripts: tuple[tuple[Any, ...], ...]
    steps: int
    action_space: spaces.Space[Any]
    observation_space: spaces.Space[Any]

    def of(self, *copies: int) -> "Plan":
        """The same for some of the copies."""
        seeds = tuple(self.seeds[i] for i in copies)
        return Plan(
            seeds, tuple(self.scripts[i] for i in copies), self.steps, self.action_space, self.observation_space
        )

    def batch(self, actions: Sequence[Any]) -> Any:
        """As a vector environment takes them."""
        return batched(self.action_space, actions)


def batched(space: spaces.Space[Any], values: Sequence[Any]) -> Any:
    """Values of a space as vector environments hold them: in one array, where there are arrays for it."""
    return concatenate(space, copy.deepcopy(list(values)), create_empty_array(space, n=len(values)))  # type: ignore[arg-type]


def parts(space: spaces.Space[Any], batch: Any, count: int) -> list[Any]:
    """The values again, each a copy."""
    if isinstance(space, ARRAYS):
        return [copied(row) for row in batch]  # the space of the batch, which takes longest to make, would say no more
    return [copied(part) for part in iterate(batch_space(space, count), batch)]


def through_a_batch(space: spaces.Space[Any], value: Any) -> Any:
    """What becomes of a value in a batch: it takes on the dtype and the shape of the space."""
    return parts(space, batched(space, [value]), 1)[0]


def supported(space: spaces.Space[Any]) -> bool:
    """Whether Gymnasium's vector environments can hold values of the space, and tell that two instances have the same.

    Spaces of one's own often are not: that is no fault of an environment.
    """
    try:
        twin = copy.deepcopy(space)
        twin.seed(0)
        values = [twin.sample(), twin.sample()]
        found = parts(space, batched(space, values), 2)
        return bool(twin == space) and len(found) == 2 and all(space.contains(value) for value in found)
    except Exception:  # noqa: BLE001 - whatever a foreign space raises
        return False


def all_arrays(space: spaces.Space[Any]) -> bool:
    """Whether its values are arrays, or tuples and dictionaries of arrays."""
    if isinstance(space, spaces.Dict):
        return all(map(all_arrays, space.values()))
    if isinstance(space, spaces.Tuple):
        return all(map(all_arrays, space))
    return isinstance(space, ARRAYS)


def driven(vector: Any, mode: AutoresetMode, plan: Plan) -> Iterator[tuple[str, Seen]]:
    """What is about to be asked, as Python, with nothing seen; then the same with what was seen.

    Args:
      vector: has reset(seed=..., options=...) and step(actions) as Gymnasium's VectorEnv has.
    """
    count = len(plan.seeds)
    waiting = [iter(script) for script in plan.scripts]
    over = np.zeros(count, bool)
    asked = f"reset(seed={list(plan.seeds)})"
    yield asked, []
    observations, _ = vector.reset(seed=list(plan.seeds))
    yield asked, _resets(plan, observations, range(count), plan.seeds)
    for _ in range(plan.steps):
        if mode is NEVER and over.any():
            asked = f"reset(options={{'reset_mask': np.array({over.tolist()})}})"
            yield asked, []
            observations, _ = vector.reset(options={"reset_mask": over.copy()})
            yield asked, _resets(plan, observations, np.flatnonzero(over))
            over[:] = False
        stepping = [not over[i] for i in range(count)]
        actions = [next(waiting[i]) if stepping[i] else plan.scripts[i][0] for i in range(count)]
        batch = plan.batch(actions)
        asked = f"step({literal(batch)})"
        yield asked, []
        result = vector.step(batch)
        yield asked, _steps(plan, mode, actions, stepping, result)
        over = (np.asarray(result[2]) | np.asarray(result[3])) if mode is not SAME else over


def _resets(plan: Plan, observations: Any, copies: Any, seeds: Sequence[int] | None = None) -> Seen:
    values = parts(plan.observation_space, observations, len(plan.seeds))
    return [(int(i), Call("reset", {"seed": seeds[i] if seeds else None}, copy=(values[i], {}))) for i in copies]


def _steps(plan: Plan, mode: AutoresetMode, actions: Sequence[Any], stepping: Sequence[bool], result: Any) -> Seen:
    observations, rewards, terminations, truncations, infos = result
    values = parts(plan.observation_space, observations, len(actions))
    seen: Seen = []
    for i, action in enumerate(actions):
        if not stepping[i]:
            seen.append((i, Call("reset", {"seed": None}, copy=(values[i], {}))))
            continue
        flags = bool(terminations[i]), bool(truncations[i])
        last = through_a_batch(plan.observation_space, infos["final_obs"][i]) if mode is SAME and any(flags) else None
        given = values[i] if last is None else last
        seen.append((i, Call("step", {"action": action}, copy=(given, float(rewards[i]), *flags, {}))))
        if last is not None:
            seen.append((i, Call("reset", {"seed": None}, copy=(values[i], {}))))
    return seen


def as_batched(calls: Sequence[Call], space: spaces.Space[Any]) -> tuple[Call, ...]:
    """The calls of an instance alone as a vector environment would have told them."""
    return tuple(_as_batched(call, space) for call in calls)


def _as_batched(call: Call, space: spaces.Space[Any]) -> Call:
    if call.error is not None or not isinstance(call.copy, tuple):
        return call
    observation, *rest = call.copy
    try:
        held = through_a_batch(space, observation)
        told: tuple[Any, ...] = (held,)
        told += (float(rest[0]), bool(rest[1]), bool(rest[2]), {}) if len(rest) == 4 else ({},)
    except Exception:  # noqa: BLE001 - it is of another form than declared, and other rules say so
        return call
    return Call(call.method, call.arguments, copy=told)


class Watched(gymnasium.Wrapper[Any, Any, Any, Any]):
    """A copy of which every call is recorded, with what it was given."""

    def __init__(self, driver: Driver):
        super().__init__(driver.env)
        self.driver = driver

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        self.driver.ended, self.driver.steps = False, 0
        arguments = {"seed": seed, "options": copy.deepcopy(options)}
        return _result(self.driver.call("reset", arguments, lambda: self.env.reset(seed=seed, options=options)))

    def step(self, action: Any) -> Any:
        return _result(self.driver.step(action, lend=True))

    def close(self) -> None:
        self.driver.finish()


def _result(call: Call) -> Any:
    if call.error is not None:
        raise call.error
    return call.result


def known_endings(drivers: Sequence[Driver], most: int) -> dict[int, tuple[int, tuple[Any, ...]]]:
    """For the first copy the shortest episode on record that terminates, for the second one that is truncated."""
    best: dict[int, tuple[int, tuple[Any, ...]]] = {}
    for driver in drivers:
        calls: list[Call] = []
        for call in driver.calls:
            if call.method == "reset":
                calls = [call]
            elif call.method == "step" and calls:
                calls.append(call)
            seed = calls[0].arguments.get("seed") if calls else None
            if seed is None or not is_end(call) or len(calls) > most + 1:
                continue
            copy = 0 if is_true(call.copy[2]) else 1
            if copy not in best or len(calls) - 1 < len(best[copy][1]):
                best[copy] = seed, tuple(step.arguments["action"] for step in calls[1:])
            calls = []
    return best


def is_end(call: Call) -> bool:
    """Whether it is a step that ended its episode."""
    result = call.copy
    is_step = call.method == "step" and isinstance(result, tuple) and len(result) == 5
    return is_step and (is_true(result[2]) or is_true(result[3]))


def play_on(driver: Driver, seed: int, actions: Sequence[Any]) -> list[Call]:
    """The steps that could be taken; after an end the instance is reset without a seed."""
    steps: list[Call] = []
    if driver.ok:
        driver.reset(seed=seed)
    for action in actions:
        if driver.ended and driver.ok:
            driver.reset()
        if not driver.playing:
            break
        call = driver.step(action)
        if call.error is None:
            steps.append(call)
    return steps
