"""Dueling deep Q-learning (Wang and others, 2016, arXiv:1511.06581), on Stable-Baselines3's DQN.

The last layers say the state's value and each action's advantage apart: what all actions have in common is learnt from
each of them, which helps most where many actions do about the same. Otherwise as dqn.
"""

from envkit.core.settings import names
from envkit.deep import off_policy
from envkit.deep.learners.dqn import OWN, SETTINGS
from envkit.deep.sb3 import learner

LEARNER = learner(
    off_policy.exploring_kind("dueling-dqn", f"{off_policy.OURS}:DuelingDQN", names(OWN)),
    "dueling deep Q-learning: value and advantages are said apart",
    SETTINGS,
    off_policy.discrete_refusal,
)
