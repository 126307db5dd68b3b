"""Twin delayed DDPG (Fujimoto and others, 2018, arXiv:1802.09477), as Stable-Baselines3 has it.

Deterministic policy gradient with two critics, of which the lower one counts, noise on the actions that targets are
taken from, and an actor that learns less often than they. For Box actions; it needs `noise` to explore.
"""

from envkit.core.settings import Setting, names
from envkit.deep import network, off_policy
from envkit.deep.sb3 import learner

OWN = (
    *off_policy.common(learning_rate=1e-3, batch_size=256),
    off_policy.TAU,
    Setting("policy_delay", 2, "updates of the critics for each of the actor", 1, whole=True),
    Setting("target_policy_noise", 0.2, "the deviation of the noise on the actions of targets", 0),
    Setting("target_noise_clip", 0.5, "where that noise is cut off", 0),
)
SETTINGS = (
    *OWN,
    *off_policy.MEMORY,
    *off_policy.NOISE,
    *network.settings(architecture="400,300", activation="relu", parts=("pi", "qf")),
)


LEARNER = learner(
    off_policy.acting_kind("td3", "stable_baselines3:TD3", names(OWN)),
    "twin delayed DDPG: two critics, of which the lower one counts, and a slower actor",
    SETTINGS,
    off_policy.continuous_refusal,
)
