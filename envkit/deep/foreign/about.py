"""What the readable part of a saved model says: its algorithm, its activation, the spaces that it was made for.

All of it is text from somebody else. It is compared with what is known and never evaluated; what is not known is
refused, for a network with another activation plays on without a word, and badly.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from gymnasium import spaces

from envkit.core.errors import ArtifactRefused
from envkit.core.show import show
from envkit.deep.network import ACTIVATIONS
from envkit.deep.restoring import kind_of

About = Mapping[str, Any]
TRUST = "--trust loads it with Stable-Baselines3's own loader, which executes what is in the file"


class Algorithm(NamedTuple):
    """An algorithm, and how its models are told from others.

    Args:
      where: module:Class.
      policies: the module of its policy classes.
      mark: an attribute that no other algorithm with these policies has.
    """

    name: str
    where: str
    policies: str
    mark: str


ALGORITHMS = (
    Algorithm("ppo", "stable_baselines3:PPO", "stable_baselines3.common.policies", "clip_range"),
    Algorithm("a2c", "stable_baselines3:A2C", "stable_baselines3.common.policies", "gae_lambda"),
    Algorithm("dqn", "stable_baselines3:DQN", "stable_baselines3.dqn.policies", "exploration_fraction"),
    Algorithm("sac", "stable_baselines3:SAC", "stable_baselines3.sac.policies", "target_entropy"),
    Algorithm("td3", "stable_baselines3:TD3", "stable_baselines3.td3.policies", "target_policy_noise"),
    Algorithm("trpo", "sb3_contrib:TRPO", "stable_baselines3.common.policies", "cg_max_steps"),
    Algorithm("recurrent-ppo", "sb3_contrib:RecurrentPPO", "sb3_contrib.common.recurrent.policies", "clip_range"),
    Algorithm("maskable-ppo", "sb3_contrib:MaskablePPO", "sb3_contrib.common.maskable.policies", "clip_range"),
    Algorithm("qr-dqn", "sb3_contrib:QRDQN", "sb3_contrib.qrdqn.policies", "exploration_fraction"),
    Algorithm("tqc", "sb3_contrib:TQC", "sb3_contrib.tqc.policies", "target_entropy"),
    Algorithm("crossq", "sb3_contrib:CrossQ", "sb3_contrib.crossq.policies", "target_entropy"),
)
READ = ("ppo", "a2c", "trpo", "dqn", "sac", "td3", "ddpg")  # whose networks are computed here
EXTRACTORS = tuple(
    f"<class 'stable_baselines3.common.torch_layers.{name}'>"
    for name in ("FlattenExtractor", "NatureCNN", "CombinedExtractor")
)
BOUNDS = 1e-4  # by which the printed bounds of actions may differ


def algorithm_of(about: About) -> Algorithm:
    """By which algorithm a model was trained. Raises ArtifactRefused where that cannot be told."""
    told = about.get("policy_class")
    module = told.get("__module__") if isinstance(told, Mapping) else None
    marked = [one for one in ALGORITHMS if one.mark in about]
    marked.sort(key=lambda one: (one.policies != module, one.mark == "gae_lambda"))  # which PPO and TRPO have too
    if not marked:
        raise ArtifactRefused("its data names no attribute of any algorithm of Stable-Baselines3")
    found = marked[0]
    is_ddpg = found.name == "td3" and about.get("policy_delay") == 1 and about.get("target_noise_clip") == 0.0
    return found._replace(name="ddpg", where="stable_baselines3:DDPG") if is_ddpg else found


def check_class(about: About) -> None:
    """Refuses policies whose class is not Stable-Baselines3's own: what they compute is not to be seen."""
    told = about.get("policy_class")
    module = told.get("__module__") if isinstance(told, Mapping) else None
    if module not in {one.policies for one in ALGORITHMS if one.name in READ}:
        what = f"its policy is of {show(module)}" if module else "its data does not say of which class its policy is"
        raise ArtifactRefused(f"{what}, and what that computes cannot be told from tensors; {TRUST}")
    given = arguments(about)
    extractor = given.get("features_extractor_class")
    if extractor is not None and extractor not in EXTRACTORS:
        raise ArtifactRefused(f"its features extractor is {show(extractor)}, which tensors do not describe; {TRUST}")
    inner = given.get("features_extractor_kwargs")
    for name, holder in (("squash_output", given), ("normalized_image", inner)):
        if isinstance(holder, Mapping) and holder.get(name):
            raise ArtifactRefused(f"it was made with {name}={show(holder[name])}, which is not computed here; {TRUST}")


def arguments(about: About) -> About:
    """What its policy was made with. Raises ArtifactRefused where that is not said."""
    given = about.get("policy_kwargs")
    if not isinstance(given, Mapping):
        raise ArtifactRefused(f"its data does not say policy_kwargs, and so not its activation function; {TRUST}")
    return given


def activation(about: About, usual: str) -> str:
    """What stands between its layers; where nothing was said, what is usual for its algorithm."""
    said = arguments(about).get("activation_fn")
    if said is None:
        return usual
    known = {f"<class 'torch.nn.modules.activation.{theirs}'>": own for own, theirs in ACTIVATIONS.items()}
    if not isinstance(said, str) or said not in known:
        raise ArtifactRefused(f"its activation function is {show(said)}, none of {', '.join(ACTIVATIONS)}; {TRUST}")
    return known[said]


def scales_pictures(about: About) -> bool:
    """Whether pictures are divided by 255 before the network sees them."""
    said = arguments(about).get("normalize_images", True)
    if not isinstance(said, bool):
        raise ArtifactRefused(f"its normalize_images is {show(said)}, not true or false")
    return said


def check_spaces(about: About, observation_space: spaces.Space[Any], action_space: spaces.Space[Any], env: str) -> None:
    """Refuses a model that was made for other spaces than the environment has, as far as its data says.

    Raises:
      ArtifactRefused: names what differs.
    """
    for what, space in (("observation", observation_space), ("action", action_space)):
        told = about.get(f"{what}_space")
        said = _kind(told) if isinstance(told, Mapping) else None
        if said is not None and said not in _kinds(space):
            raise ArtifactRefused(f"its {what}s are {said}, and those of {env} are {kind_of(space)}")
    if isinstance(action_space, spaces.Box):
        _check_bounds(about.get("action_space"), action_space, env)


def _kind(told: About) -> str | None:
    """`Box (4,)`, as `kind_of` has it; None where it is not said."""
    name = re.search(r"\.(\w+)'>$", str(told.get(":type:", "")))
    sizes = {"Discrete": "n", "MultiDiscrete": "nvec", "Box": "_shape", "MultiBinary": "_shape"}
    size = told.get(sizes[name[1]]) if name and name[1] in sizes else None
    if size is None or name is None:
        return None
    return f"{name[1]} {tuple(size) if isinstance(size, list) else ' '.join(str(size).split())}"


def _kinds(space: spaces.Space[Any]) -> set[str]:
    """As a model may have kept a space: channels of pictures come first there."""
    kinds = {" ".join(kind_of(space).split())}
    if isinstance(space, spaces.Box) and len(space.shape) == 3:
        height, width, channels = space.shape
        kinds.add(f"Box {(channels, height, width)}")
    return kinds


def _check_bounds(told: Any, space: spaces.Box, env: str) -> None:
    """Actions are scaled by the bounds, so other ones would mean other actions."""
    for name, own in (("low", space.low), ("high", space.high)):
        text = told.get(name) if isinstance(told, Mapping) else None
        numbers = re.findall(r"-?(?:inf|\d[\d.e+-]*)", text) if isinstance(text, str) else []
        if "..." in str(text) or len(numbers) != own.size:
            continue
        try:
            theirs = np.array([float(number) for number in numbers])
        except ValueError:
            continue
        if not np.allclose(theirs, own.ravel(), rtol=BOUNDS, atol=BOUNDS):
            raise ArtifactRefused(
                f"the {name}est of its actions is {' '.join(numbers)}, and in {env} {' '.join(map(str, own.ravel()))}"
            )
