"""Deep deterministic policy gradient (Lillicrap and others, 2016, arXiv:1509.02971), as Stable-Baselines3 has it.

An actor says one action, a critic values it, and the actor climbs the critic; experience comes from a replay memory.
For Box actions. It needs `noise` to explore, and easily falls for values that are too high: TD3 mends that.
"""

from envkit.core.settings import names
from envkit.deep import network, off_policy
from envkit.deep.sb3 import learner

OWN = (
    *off_policy.common(learning_rate=1e-3, batch_size=256),
    off_policy.TAU,
)
SETTINGS = (
    *OWN,
    *off_policy.MEMORY,
    *off_policy.NOISE,
    *network.settings(architecture="400,300", activation="relu", parts=("pi", "qf")),
)


LEARNER = learner(
    off_policy.acting_kind("ddpg", "stable_baselines3:DDPG", names(OWN)),
    "deep deterministic policy gradient: an actor that climbs its critic, from a replay memory",
    SETTINGS,
    off_policy.continuous_refusal,
)
