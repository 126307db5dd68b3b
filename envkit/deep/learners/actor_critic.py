"""Actor-critic, one-step or n-step, of our own: `envkit.deep.policy_gradient` has it to read.

An actor that is corrected after every few steps by a critic, which learns from the difference between what it expected
and what came (Sutton and Barto, 2018, section 13.5). A2C is the same with generalised advantages; this one is to learn
from.
"""

from envkit.core.settings import Setting, names
from envkit.deep import network, on_policy
from envkit.deep.building import Kind
from envkit.deep.sb3 import learner

OWN = (
    Setting("learning_rate", 1e-3, "the optimiser's step size", 0, open_low=True, scheduled=True),
    Setting("n_steps", 1, "steps of each environment between two gradient steps", 1, whole=True),
    on_policy.GAMMA,
    on_policy.ENTROPY,
    on_policy.VALUES,
    on_policy.GRADIENT,
)
SETTINGS = (*OWN, *network.settings(architecture="64,64", activation="tanh"))

LEARNER = learner(
    Kind("actor-critic", "envkit.deep.policy_gradient:ActorCritic", names(OWN)),
    "actor-critic: corrected after every few steps by a critic",
    SETTINGS,
    on_policy.refusal,
)
