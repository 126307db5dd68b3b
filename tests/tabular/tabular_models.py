"""Small models with known answers, for the tests of this folder."""

from dataclasses import replace

import numpy as np

from envkit.core.mdp import MDP, Outcome


def build(outcomes, num_actions, *, start=0, horizon=None, states=()):
    """A model from `outcomes`: {state: {action: [(probability, next state, reward, terminated), ...]}}."""
    return MDP.from_outcomes(
        [(1.0, start)],
        lambda state, action: [Outcome(*outcome) for outcome in outcomes.get(state, {}).get(action, ())],
        num_actions,
        horizon=horizon,
        states=states,
    )


def loop(reward, *, horizon=None):
    """One state, one action, paid for ever."""
    return build({0: {0: [(1.0, 0, reward, False)]}}, 1, horizon=horizon)


def waiting(*, wait=0.0, leave=1.0):
    """Action 0 waits in state 0; action 1 goes to state 1, from where every action ends the episode and pays `leave`."""
    end = [(1.0, 1, leave, True)]
    return build({0: {0: [(1.0, 0, wait, False)], 1: [(1.0, 1, 0.0, False)]}, 1: {0: end, 1: end}}, 2)


def chain_of(rewards, *, names=(), missing=None):
    """One state after the other, each left with its reward; the last one ends it.

    Args:
      names: of the states; their one action is called go then.
      missing: a (state, action) that is not available, the actions being two then.
    """
    last, actions = len(rewards) - 1, 2 if missing else 1
    ways = {
        state: {
            a: [(1.0, min(state + 1, last), reward, state == last)] for a in range(actions) if (state, a) != missing
        }
        for state, reward in enumerate(rewards)
    }
    mdp = build(ways, actions, states=range(len(rewards)))
    return replace(mdp, state_names=names, action_names=("go",)) if names else mdp


def three_states(*, horizon=None):
    """Three states and three actions, some unavailable: the example of Géron (2019), chapter 18."""
    return build(
        {
            0: {
                0: [(0.7, 0, 10.0, False), (0.3, 1, 0.0, False)],
                1: [(1.0, 0, 0.0, False)],
                2: [(0.8, 0, 0.0, False), (0.2, 1, 0.0, False)],
            },
            1: {0: [(1.0, 1, 0.0, False)], 2: [(1.0, 2, -50.0, False)]},
            2: {1: [(0.8, 0, 40.0, False), (0.1, 1, 0.0, False), (0.1, 2, 0.0, False)]},
        },
        3,
        horizon=horizon,
        states=(0, 1, 2),
    )


def shower(noise="none"):
    """Sixty seconds at a tap: start at 38 plus -3..3, colder, hold or warmer, +1 within 37..39, else -1."""

    def outcomes(temperature, action):
        turned = temperature + action - 1
        for drift in (0,) if noise == "none" else (-1, 0, 1):
            after = min(max(turned + drift, -30), 110)
            judged = after if noise == "before" else turned
            yield Outcome(1.0 if noise == "none" else 1 / 3, after, 1.0 if 37 <= judged <= 39 else -1.0)

    return MDP.from_outcomes([(1 / 7, 38 + spread) for spread in range(-3, 4)], outcomes, 3, horizon=60)


def teleport_grid(*, horizon=200, slip=0.0, size=9):
    """A grid from its first to its last cell, -1 a step and 0 at the goal, with the jumps 18 -> 54 and 63 -> 14."""
    moves, goal, jumps = ((-1, 0), (0, 1), (1, 0), (0, -1)), size * size - 1, {18: 54, 63: 14}

    def outcomes(cell, action):
        for turn, chance in ((0, 1 - slip), (1, slip / 2), (-1, slip / 2)):
            if chance:
                down, right = moves[(action + turn) % 4]
                row, column = (
                    min(max(at + by, 0), size - 1) for at, by in zip(divmod(cell, size), (down, right), strict=True)
                )
                cell_after = jumps.get(row * size + column, row * size + column)
                yield Outcome(chance, cell_after, 0.0 if cell_after == goal else -1.0, cell_after == goal)

    return MDP.from_outcomes([(1.0, 0)], outcomes, 4, states=range(size * size), horizon=horizon)


def random_model(seed, *, states=6, actions=3, horizon=None, ending=0.1):
    """Anything at all; every outcome ends the episode with probability `ending`."""
    rng = np.random.default_rng(seed)
    shape = (states, actions, 3)
    probability = rng.dirichlet(np.ones(3), (states, actions))
    available = rng.random((states, actions)) < 0.8
    available[:, 0] = True
    terminated = rng.random(shape) < ending
    terminated[0, :, 0] = True  # from everywhere there is some way out
    next_state = rng.integers(states, size=shape)
    next_state[:, :, 0] = 0
    return MDP(
        next_state, probability, rng.normal(size=shape), terminated, available, np.full(states, 1 / states), horizon
    )
