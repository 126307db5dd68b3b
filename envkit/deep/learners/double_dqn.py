"""Double deep Q-learning (van Hasselt and others, 2016, arXiv:1509.06461), on Stable-Baselines3's DQN.

The network that learns picks the next action, and the target network values it: the maximum over one network's errors
is always too high, and that of two networks far less so. Otherwise as dqn.
"""

from envkit.core.settings import names
from envkit.deep import off_policy
from envkit.deep.learners.dqn import OWN, SETTINGS
from envkit.deep.sb3 import learner

LEARNER = learner(
    off_policy.exploring_kind("double-dqn", f"{off_policy.OURS}:DoubleDQN", names(OWN)),
    "double deep Q-learning: one network picks the next action, the other values it",
    SETTINGS,
    off_policy.discrete_refusal,
)
