"""Value iteration: apply Bellman's equation to all states, again and again.

    V(s) <- max_a [R(s, a) + discount sum_s' P(s' | s, a) V(s')]

`order` says how a sweep goes: `jacobi` computes all new values from the old ones, as textbooks state it; `gauss-seidel`
uses each new value at once, and sweeps forwards and backwards in turn, which needs fewer sweeps. Both stop when the
bound on how far the values may be from the optimum, which is told, is at most `tolerance`: with the largest change d of
a sweep it is d * discount / (1 - discount), or at discount 1 the distance from policy iteration's exact totals
(`envkit.tabular.sweeping`). Both start from below, so that no value is ever too high.

Source: Bellman (1957); Puterman, Markov Decision Processes (1994), sections 6.3.1 to 6.3.3.
"""

import numpy as np

from envkit.core.settings import Setting
from envkit.tabular.bellman import action_values
from envkit.tabular.kernels import sweep
from envkit.tabular.sweeping import Task, planner


def value_iteration(task: Task) -> int:
    return (jacobi if task.settings.get("order") == "jacobi" else gauss_seidel)(task)


def jacobi(task: Task) -> int:
    for count in range(1, task.most + 1):
        after = action_values(task.mdp, task.value, task.discount).max(axis=1)
        change = float(np.abs(after - task.value).max())
        task.value = after
        if task.done(change):
            return count
    return task.most


def gauss_seidel(task: Task) -> int:
    value = task.value if task.compiled else task.value.tolist()
    swept = task.run(sweep)
    count = 0
    while count < task.most:
        change = float(swept(task.flat, value, count % 2 == 1))
        task.value, count = np.asarray(value), count + 1
        if task.done(change):
            break
    return count


SOLVER = planner(
    "value-iteration",
    "value iteration: exact planning by sweeps over the model",
    value_iteration,
    Setting("order", "gauss-seidel", "how a sweep goes through the states", choices=("gauss-seidel", "jacobi")),
)
