"""Deep learning with Stable-Baselines3, which is imported when something of it is asked for."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from envkit.deep.vec_env import BatchVecEnv

__all__ = ["BatchVecEnv"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'envkit.deep' has no attribute {name!r}; it offers {', '.join(__all__)}")
    from envkit.deep.vec_env import BatchVecEnv  # late: it imports torch

    return BatchVecEnv
