"""CrossQ (Bhatt and others, 2024, arXiv:1902.05605), as sb3-contrib has it.

Soft actor-critic without target networks: batch normalisation in the critics takes their place, and makes each step of
the environment worth more. For Box actions.
"""

from envkit.core.settings import Setting, names
from envkit.deep import network, off_policy
from envkit.deep.sb3 import learner

OWN = (
    *off_policy.common(learning_rate=1e-3, batch_size=256),
    Setting("policy_delay", 3, "updates of the critics for each of the actor", 1, whole=True),
    off_policy.SDE,
)
SETTINGS = (
    *OWN,
    *off_policy.MEMORY,
    *off_policy.ENTROPY,
    *off_policy.NOISE,
    *network.settings(architecture="pi=256,256,qf=1024,1024", activation="relu", parts=("pi", "qf")),
)


LEARNER = learner(
    off_policy.acting_kind("crossq", "sb3_contrib:CrossQ", names(OWN), derived=off_policy.entropy),
    "CrossQ: soft actor-critic with batch normalisation in place of target networks",
    SETTINGS,
    off_policy.continuous_refusal,
)
