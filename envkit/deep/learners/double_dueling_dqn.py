"""Double and dueling deep Q-learning together (Wang and others, 2016, arXiv:1511.06581), on Stable-Baselines3's DQN.

The network that learns picks the next action, the target network values it, and both say the state's value and each
action's advantage apart. With `replay=prioritized` it is what most improvements since build on. Otherwise as dqn.
"""

from envkit.core.settings import names
from envkit.deep import off_policy
from envkit.deep.learners.dqn import OWN, SETTINGS
from envkit.deep.sb3 import learner

LEARNER = learner(
    off_policy.exploring_kind("double-dueling-dqn", f"{off_policy.OURS}:DoubleDuelingDQN", names(OWN)),
    "double dueling deep Q-learning: both at once",
    SETTINGS,
    off_policy.discrete_refusal,
)
