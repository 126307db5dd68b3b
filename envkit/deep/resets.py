"""Whether the environments of a batch can be reset one by one.

Stable-Baselines3 wants the first observation of the next episode together with the last reward of the one before. A
batch that resets in the next step (NEXT_STEP) does not know it yet, and one that never resets (DISABLED) never will;
both are exact all the same where `reset(options={"reset_mask": mask})` resets those environments and no other. What
Gymnasium's own batches do is known, and a batch that never resets by itself has to offer it. Anything else is tried,
for a batch may as well ignore the mask and reset everything.

Source: https://farama.org/Vector-Autoreset-Mode
"""

import copy
from typing import Any

import numpy as np
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv, VectorEnv

TRIAL_STEPS = 3


def autoreset_mode(env: VectorEnv[Any, Any, Any]) -> AutoresetMode:
    """What the batch declares; NEXT_STEP, Gymnasium's default, where it declares nothing."""
    declared = env.metadata.get("autoreset_mode", AutoresetMode.NEXT_STEP)
    return declared if isinstance(declared, AutoresetMode) else AutoresetMode(declared)


def resets_one_by_one(env: VectorEnv[Any, Any, Any]) -> bool:
    """Whether a masked reset leaves the others alone; a batch of an unknown kind is reset and stepped to find out."""
    if env.num_envs == 1 or autoreset_mode(env) == AutoresetMode.DISABLED:
        return True
    if isinstance(env, SyncVectorEnv):
        return True
    if isinstance(env, AsyncVectorEnv):
        return bool(env.shared_memory)  # without, its workers reset once more in the step that follows
    return _tried(env)


def _tried(env: VectorEnv[Any, Any, Any]) -> bool:
    """Resets the first environment only, after some steps, and looks whether the others stay where they are."""
    actions = copy.deepcopy(env.action_space)
    actions.seed(0)
    first, _ = env.reset(seed=0)
    before = first
    for _ in range(TRIAL_STEPS):
        before, *_ = env.step(actions.sample())
    if _same_others(first, before):
        return False  # nothing moves, so nothing can be told
    before = copy.deepcopy(before)
    mask = np.arange(env.num_envs) == 0
    try:
        after, _ = env.reset(options={"reset_mask": mask})
    except Exception:  # noqa: BLE001 - whatever it does not like, it does not do it
        return False
    return _same_others(before, after)


def _same_others(before: Any, after: Any) -> bool:
    """Whether all environments but the first one show the same."""
    if isinstance(before, dict):
        return all(_same_others(part, after[key]) for key, part in before.items())
    return np.array_equal(np.asarray(before)[1:], np.asarray(after)[1:])
