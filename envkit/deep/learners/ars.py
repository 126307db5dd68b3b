"""Augmented random search (Mania, Guy and Recht, 2018, arXiv:1803.07055): no gradient, but a search around the weights.

All weights are changed a little at random, both ways, and move towards the changes that earned more. It sees whole
episodes only, wants small networks (`net_arch=none` is a linear policy) and cheap episodes, and then it is quick.
"""

from typing import Any

from gymnasium import spaces

from envkit.core.settings import Setting, names
from envkit.deep import network, on_policy
from envkit.deep.building import Kind
from envkit.deep.sb3 import learner

OWN = (
    Setting("learning_rate", 0.02, "how far the weights move", 0, open_low=True, scheduled=True),
    Setting("delta_std", 0.05, "how much they are changed for a try", 0, open_low=True, scheduled=True),
    Setting("n_delta", 8, "changes for an update; each is tried both ways", 1, whole=True),
    Setting("n_top", None, "the best of them, which count; by default all", 1, whole=True, optional=True),
    Setting("n_eval_episodes", 1, "to be played for each try; a multiple of the environments", 1, whole=True),
    Setting("alive_bonus_offset", 0.0, "added to the reward of every step, to take away one for being alive"),
    Setting("zero_policy", True, "whether the weights begin at 0", flag=True),
)
SETTINGS = (*OWN, *network.settings(architecture="none", activation="relu", parts=())[:2])


def refusal(observation_space: spaces.Space[Any], action_space: spaces.Space[Any]) -> str:
    if not isinstance(action_space, spaces.Box | spaces.Discrete):
        return f"actions are {type(action_space).__name__}; it takes Box and Discrete"
    if isinstance(observation_space, spaces.Dict):
        return "observations are a Dict; gymnasium's FlattenObservation flattens them"
    return on_policy.refusal(observation_space, action_space)


LEARNER = learner(
    Kind(
        "ars", "envkit.deep.random_search:RandomSearch", names(OWN), long_rollouts=True, extra=("weights",),
        policies=("MlpPolicy", "MlpPolicy", "MlpPolicy"),
    ),
    "augmented random search: steps towards those changes of the weights that earned more",
    SETTINGS,
    refusal,
)  # fmt: skip
