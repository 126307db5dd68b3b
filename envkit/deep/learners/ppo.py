"""Proximal policy optimisation (Schulman and others, 2017, arXiv:1707.06347), as Stable-Baselines3 has it.

An actor-critic that collects a rollout with its present policy, then climbs for some epochs over its minibatches, while
a clipped objective keeps the new policy near the one that played. It takes any kind of action, is hard to break, and
uses many environments well; it throws experience away, so where a step is dear an off-policy learner needs fewer.
"""

from envkit.core.settings import names
from envkit.deep import network, on_policy
from envkit.deep.building import Kind
from envkit.deep.sb3 import learner

OWN = (*on_policy.proximal(n_steps=2048, batch_size=64), on_policy.SDE)
SETTINGS = (*OWN, *network.settings(architecture="64,64", activation="tanh"))


LEARNER = learner(
    Kind("ppo", "envkit.deep.resident:ResidentPPO", names(OWN), long_rollouts=True),
    "proximal policy optimisation: an actor-critic that moves its policy by small, safe steps",
    SETTINGS,
    on_policy.refusal,
)
