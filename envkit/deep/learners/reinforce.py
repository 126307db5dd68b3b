"""REINFORCE (Williams, 1992, Machine Learning 8), of our own: `envkit.deep.policy_gradient` has it to read.

Whole episodes are played, and each action is made likelier by the discounted return that followed it. The simplest
policy gradient there is: it takes any kind of action, and its steps are few and noisy, which a baseline and scaled
returns do much about.
"""

from envkit.core.settings import Setting, names
from envkit.deep import network, on_policy
from envkit.deep.building import Kind
from envkit.deep.sb3 import learner

OWN = (
    Setting("learning_rate", 1e-2, "the optimiser's step size", 0, open_low=True, scheduled=True),
    Setting("n_episodes", 10, "between two gradient steps; a multiple of the environments", 1, whole=True),
    on_policy.GAMMA,
    Setting("baseline", True, "whether what the critic has expected is taken off the returns", flag=True),
    Setting("normalize", True, "whether returns are scaled over all episodes of a step", flag=True),
    on_policy.ENTROPY,
    on_policy.VALUES,
    on_policy.GRADIENT,
)
SETTINGS = (*OWN, *network.settings(architecture="32", activation="tanh"))

LEARNER = learner(
    Kind("reinforce", "envkit.deep.policy_gradient:Reinforce", names(OWN), long_rollouts=True),
    "REINFORCE: whole episodes, and each action likelier by what followed it",
    SETTINGS,
    on_policy.refusal,
)
