"""Modified policy iteration: improve the policy once, follow it for some sweeps, and again.

Following looks at one action of each state instead of all, so its sweeps are cheaper by the number of actions; how many
(`evaluations`) trades them against improvements. With 0 it is value iteration, with endlessly many policy iteration.
From
below the values rise to the optimum without ever passing it, whatever the number, and the bound is that of value
iteration:
it is taken from the sweeps that improve.

Source: Puterman and Shin (1978); Puterman, Markov Decision Processes (1994), section 6.5.
"""

import numpy as np

from envkit.core.settings import Setting
from envkit.tabular.kernels import follow, improve
from envkit.tabular.sweeping import Task, planner


def modified_policy_iteration(task: Task) -> int:
    value = task.value if task.compiled else task.value.tolist()
    action = np.zeros(len(value), np.int64) if task.compiled else [0] * len(value)
    improved, followed = task.run(improve), task.run(follow)
    count, rounds = 0, 0
    while count < task.most:
        change = float(improved(task.flat, value, action, rounds % 2 == 1))
        task.value, count, rounds = np.asarray(value), count + 1, rounds + 1
        if task.done(change):
            break
        for number in range(min(task.settings.get("evaluations", 10), task.most - count)):
            count += 1
            if followed(task.flat, value, action, (rounds + number) % 2 == 1) <= change / 100:  # it is all but settled
                break
    return count


SOLVER = planner(
    "modified-policy-iteration",
    "modified policy iteration: improves a policy, follows it for a while, and again",
    modified_policy_iteration,
    Setting("evaluations", 10, "sweeps for which each policy is followed", 0, 10_000, whole=True),
)
