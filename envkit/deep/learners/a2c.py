"""Advantage actor-critic (Mnih and others, 2016, arXiv:1602.01783), as Stable-Baselines3 has it: synchronous.

An actor-critic that takes a few steps with each environment, one gradient step on all of them, and goes on. Simple and
quick for each step; it wants many environments, and PPO makes more of the same experience.
"""

from envkit.core.settings import Setting, names
from envkit.deep import network, on_policy
from envkit.deep.building import Kind
from envkit.deep.sb3 import learner

OWN = (
    Setting("learning_rate", 7e-4, "the optimiser's step size", 0, open_low=True, scheduled=True),
    Setting("n_steps", 5, "steps of each environment in a rollout", 1, whole=True),
    on_policy.GAMMA,
    Setting("gae_lambda", 1.0, "how far advantages look ahead: 0 one step, 1 to the end", 0, 1),
    on_policy.ENTROPY,
    on_policy.VALUES,
    on_policy.GRADIENT,
    Setting("normalize_advantage", False, "whether advantages are scaled in each rollout", flag=True),
    on_policy.SDE,
)
SETTINGS = (*OWN, *network.settings(architecture="64,64", activation="tanh", optimizer=network.RMSPROP_TF))


LEARNER = learner(
    Kind("a2c", "stable_baselines3:A2C", names(OWN), derived=lambda _: {"use_rms_prop": False}),
    "advantage actor-critic: a gradient step on a few steps of many environments",
    SETTINGS,
    on_policy.refusal,
)
