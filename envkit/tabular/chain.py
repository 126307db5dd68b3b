"""What a policy earns: the Markov chain with rewards that it makes of a model, and the chain's exact values.

Without a time limit and without discounting a state's total is finite if the chain ends with certainty, or else comes
to rest where nothing is paid any more. Where it may run for ever while rewards go on, the total is +inf or -inf by the
sign of the average reward there, and nan if that is zero (the sum then swings and has no limit) or if both signs occur.

Source: Kemeny and Snell, Finite Markov Chains (1960), chapter III; Puterman (1994), section 5.1 and appendix A.
"""

from dataclasses import dataclass

import numpy as np

from envkit.core.mdp import MDP
from envkit.tabular.bellman import Actions, Floats, Mask, scale_of

DENSE = 600  # up to so many states a dense solve beats a sparse one, scipy's import included


@dataclass(frozen=True)
class Chain:
    """A Markov chain with rewards.

    Args:
      next_state: [S, K].
      continues: [S, K], the probability of each transition after which the episode goes on.
      reward: [S], expected.
    """

    next_state: Actions
    continues: Floats
    reward: Floats

    @classmethod
    def under(cls, mdp: MDP, action: Actions) -> "Chain":
        """The chain of a stationary policy, `action` [S]."""
        state = np.arange(mdp.num_states)
        return cls(mdp.next_state[state, action], mdp.continues[state, action], mdp.expected_reward[state, action])

    @classmethod
    def mixed(cls, mdp: MDP, chances: Floats) -> "Chain":
        """The chain of a stationary policy that takes each action with some probability, `chances` [S, A]."""
        states = mdp.num_states
        continues = (chances[:, :, None] * mdp.continues).reshape(states, -1)
        reward = np.einsum("sa,sa->s", chances, np.where(mdp.available, mdp.expected_reward, 0.0))
        return cls(mdp.next_state.reshape(states, -1), continues, reward)

    def step(self, value: Floats, discount: float = 1.0) -> Floats:
        """[S]: one backup of `value`."""
        following: Floats = np.einsum("sk,sk->s", self.continues, value[self.next_state])
        return self.reward + discount * following

    def push(self, weight: Floats) -> Floats:
        """[S]: where a distribution over the states has gone after one step; what has ended is gone."""
        moved = weight[:, None] * self.continues
        return np.bincount(self.next_state.ravel(), moved.ravel(), minlength=len(weight)).astype(np.float64)

    def discounted(self, discount: float) -> Floats:
        """[S]: the exact values under a discount below 1."""
        return self.solved(np.arange(len(self.reward)), self.reward, discount)

    def totals(self) -> Floats:
        """[S]: the undiscounted totals, with +inf, -inf and nan as told above."""
        size = len(self.reward)
        endless, verdict = np.zeros(size, bool), np.zeros(size)
        for members in self.endless_classes():
            endless[members] = True
            verdict[members] = self._verdict(members)
        rises, falls, swings = (
            self._may_reach(where) for where in (verdict == np.inf, verdict == -np.inf, np.isnan(verdict))
        )
        rest = np.flatnonzero(~(endless | rises | falls | swings))
        total = np.zeros(size)
        total[rest] = self.solved(rest, self.reward[rest], 1.0)
        total[rises], total[falls] = np.inf, -np.inf
        total[swings | (rises & falls)] = np.nan
        return total

    def duration(self) -> Floats:
        """[S]: the expected number of steps until the chain ends; inf where it may never do."""
        return Chain(self.next_state, self.continues, np.ones(len(self.reward))).totals()

    def transient(self) -> Mask:
        """bool [S]: the states that are in no set that is never left."""
        left = np.ones(len(self.reward), bool)
        for members in self.endless_classes():
            left[members] = False
        return left

    def visits(self, start: Floats, discount: float) -> Floats:
        """[S]: expected visits from a start distribution, each counted as discount^t; inf where they have no end."""
        reached = self._reached(start > 0)
        left = reached if discount < 1 else reached & self.transient()
        states = np.flatnonzero(left)
        found = np.where(reached & ~left, np.inf, 0.0)
        found[states] = self.solved(states, start[states], discount, backwards=True)
        return found

    def solved(self, states: Actions, reward: Floats, discount: float, *, backwards: bool = False) -> Floats:
        """The solution of v = reward + discount P v on `states`, all else being worth nothing.

        Args:
          backwards: of v = reward + discount v P instead.
        """
        if not len(states):
            return np.zeros(0)
        row, column, weight = self.edges(states, -discount)
        if backwards:
            row, column = column, row
        diagonal = np.arange(len(states))
        return _solve(
            np.append(row, diagonal), np.append(column, diagonal), np.append(weight, np.ones(len(states))), reward
        )

    def endless_classes(self) -> list[Actions]:
        """The sets of states that the chain never leaves once it is in them, and in which it never ends."""
        inside = ~self._may_reach(self.continues.sum(axis=1) < 1 - 1e-9)  # closed: nothing leads out of it
        if not inside.any():
            return []
        from scipy import sparse
        from scipy.sparse.csgraph import connected_components

        states = np.flatnonzero(inside)
        row, column, _ = self.edges(states, 1.0)
        graph = sparse.csr_array((np.ones(len(row)), (row, column)), shape=(len(states), len(states)))
        count, label = connected_components(graph, directed=True, connection="strong")
        closed = np.ones(count, bool)
        closed[label[row[label[row] != label[column]]]] = False
        groups = np.split(np.argsort(label, kind="stable"), np.cumsum(np.bincount(label, minlength=count))[:-1])
        return [states[groups[index]] for index in np.flatnonzero(closed)]

    def _verdict(self, members: Actions) -> float:
        """What running for ever in an endless class adds up to: by the sign of its average reward."""
        reward = self.reward[members]
        if not reward.any():
            return 0.0
        # How often each state is visited: often = often P, of which one equation gives way to sum(often) = 1.
        row, column, weight = self.edges(members, 1.0)
        diagonal, last = np.arange(len(members)), len(members) - 1
        row, column, weight = (
            np.append(column, diagonal),
            np.append(row, diagonal),
            np.append(weight, -np.ones(len(members))),
        )
        kept = row != last
        often = _solve(
            np.append(row[kept], np.full(len(members), last)),
            np.append(column[kept], diagonal),
            np.append(weight[kept], np.ones(len(members))),
            (diagonal == last).astype(float),
        )
        average = float(often @ reward)
        if abs(average) <= 1e-9 * scale_of(reward):
            return np.nan
        return np.inf if average > 0 else -np.inf

    def edges(self, states: Actions, factor: float) -> tuple[Actions, Actions, Floats]:
        """Row, column and weight of the transitions among `states`, which are numbered by their place in it."""
        place = np.full(len(self.reward), -1)
        place[states] = np.arange(len(states))
        row = np.repeat(np.arange(len(states)), self.next_state.shape[1])
        column, weight = place[self.next_state[states]].ravel(), factor * self.continues[states].ravel()
        inside = (column >= 0) & (weight != 0)
        return row[inside], column[inside], weight[inside]

    def _reached(self, starts: Mask) -> Mask:
        """bool [S]: the states into which the chain may come from `starts`, themselves included."""
        seen, frontier = starts, np.flatnonzero(starts)
        while len(frontier):
            following = np.zeros(len(seen), bool)
            following[self.next_state[frontier][self.continues[frontier] > 0]] = True
            frontier = np.flatnonzero(following & ~seen)
            seen = seen | following
        return seen

    def _may_reach(self, targets: Mask) -> Mask:
        """bool [S]: the states from which the chain may come into `targets`, themselves included."""
        reached = targets
        while True:
            more = reached | ((self.continues > 0) & reached[self.next_state]).any(axis=1)
            if np.array_equal(more, reached):
                return reached
            reached = more


def _solve(row: Actions, column: Actions, weight: Floats, right: Floats) -> Floats:
    """The solution x of A x = right, A given by its entries; those given twice are added."""
    size = len(right)
    if size <= DENSE:
        matrix = np.zeros((size, size))
        np.add.at(matrix, (row, column), weight)
        return np.asarray(np.linalg.solve(matrix, right))
    from scipy import sparse
    from scipy.sparse.linalg import spsolve

    return np.asarray(spsolve(sparse.csc_array((weight, (row, column)), shape=(size, size)), right))


def value_within(mdp: MDP, action: Actions, steps: int, discount: float = 1.0) -> Floats:
    """[S]: what the policy earns within `steps`; `action` is [S], or [T, S] with a row for each step of the clock."""
    value = np.zeros(mdp.num_states)
    if action.ndim == 1:
        chain = Chain.under(mdp, action)
        for _ in range(steps):
            after = chain.step(value, discount)
            if np.array_equal(after, value):
                break
            value = after
        return value
    for step in reversed(range(steps)):
        value = Chain.under(mdp, action[min(step, len(action) - 1)]).step(value, discount)
    return value
