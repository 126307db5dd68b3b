"""Maskable PPO (Huang and Ontanon, 2022, arXiv:2006.14171), as sb3-contrib has it.

Proximal policy optimisation that gives actions which are not available no chance. It reads `info["action_mask"]`, int8
with a 1 for each action that may be taken; an environment that says nothing allows all.
"""

from typing import Any

from gymnasium import spaces

from envkit.core.settings import names
from envkit.deep import network, on_policy
from envkit.deep.building import Kind
from envkit.deep.sb3 import learner

OWN = on_policy.proximal(n_steps=2048, batch_size=64)
SETTINGS = (*OWN, *network.settings(architecture="64,64", activation="tanh"))


def refusal(observation_space: spaces.Space[Any], action_space: spaces.Space[Any]) -> str:
    if isinstance(action_space, spaces.Box):
        return "actions are Box, of which none can be masked; it takes Discrete, MultiDiscrete and MultiBinary"
    return on_policy.refusal(observation_space, action_space)


LEARNER = learner(
    Kind("maskable-ppo", "sb3_contrib:MaskablePPO", names(OWN), long_rollouts=True),
    "maskable PPO: proximal policy optimisation that never takes what is not available",
    SETTINGS,
    refusal,
)
