"""Quantile regression DQN (Dabney and others, 2018, arXiv:1710.10044), as sb3-contrib has it.

Deep Q-learning that values each action by quantiles of its return instead of their mean; it acts by the mean of them.
Learning the spread makes better features and steadier learning, at the price of a larger last layer.
"""

from dataclasses import replace

from envkit.core.schedule import Share, linear
from envkit.core.settings import Setting, names
from envkit.deep import network, off_policy
from envkit.deep.sb3 import learner

QUANTILES = (Setting("n_quantiles", 200, "of each action's return", 1, whole=True),)
OWN = (
    *off_policy.common(learning_rate=5e-5, batch_size=32, train_freq=4),
    replace(off_policy.TAU, default=1.0),
    off_policy.TARGETS,
    Setting("max_grad_norm", None, "longer gradients are cut to this length", 0, open_low=True, optional=True),
)
SETTINGS = (
    *OWN,
    *off_policy.MEMORY,
    *QUANTILES,
    replace(off_policy.EPSILON, default=linear(1, 0.01, Share(0.005))),
    *network.settings(architecture="64,64", activation="relu", parts=()),
)


LEARNER = learner(
    off_policy.exploring_kind("qr-dqn", "sb3_contrib:QRDQN", names(OWN), of_policy=names(QUANTILES)),
    "quantile regression DQN: deep Q-learning that learns the spread of returns",
    SETTINGS,
    off_policy.discrete_refusal,
)
