"""What an environment itself pays, where wrappers pay the learner something else."""

from typing import Any, SupportsFloat

import gymnasium
from gymnasium.utils import RecordConstructorArgs

from envkit.core.layers import layers


class OwnReturn(gymnasium.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """Adds up the rewards below it; it stands under the first wrapper that changes them."""

    def __init__(self, env: gymnasium.Env[Any, Any]):
        RecordConstructorArgs.__init__(self)
        super().__init__(env)
        self.own_return = 0.0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        self.own_return = 0.0
        return super().reset(seed=seed, options=options)

    def step(self, action: Any) -> tuple[Any, SupportsFloat, bool, bool, dict[str, Any]]:
        result = super().step(action)
        self.own_return += float(result[1])
        return result


def own_return(env: gymnasium.Env[Any, Any]) -> float | None:
    """What the environment itself has paid in this episode; None where no wrapper changes rewards."""
    return next((layer.own_return for layer in layers(env) if isinstance(layer, OwnReturn)), None)


def own_and_shaped(env: gymnasium.Env[Any, Any], paid: float) -> tuple[float, float | None]:
    """The return of this episode as the environment has paid it; and `paid` itself, if wrappers pay something else."""
    own = own_return(env)
    return (paid, None) if own is None else (own, paid)
