"""Looking on while a policy plays, in several environments at once if wanted: their frames as tiles of one window."""

import math
from collections.abc import Iterator
from contextlib import ExitStack

import numpy as np

from envkit.authoring.canvas import Canvas
from envkit.authoring.window import Window
from envkit.core.drive import Driver
from envkit.core.errors import EnvironmentFailed
from envkit.core.policy import Policy
from envkit.core.ref import EnvRef
from envkit.workflows.episodes import episode
from envkit.workflows.video import Frame
from envkit.workflows.visible import frame_of, has_display, is_seen, no_display, pace, visible

CAP = 1_000
GAP, GROUND = 4, 24  # pixels between tiles, and their colour


def watch(
    policy: Policy, ref: EnvRef, *, title: str, n_envs: int = 1, episodes: int | None = None, seed: int = 0,
    cap: int = CAP,
) -> list[float]:  # fmt: skip
    """Shows a policy until the window is closed; returns what the episodes earned that were over by then.

    Args:
      title: of the window.
      n_envs: how many environments, as tiles; each is reset with a seed of its own.
      episodes: of each environment; by default there is no end, or one where nobody sees the window.
      cap: steps after which an episode that nothing ends is cut off.

    Raises:
      UsageError: when the environment has no render mode `rgb_array`, or there is no display.
      EnvironmentFailed: when it fails, or what it renders is no frame, or changes its size.
    """
    if not has_display():
        raise no_display(ref, "watched")
    if episodes is None and not is_seen():
        episodes = 1  # nobody could end it by closing the window
    returns: list[float] = []
    with ExitStack() as stack:
        envs = [visible(ref, "rgb_array", purpose="watched") for _ in range(n_envs)]
        for env in envs:
            stack.callback(env.close)
        drivers = [Driver(env, str(ref)) for env in envs]
        plays = [
            _frames(policy, driver, seed + number, episodes, cap, returns) for number, driver in enumerate(drivers)
        ]
        window = Window(title, pace(envs[0]))
        stack.callback(window.close)
        shown: dict[int, Frame] = {}  # by environment: its latest; the last one stays
        while not window.dismissed:
            fresh = {number: frame for number, play in enumerate(plays) if (frame := next(play, None)) is not None}
            if not fresh:
                break
            shown |= fresh
            picture = tiled(list(shown.values()))
            window.wait()
            window.show(Canvas(picture.shape[1], picture.shape[0], frame=picture))
    return returns


def _frames(
    policy: Policy, driver: Driver, seed: int, episodes: int | None, cap: int, returns: list[float]
) -> Iterator[Frame]:
    """What one environment shows, episode after episode."""
    rng, number = np.random.default_rng(seed), 0
    while episodes is None or number < episodes:
        for _ in episode(policy, driver, rng, seed=None if number else seed, cap=cap):
            yield frame_of(driver)
        returns.append(driver.paid)
        number += 1


def tiled(frames: list[Frame]) -> Frame:
    """The frames side by side in as square a field as they fill. Raises EnvironmentFailed where sizes differ."""
    if len({frame.shape for frame in frames}) > 1:
        sizes = ", ".join(sorted({f"{frame.shape[0]} x {frame.shape[1]}" for frame in frames}))
        raise EnvironmentFailed(f"the frames of the environments have several sizes: {sizes}", method="render")
    columns = math.ceil(math.sqrt(len(frames)))
    rows = math.ceil(len(frames) / columns)
    height, width = frames[0].shape[:2]
    field = np.full((rows * (height + GAP) - GAP, columns * (width + GAP) - GAP, 3), GROUND, np.uint8)
    for number, frame in enumerate(frames):
        top, left = (number // columns) * (height + GAP), (number % columns) * (width + GAP)
        field[top : top + height, left : left + width] = frame
    return field
