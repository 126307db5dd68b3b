"""Q-learning on the 9 x 9 grid with teleporters: the kit against the same loop in tutorial style.

50,000 episodes, step size 0.1, discount 1, epsilon falling from 1 by 2/50,000 an episode. Both sides are whole and in
process; the kit's is warm: numba is imported and its cache filled by a run before. The tutorial's keeps Q in a dict of
(state, action), looks for the best action with np.argmax over a list, and draws with np.random. Of equal actions both
take the first, as np.argmax does.

    python benchmarks/qlearning.py

Ends with exit code 1 where the ratio is below the bar, or a greedy policy is not worth the optimum.
"""

import statistics
import sys
import time

import gymnasium
import numpy as np

import envkit
from envkit.core.model import model_of
from envkit.core.policy import TablePolicy
from envkit.core.ref import EnvRef
from envkit.tabular.exact import policy_return
from envkit.tabular.settings import settled
from envkit.tabular.solver import Problem, find

EPISODES = 50_000
BAR = 500
OPTIMUM = -11.0
REPEATS = 5


def by_the_kit(seed: int) -> tuple[float, int, float]:
    """(seconds, updates, exact return of the greedy policy)."""
    env = EnvRef.of("gridworld").make()
    model, solver = model_of(env), find("qlearning")
    told = {"step_size": 0.1, "discount": 1, "epsilon": "linear(1, 0, 50%)", "ties": "first"}
    started = time.perf_counter()
    result = solver.solve(
        Problem("gridworld", model, env, seed, EPISODES, settled(solver.settings, told), engine="compiled")
    )
    seconds = time.perf_counter() - started
    assert model is not None
    assert isinstance(result.policy, TablePolicy)
    return seconds, result.steps, policy_return(model.mdp, result.policy.action) or float("nan")


def best_action(q: dict[tuple[int, int], float], state: int, actions: list[int]) -> int:
    return actions[int(np.argmax([q[state, action] for action in actions]))]


def in_tutorial_style(env: "gymnasium.Env[int, int]") -> tuple[float, int, float]:
    """As `by_the_kit`."""
    np.random.seed(0)
    states, actions = range(81), [0, 1, 2, 3]
    q = {(state, action): 0.0 for state in states for action in actions}
    epsilon, updates = 1.0, 0
    started = time.perf_counter()
    for _ in range(EPISODES):
        state, _ = env.reset()
        over = False
        while not over:
            explores = np.random.random() < epsilon
            action = int(np.random.choice(actions)) if explores else best_action(q, state, actions)
            following, reward, terminated, truncated, _ = env.step(action)
            after = 0.0 if terminated else q[following, best_action(q, following, actions)]
            q[state, action] += 0.1 * (float(reward) + after - q[state, action])
            state, over = following, terminated or truncated
            updates += 1
        epsilon = max(epsilon - 2 / EPISODES, 0.0)
    seconds = time.perf_counter() - started
    policy = np.array([best_action(q, state, actions) for state in states])
    return seconds, updates, policy_return(envkit.mdp("gridworld"), policy) or float("nan")


def main() -> int:
    by_the_kit(seed=0)  # warms up
    runs = [by_the_kit(seed) for seed in range(REPEATS)]
    kit = statistics.median(seconds for seconds, _, _ in runs)
    worst = min(value for _, _, value in runs)
    each = statistics.median(seconds / updates for seconds, updates, _ in runs)
    print(f"the kit         {kit:7.3f} s, median of {REPEATS}  {1e9 * each:7.1f} ns an update  greedy return {worst:g}")
    seconds, updates, value = in_tutorial_style(EnvRef.of("gridworld").make())
    each = seconds / updates
    print(f"tutorial style  {seconds:7.3f} s, once         {1e9 * each:7.1f} ns an update  greedy return {value:g}")
    ratio = seconds / kit
    met = ratio >= BAR and value == worst == OPTIMUM
    print(f"ratio {ratio:.0f}, bar {BAR}: {'met' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
