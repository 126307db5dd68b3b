"""GridWorld, 9 x 9 with two teleporters, by Q-learning: how soon the greedy policy is worth -11, and stays so.

The tutorial plays 50,000 episodes and says that it has converged after 25,000, when exploring ends. Here the exact
return of the greedy policy is looked at after n episodes, for many n. A run of n episodes is the beginning of every
longer one of the same seed, bit for bit, as long as no schedule depends on how long the whole is; therefore epsilon is
written as linear(1, 0, 25000), which of 50,000 episodes is the tutorial's, and not as a share. So "from n on" means:
the policy after n episodes is optimal, and after each later number that was looked at, up to the last. Those are all
numbers up to 300 where nothing is explored and the step size is 1 (when the first action of equals is taken, and with
equals taken at random), and else every 100 up to 3,000 and every 1,000 up to 50,000.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import envkit
from envkit.core.model import model_of
from envkit.core.policy import TablePolicy
from envkit.core.ref import EnvRef
from envkit.core.settings import settled
from envkit.tabular.exact import policy_return
from envkit.tabular.solver import Problem
from envkit.workflows.algorithms import find_solver as find
from systems.learning import learn, side_by_side
from systems.row import Row, same

SYSTEM, OPTIMUM = "GridWorld 9 x 9", -11.0
EAGER = {"step_size": 1, "discount": 1, "epsilon": 0}
TUTORIAL = {"step_size": 0.1, "discount": 1, "epsilon": "linear(1, 0, 25000)"}
EACH = tuple(range(1, 301))
SOME = (*range(100, 3_001, 100), *range(4_000, 50_001, 1_000))
LATEST = {"eager": 300, "tutorial": 25_000}  # episodes after which the policy has to be optimal for good


def rows(seeds: int) -> Iterator[Row]:
    planned = envkit.solve("gridworld", "breadth-first", run_dir=False, eval_episodes=1).exact
    best = float(planned.policy_return or 0) if planned else 0.0
    yield Row(SYSTEM, "breadth-first search", "", (best,), "-11", "exact", best == OPTIMUM)
    told: dict[str, Any] = {**TUTORIAL, "epsilon": "linear(1, 0, 50%)"}
    found, _ = learn("gridworld", "qlearning", seeds=seeds, episodes=50_000, **told)
    returns = tuple(found.returns)
    method = "Q-learning, step size 0.1, discount 1, epsilon linear(1, 0, 50%), 50,000 episodes"
    yield Row(SYSTEM, method, "-11", returns, "-11", "exact in each seed", same(returns, OPTIMUM))
    for ties, count in (("first", 1), ("random", seeds)):
        since = tuple(side_by_side(optimal_since, [(seed, EACH, {**EAGER, "ties": ties}) for seed in range(count)]))
        method = f"the same, step size 1, epsilon 0, {ties} of equals: optimal from episode"
        yield Row(SYSTEM, method, "25,000", since, "", f"{LATEST['eager']} at most", max(since) <= LATEST["eager"])
    since = tuple(side_by_side(optimal_since, [(seed, SOME, TUTORIAL) for seed in range(seeds)]))
    method = "the same, the tutorial's settings: optimal from episode"
    yield Row(SYSTEM, method, "25,000", since, "", "below 25,000", max(since) < LATEST["tutorial"])


def optimal_since(seed: int, counts: Sequence[int], told: dict[str, Any]) -> float:
    """The first number of episodes from which on the greedy policy is optimal; infinite if it is not at last."""
    env, solver, since = EnvRef.of("gridworld").make(), find("qlearning"), float("inf")
    model = model_of(env)
    assert model is not None
    for episodes in counts:
        settings = settled(solver.settings, told)
        policy = solver.solve(Problem(SYSTEM, model, env, seed, episodes, settings, engine="compiled")).policy
        assert isinstance(policy, TablePolicy)
        optimal = policy_return(model.mdp, policy.action) == OPTIMUM
        since = min(since, episodes) if optimal else float("inf")
    return since
