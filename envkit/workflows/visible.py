"""Environments that are to be seen: made in the render mode that somebody needs."""

import os
import sys
from typing import Any

import gymnasium
import numpy as np

from envkit.core.drive import Driver
from envkit.core.errors import EnvironmentFailed, UsageError
from envkit.core.ref import EnvRef
from envkit.core.show import error_line, show
from envkit.workflows.video import Frame

FPS, FPS_OF_TEXT = 30.0, 4.0  # pictures and texts a second, where the environment does not say
REST = 0.5  # seconds that the last picture of an episode stays


def pace(env: gymnasium.Env[Any, Any], otherwise: float = FPS) -> float:
    """Frames a second of an environment, as its metadata has it."""
    return float(env.metadata.get("render_fps") or otherwise)


def render_modes(ref: EnvRef) -> tuple[str, ...]:
    """Those that the environment says it has."""
    env = ref.make()
    try:
        return tuple(map(str, env.metadata.get("render_modes") or ()))
    finally:
        env.close()


def seen_in(ref: EnvRef, *, as_text: bool = False) -> str:
    """The render mode in which somebody can look on: `human`, or `ansi` where that is wanted or there is no other.

    Empty where text is wanted and there is none: then its observations are all that can be shown.

    Raises:
      UsageError: when it has neither, and text is not wanted.
    """
    modes = render_modes(ref)
    if "human" in modes and not as_text:
        return "human"
    if "ansi" in modes:
        return "ansi"
    if as_text:
        return ""
    offered = ", ".join(modes) or "none"
    raise UsageError(
        f"{ref} cannot be seen: it has neither render mode 'human' nor 'ansi' (its modes: {offered}); "
        "--text shows its observations"
    )


def visible(ref: EnvRef, mode: str, *, purpose: str) -> gymnasium.Env[Any, Any]:
    """A new environment in this render mode. Raises UsageError as `seeable` does."""
    return seeable(ref, mode, purpose=purpose).make()


def seeable(ref: EnvRef, mode: str, *, purpose: str) -> EnvRef:
    """The environment in this render mode; `purpose` is what cannot be done without it.

    Raises:
      UsageError: when it says that it has no such mode.
    """
    modes = render_modes(ref)
    if mode not in modes:
        raise UsageError(
            f"{ref} cannot be {purpose}: it has no render mode {mode!r} (its modes: {', '.join(modes) or 'none'})"
        )
    if mode == "human" and not has_display():
        raise no_display(ref, purpose)
    return EnvRef.of(ref, render_mode=mode)


def no_display(ref: EnvRef, purpose: str) -> UsageError:
    """The error where a window would be needed."""
    return UsageError(
        f"{ref} cannot be {purpose}: there is no display; run it with `xvfb-run -a`, or set SDL_VIDEODRIVER=dummy "
        "if nobody is meant to see it"
    )


def frame_of(driver: Driver) -> Frame:
    """What the environment of a driver shows now, uint8 [height, width, 3].

    Raises:
      EnvironmentFailed: when rendering fails, or gives something else.
    """
    where = rendering(driver)
    try:
        frame: Any = driver.env.render()
    except Exception as error:
        raise EnvironmentFailed(f"{where} raised {error_line(error)}", method="render", cause=error) from error
    is_picture = isinstance(frame, np.ndarray) and frame.dtype == np.uint8 and frame.ndim == 3 and frame.shape[2] == 3
    if not is_picture or not frame.size:
        message = f"{where} returned {show(frame)}; a frame is a uint8 array of shape (height, width, 3)"
        raise EnvironmentFailed(message, method="render")
    picture: Frame = frame
    return picture


def rendering(driver: Driver) -> str:
    """Which rendering, for a message on what it came to."""
    return f"render() of {driver.name}, episode {driver.episode}, step {driver.steps},"


def is_seen() -> bool:
    """Whether a window that is opened would be seen, and could be closed, by somebody."""
    from envkit.authoring.screens import DRIVER_CHOICES, UNSEEN

    return has_display() and not any(os.environ.get(name) in UNSEEN for name in DRIVER_CHOICES)


def has_display() -> bool:
    """Whether a window can be opened, or somebody has chosen where it goes."""
    from envkit.authoring.screens import DRIVER_CHOICES

    chosen = any(os.environ.get(name) for name in DRIVER_CHOICES)
    shown = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    return chosen or shown or not sys.platform.startswith("linux")
