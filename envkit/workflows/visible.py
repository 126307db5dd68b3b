"""Environments that are to be seen: made in the render mode that somebody needs."""

from typing import Any

import gymnasium

from envkit.core.errors import UsageError
from envkit.core.ref import EnvRef


def render_modes(ref: EnvRef) -> tuple[str, ...]:
    """Those that the environment says it has."""
    env = ref.make()
    try:
        return tuple(map(str, env.metadata.get("render_modes") or ()))
    finally:
        env.close()


def visible(ref: EnvRef, mode: str, *, purpose: str) -> gymnasium.Env[Any, Any]:
    """A new environment in this render mode; `purpose` is what cannot be done without it.

    Raises:
      UsageError: when it says that it has no such mode.
    """
    modes = render_modes(ref)
    if mode not in modes:
        raise UsageError(
            f"{ref} cannot be {purpose}: it has no render mode {mode!r} (its modes: {', '.join(modes) or 'none'})"
        )
    return ref.make(render_mode=mode)
