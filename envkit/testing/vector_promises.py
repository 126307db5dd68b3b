"""What one answer of a vector environment promises, as functions that return the fault, or None.

Source: Gymnasium's `VectorEnv`, and what its `SyncVectorEnv` and `AsyncVectorEnv` do in each autoreset mode.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space

from envkit.check.acting.batches import parts
from envkit.check.judging.membership import why_outside
from envkit.core.compare import first_difference
from envkit.core.show import a, show
from envkit.testing.plain import NAMES, Fault

DEEPEST = 20  # of dicts within infos; one that holds itself has no end
FINAL = ("final_obs", "final_info")
Rows = npt.NDArray[np.bool_]  # [num_envs]


def made_fault(env: Any, count: int) -> Fault | None:
    """The number of copies, the spaces of one and of all, and the mode in which they are reset."""
    if getattr(env, "num_envs", None) != count:
        told = show(getattr(env, "num_envs", None))
        return Fault(f"num_envs is {told}, but {count} were asked for", f"assert env.num_envs == {count}")
    for name in ("observation_space", "action_space"):
        one, batch = getattr(env, f"single_{name}", None), getattr(env, name, None)
        if one is None or batch is None:
            lacking = f"single_{name}" if one is None else name
            return Fault(f"it has no {lacking}", f"assert env.{lacking} is not None")
        same = getattr(env.unwrapped, "observation_mode", "same") == "same"  # else each copy may have its own bounds
        if same and batch != batch_space(one, count):
            check = f"assert env.{name} == batch_space(env.single_{name}, {count})"
            return Fault(f"{name} is {show(batch)}, not {count} of {show(one)}", check)
    mode = env.metadata.get("autoreset_mode")
    if not isinstance(mode, AutoresetMode):
        text = f"metadata['autoreset_mode'] is {show(mode)}, not a gymnasium.vector.AutoresetMode"
        return Fault(text, "assert isinstance(env.metadata.get('autoreset_mode'), gymnasium.vector.AutoresetMode)")
    return None


def reset_fault(env: Any, answer: Any, before: Any, mask: Rows | None) -> Fault | None:
    """As of a single environment; and with a mask, that the other copies are left alone.

    Args:
      before: the observations that were handed out last.
    """
    if not isinstance(answer, tuple) or len(answer) != 2:
        return _parts_fault("reset", answer, 2)
    observation, info = answer
    fault = _observation_fault(env, observation) or infos_fault(info, env.num_envs)
    if fault or mask is None:
        return fault
    old, new = (parts(env.single_observation_space, batch, env.num_envs) for batch in (before, observation))
    for copy in np.flatnonzero(~mask).tolist():
        difference = first_difference(old[copy], new[copy], "observation")
        if difference:
            check = (
                f"assert envkit.testing.first_difference({row('before', env, copy)}, {row('observation', env, copy)})"
            )
            return Fault(f"copy {copy}, which was not to be reset, has changed: {difference}", f"{check} is None")
    return None


def step_fault(env: Any, answer: Any, over: Rows) -> Fault | None:
    """Five batches; what the autoreset mode says of copies whose episode ends, and of those that ended before.

    Args:
      over: the copies whose last step ended their episode.
    """
    if not isinstance(answer, tuple) or len(answer) != 5:
        return _parts_fault("step", answer, 5)
    observation, reward, terminated, truncated, info = answer
    fault = (
        _observation_fault(env, observation)
        or _batch_fault("reward", reward, env.num_envs, "fiu", "numbers")
        or _batch_fault("terminated", terminated, env.num_envs, "b", "bools")
        or _batch_fault("truncated", truncated, env.num_envs, "b", "bools")
        or infos_fault(info, env.num_envs)
    )
    if fault:
        return fault
    if not np.isfinite(reward).all():
        return Fault(f"reward is {show(reward)}, not finite numbers", "assert np.isfinite(reward).all()")
    if env.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP and over.any():
        for name, values in (("reward", reward), ("terminated", terminated), ("truncated", truncated)):
            if values[over].any():
                copy = int(np.flatnonzero(over & (values != 0))[0])
                text = f"copy {copy} was reset in this step, but {name} is {show(values[copy])}"
                return Fault(text, f"assert not {name}[{copy}]")
    if env.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP:
        return _final_fault(env, observation, terminated | truncated, info)
    return None


def _final_fault(env: Any, observation: Any, ended: Rows, info: dict[str, Any]) -> Fault | None:
    """In the mode SAME_STEP: the last observation and info of the episodes that ended, and of no others."""
    for key in FINAL:
        mask = info.get(f"_{key}", np.zeros(len(ended), bool))
        if not np.array_equal(mask, ended):
            told = f"is {show(info[f'_{key}'])}" if f"_{key}" in info else "is missing"
            text = f"the copies whose episode ended are {show(ended)}, but info['_{key}'] {told}"
            return Fault(text, f"assert info.get('_{key}', np.zeros({len(ended)}, bool)).tolist() == {ended.tolist()}")
        if ended.any() and key not in info:
            return Fault(f"info['{key}'] is missing where an episode ended", f"assert '{key}' in info")
    if not ended.any():
        return None
    for copy in np.flatnonzero(ended).tolist():
        last = info["final_obs"][copy]
        why = why_outside(env.single_observation_space, last, f"info['final_obs'][{copy}]")
        if why:
            check = f"why_outside(env.single_observation_space, info['final_obs'][{copy}]) is None"
            return Fault(why, f"assert envkit.testing.{check}")
        if isinstance(last, np.ndarray) and isinstance(observation, np.ndarray) and np.shares_memory(last, observation):
            text = f"info['final_obs'][{copy}] is a view of the observation, which is that of the next episode"
            return Fault(text, f"assert not np.shares_memory(info['final_obs'][{copy}], observation)")
    return None


def infos_fault(info: Any, count: int, name: str = "info") -> Fault | None:
    """Every value has an entry a copy, and every mask, `_key`, one bool a copy. Without a mask it is for all copies."""
    if not isinstance(info, dict):
        text = f"{name} is {a(type(info).__name__)}, {show(info)}, not a dict of batches"
        return Fault(text, f"assert isinstance({name}, dict)")
    for key, value in info.items():
        place = f"{name}[{key!r}]"
        is_mask = isinstance(key, str) and key.startswith("_") and key[1:] in info
        if is_mask and not (isinstance(value, np.ndarray) and value.shape == (count,) and value.dtype == bool):
            text = f"{place}, the mask of {key[1:]!r}, is {show(value)}, not one bool a copy"
            return Fault(text, f"assert {place}.shape == ({count},) and {place}.dtype == bool")
        if isinstance(value, dict) and place.count("[") > DEEPEST:
            return Fault(f"info is nested more than {DEEPEST} deep", f"assert {place} is None")
        if isinstance(value, dict):
            fault = infos_fault(value, count, place)
            if fault:
                return fault
        elif not hasattr(value, "__len__") or isinstance(value, str) or len(value) != count:
            return Fault(f"{place} is {show(value)}, not one entry a copy", f"assert len({place}) == {count}")
    return None


def row(name: str, env: Any, copy: int) -> str:
    """Python for one copy's part of a batch of observations."""
    space = env.observation_space
    plain = type(space).__name__ in ("Box", "MultiDiscrete", "MultiBinary", "Discrete")
    return f"{name}[{copy}]" if plain else f"list(iterate(env.observation_space, {name}))[{copy}]"


def _observation_fault(env: Any, observation: Any) -> Fault | None:
    why = why_outside(env.observation_space, observation)
    check = "assert envkit.testing.why_outside(env.observation_space, observation) is None"
    return Fault(why, check) if why else None


def _batch_fault(name: str, values: Any, count: int, kinds: str, noun: str) -> Fault | None:
    if not isinstance(values, np.ndarray):
        text = f"{name} is {a(type(values).__name__)}, {show(values)}, not an array of {count} {noun}"
        return Fault(text, f"assert isinstance({name}, np.ndarray)")
    if values.shape != (count,):
        return Fault(f"{name} has shape {values.shape}, not ({count},)", f"assert {name}.shape == ({count},)")
    if values.dtype.kind not in kinds:
        return Fault(f"{name} is an array of {values.dtype}, not of {noun}", f"assert {name}.dtype.kind in {kinds!r}")
    return None


def _parts_fault(method: str, answer: Any, count: int) -> Fault:
    told = f"{len(answer)} parts" if isinstance(answer, tuple) else f"{a(type(answer).__name__)}, {show(answer)}"
    text = f"{method} returned {told}, not the {count} parts ({NAMES[method]})"
    return Fault(text, f"assert isinstance(answer, tuple) and len(answer) == {count}", "answer")
