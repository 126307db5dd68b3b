"""Environments that are to be seen: made in the render mode that somebody needs."""

import os
import sys
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
    if mode == "human" and not has_display():
        raise UsageError(
            f"{ref} cannot be {purpose}: there is no display; run it with `xvfb-run -a`, or set SDL_VIDEODRIVER=dummy "
            "if nobody is meant to see it"
        )
    return ref.make(render_mode=mode)


def has_display() -> bool:
    """Whether a window can be opened, or somebody has chosen where it goes."""
    from envkit.authoring.window import DRIVER_CHOICES

    chosen = any(os.environ.get(name) for name in DRIVER_CHOICES)
    shown = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    return chosen or shown or not sys.platform.startswith("linux")
