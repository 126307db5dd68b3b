"""Proximal policy optimisation (Schulman and others, 2017, arXiv:1707.06347), as Stable-Baselines3 has it.

An actor-critic that collects a rollout with its present policy, then climbs for some epochs over its minibatches, while
a clipped objective keeps the new policy near the one that played. It takes any kind of action, is hard to break, and
uses many environments well; it throws experience away, so where a step is dear an off-policy learner needs fewer.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from gymnasium import spaces

from envkit.core.settings import Setting
from envkit.deep import network
from envkit.deep.building import Kind, observation_refusal
from envkit.deep.learner import Learner
from envkit.deep.restoring import restored
from envkit.deep.sb3 import train

SETTINGS = (
    Setting("learning_rate", 3e-4, "the optimiser's step size", 0, open_low=True, scheduled=True),
    Setting("n_steps", 2048, "steps of each environment in a rollout", 1, whole=True),
    Setting("batch_size", 64, "steps in a minibatch", 2, whole=True),
    Setting("n_epochs", 10, "times that a rollout is learnt from", 1, whole=True),
    Setting("gamma", 0.99, "the discount: what a reward a step later is worth", 0, 1),
    Setting("gae_lambda", 0.95, "how far advantages look ahead: 0 one step, 1 to the end", 0, 1),
    Setting("clip_range", 0.2, "how far a probability may move, as a share", 0, open_low=True, scheduled=True),
    Setting("ent_coef", 0.0, "what acting at random is worth in the loss", 0),
    Setting("vf_coef", 0.5, "what the critic's error weighs in the loss", 0),
    Setting("max_grad_norm", 0.5, "longer gradients are cut to this length", 0, open_low=True),
    Setting(
        "target_kl", None, "an epoch ends early where the policy has moved this far", 0, open_low=True, optional=True
    ),
    Setting("normalize_advantage", True, "whether advantages are scaled in each minibatch", flag=True),
    Setting("use_sde", False, "whether noise depends on the state (gSDE), for continuous actions", flag=True),
    *network.settings(architecture="64,64", activation="tanh"),
)
OWN = [setting.name for setting in SETTINGS[:-5]]


def arguments(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: settings[name] for name in OWN}


def refusal(observation_space: spaces.Space[Any], action_space: spaces.Space[Any]) -> str:
    if isinstance(action_space, spaces.Discrete | spaces.MultiDiscrete):
        start = action_space.start
        if start.any() if hasattr(start, "any") else start:
            return f"actions begin at {start}, not at 0"
    elif not isinstance(action_space, spaces.Box | spaces.MultiBinary):
        return f"actions are {type(action_space).__name__}; it takes Discrete, MultiDiscrete, MultiBinary and Box"
    return observation_refusal(observation_space)


KIND = Kind("ppo", "stable_baselines3:PPO", arguments)
LEARNER = Learner(
    name="ppo",
    summary="proximal policy optimisation: an actor-critic that moves its policy by small, safe steps",
    settings=SETTINGS,
    refusal=refusal,
    train=partial(train, KIND),
    restored=partial(restored, kind=KIND),
)
