"""Soft actor-critic (Haarnoja and others, 2018, arXiv:1812.05905), as Stable-Baselines3 has it.

An actor that draws its actions is paid for return and for chance alike, and how much chance is worth is learnt. Two
critics learn from a replay memory. For Box actions; it explores by itself and needs few steps, each of them dear.
"""

from envkit.core.settings import Setting, names
from envkit.deep import network, off_policy
from envkit.deep.sb3 import learner

OWN = (
    *off_policy.common(learning_rate=3e-4, batch_size=256),
    off_policy.TAU,
    Setting("target_update_interval", 1, "updates between those of the target network", 1, whole=True),
    off_policy.SDE,
)
SETTINGS = (
    *OWN,
    *off_policy.MEMORY,
    *off_policy.ENTROPY,
    *off_policy.NOISE,
    *network.settings(architecture="256,256", activation="relu", parts=("pi", "qf")),
)


LEARNER = learner(
    off_policy.acting_kind("sac", "stable_baselines3:SAC", names(OWN), derived=off_policy.entropy),
    "soft actor-critic: two critics and an actor that is paid for chance too",
    SETTINGS,
    off_policy.continuous_refusal,
)
