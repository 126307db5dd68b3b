"""What the actor-critics have in common that learn from whole rollouts."""

from typing import Any

from gymnasium import spaces

from envkit.core.settings import Setting
from envkit.deep.building import observation_refusal

GAMMA = Setting("gamma", 0.99, "the discount: what a reward a step later is worth", 0, 1)
LAMBDA = Setting("gae_lambda", 0.95, "how far advantages look ahead: 0 one step, 1 to the end", 0, 1)
CLIP = Setting("clip_range", 0.2, "how far a probability may move, as a share", 0, open_low=True, scheduled=True)
ENTROPY = Setting("ent_coef", 0.0, "what acting at random is worth in the loss", 0)
VALUES = Setting("vf_coef", 0.5, "what the critic's error weighs in the loss", 0)
GRADIENT = Setting("max_grad_norm", 0.5, "longer gradients are cut to this length", 0, open_low=True)
ADVANTAGES = Setting("normalize_advantage", True, "whether advantages are scaled in each minibatch", flag=True)
SDE = Setting("use_sde", False, "whether noise depends on the state (gSDE), for continuous actions", flag=True)
EARLY_END = Setting(
    "target_kl", None, "an epoch ends early where the policy has moved this far", 0, open_low=True, optional=True
)


def rollouts(*, n_steps: int, batch_size: int, learning_rate: float = 3e-4) -> tuple[Setting, ...]:
    """How experience is collected and gone through, with these defaults."""
    return (
        Setting("learning_rate", learning_rate, "the optimiser's step size", 0, open_low=True, scheduled=True),
        Setting("n_steps", n_steps, "steps of each environment in a rollout", 1, whole=True),
        Setting("batch_size", batch_size, "steps in a minibatch", 2, whole=True),
    )


EPOCHS = Setting("n_epochs", 10, "times that a rollout is learnt from", 1, whole=True)


def proximal(*, n_steps: int, batch_size: int) -> tuple[Setting, ...]:
    """Those of proximal policy optimisation in all its forms, with these defaults."""
    collected = rollouts(n_steps=n_steps, batch_size=batch_size)
    return (*collected, EPOCHS, GAMMA, LAMBDA, CLIP, ENTROPY, VALUES, GRADIENT, EARLY_END, ADVANTAGES)


def refusal(observation_space: spaces.Space[Any], action_space: spaces.Space[Any]) -> str:
    if isinstance(action_space, spaces.Discrete | spaces.MultiDiscrete):
        start = action_space.start
        if start.any() if hasattr(start, "any") else start:
            return f"actions begin at {start}, not at 0"
    elif not isinstance(action_space, spaces.Box | spaces.MultiBinary):
        return f"actions are {type(action_space).__name__}; it takes Discrete, MultiDiscrete, MultiBinary and Box"
    return observation_refusal(observation_space)
