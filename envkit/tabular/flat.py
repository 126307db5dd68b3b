"""A finite model as the flat sequences of `loop.World`."""

from typing import Any

import numpy as np

from envkit.core.mdp import MDP
from envkit.tabular.loop import World


def flat_world(mdp: MDP, cap: int) -> World:
    """The model as arrays; an episode is cut off at its horizon, or after `cap` steps where it has none."""
    order = np.argsort(mdp.probability <= 0, axis=2, kind="stable")  # possible outcomes first
    next_state, probability, reward, terminated = (
        np.take_along_axis(array, order, axis=2).ravel()
        for array in (mdp.next_state, mdp.probability, mdp.reward, mdp.terminated)
    )
    shape = mdp.probability.shape
    count = np.maximum((mdp.probability > 0).sum(axis=2), 1)
    cumulative = probability.reshape(shape).cumsum(axis=2)
    cumulative[np.arange(shape[2]) >= count[:, :, None] - 1] = 2.0  # the last one takes what rounding leaves
    starts = np.flatnonzero(mdp.start > 0)
    start_cumulative = mdp.start[starts].cumsum()
    start_cumulative[-1] = 2.0
    masked = not mdp.available.all()
    choices = np.argsort(~mdp.available, axis=1, kind="stable").ravel() if masked else np.zeros(0)
    # States and actions without a sign cannot count from an array's end, as indices below 0 do in Python; the compiled
    # loop need not look into that then.
    return World(
        shape[2], count.ravel(), next_state.astype(np.uint32), cumulative.ravel(), reward, terminated,
        starts.astype(np.uint32), start_cumulative, mdp.horizon or cap, choices.astype(np.uint32),
        mdp.available.sum(axis=1),
    )  # fmt: skip


def as_lists(record: Any) -> Any:
    """The named tuple with its arrays as lists, which plain Python reads several times faster."""
    return type(record)(*(field.tolist() if isinstance(field, np.ndarray) else field for field in record))


def as_arrays(record: Any) -> Any:
    """The named tuple with its lists as arrays; an empty one holds floats."""
    return type(record)(*(np.array(field) if isinstance(field, list) else field for field in record))
