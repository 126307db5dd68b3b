"""Episodes to look at where there is no window: in a notebook a film shows itself.

The picture is an animated PNG inside the page: every colour as it was rendered, no display, no script, nothing beside
the notebook's own file. Where it would be too large it has fewer frames, then smaller ones, and its caption says so.
"""

import base64
import html
import io
import math
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from envkit.core.drive import Driver
from envkit.core.errors import UsageError
from envkit.core.policy import Policy, RandomPolicy
from envkit.core.ref import EnvRef
from envkit.core.shaping import own_and_shaped
from envkit.core.show import count
from envkit.runs.atomic import atomic_write
from envkit.workflows.episodes import episode
from envkit.workflows.players import player_of
from envkit.workflows.tables import short
from envkit.workflows.video import Frame, write_video
from envkit.workflows.visible import REST, frame_of, pace, visible

MOST_BYTES, MOST_PLAIN = 4_000_000, 128_000_000  # of the picture in a notebook, and of what it is compressed from
SMALL = 240  # pixels of width; a smaller picture is shown enlarged by a whole factor
WAYS = [(1, 1), (2, 1), (2, 2), (4, 2), (4, 4), (8, 8), (16, 16), (32, 32)]  # each so many-th frame, a side's divisor


@dataclass(frozen=True, eq=False)
class Film(Sequence[Frame]):
    """The frames of some episodes, uint8 [height, width, 3]: after each reset, and after each step.

    Args:
      title: what was played, and how each episode went.
      packed: the frames, compressed, with their shapes.
      ends: the number of each episode's last frame.
      fps: frames a second.
      returns: of each episode.
    """

    title: str
    packed: tuple[tuple[tuple[int, ...], bytes], ...]
    ends: tuple[int, ...]
    fps: float
    returns: tuple[float, ...]

    def __len__(self) -> int:
        return len(self.packed)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        shape, data = self.packed[index]
        return np.frombuffer(zlib.decompress(data), np.uint8).reshape(shape).copy()

    def __repr__(self) -> str:
        return f"<{self.title}>"

    def _repr_html_(self) -> str:
        picture, shrunk, note = self._small_picture
        width = self.packed[0][0][1]
        enlarged = width * max(SMALL // width, 1)
        style = "max-width: 100%" + ("; image-rendering: pixelated" if enlarged > width // shrunk else "")
        return (
            f'<figure style="margin: 0"><img src="data:image/png;base64,{base64.b64encode(picture).decode()}" '
            f'width="{enlarged}" style="{style}" alt="{html.escape(self.title)}">'
            f"<figcaption>{html.escape(self.title + note)}</figcaption></figure>"
        )

    def save(self, path: str | Path) -> None:
        """Writes all frames to an animated .png, a .gif or an .mp4.

        Raises:
          UsageError, MissingExtra, StorageFailed: as of `video.write_video`.
        """
        path = Path(path)
        if path.suffix.lower() == ".png":
            atomic_write(path, self._picture(1, 1))
        else:
            write_video(path, self._with_rests(), fps=self.fps)

    def _with_rests(self) -> Iterator[Frame]:
        for number, frame in enumerate(self):
            yield from [frame] * (1 + (round(REST * self.fps) if number in self.ends else 0))

    @cached_property
    def _small_picture(self) -> tuple[bytes, int, str]:
        """(animated PNG of bounded size, by how much a side was divided, what its caption adds)."""
        plain = sum(math.prod(shape) for shape, _ in self.packed)
        ways = [way for way in WAYS if plain / (way[0] * way[1] ** 2) <= MOST_PLAIN] or WAYS[-1:]
        for every, divisor in ways:
            picture = self._picture(every, divisor)
            if len(picture) <= MOST_BYTES:
                break
        notes = [f"one frame of {every}"] if every > 1 else []
        notes += [f"1/{divisor} of the size"] if divisor > 1 else []
        return picture, divisor, f" ({', '.join(notes)}, to keep the page small)" if notes else ""

    def _picture(self, every: int, divisor: int) -> bytes:
        """An animated PNG of each `every`-th frame and of the last ones, with its sides divided."""
        from PIL import Image

        numbers = sorted({*range(0, len(self), every), *self.ends})
        following = [*numbers[1:], len(self)]
        durations = [
            round(1000 * ((after - number) / self.fps + (REST if number in self.ends else 0)))
            for number, after in zip(numbers, following, strict=True)
        ]
        first, *others = [Image.fromarray(self[number]).reduce(divisor) for number in numbers]
        file = io.BytesIO()
        first.save(file, "PNG", save_all=True, append_images=others, duration=durations, loop=0)
        return file.getvalue()


def film(
    env: str | EnvRef, policy: Policy | Callable[[Any], Any] | str | Path | None = None, *, seed: int = 0,
    episodes: int = 1, steps: int = 1_000, fps: float | None = None,
) -> Film:  # fmt: skip
    """Plays some episodes and keeps what is to be seen. As the last value of a notebook's cell it shows itself.

    Args:
      env: any name of an environment that has the render mode `rgb_array`.
      policy: what plays, as of `players.player_of`: a policy, a function from observation to action, the directory of a
        run; by default actions at random.
      steps: after which an episode that nothing ends is cut off.
      fps: frames a second; by default as metadata's `render_fps` says.

    Raises:
      UsageError: when the environment has no such mode.
      EnvironmentFailed: when it fails, or what it renders is no frame.
    """
    ref = EnvRef.of(env)
    if episodes < 1 or steps < 1:
        raise UsageError(f"a film of {count(episodes, 'episode')} of {count(steps, 'step')} has nothing to show")
    player = None if policy is None else player_of(policy, ref).policy
    made = visible(ref, "rgb_array", purpose="filmed")
    try:
        driver, rng = Driver(made, str(ref)), np.random.default_rng(seed)
        packed: list[tuple[tuple[int, ...], bytes]] = []
        ends, returns, told = list[int](), list[float](), list[str]()
        for number in range(episodes):
            paid = 0.0
            for moment in episode(
                player or RandomPolicy(made.action_space), driver, rng, seed=None if number else seed, cap=steps
            ):
                paid += moment.reward
                frame = frame_of(driver)
                packed.append((frame.shape, zlib.compress(frame.tobytes(), 1)))
            ended = "terminated" if moment.terminated else "truncated" if moment.truncated else "cut off"
            ends.append(len(packed) - 1)
            own, shaped = own_and_shaped(made, paid)
            returns.append(own)
            beside = "" if shaped is None else f" (shaped {short(shaped)})"
            told.append(f"return {short(own)}{beside} after {count(driver.steps, 'step')}, {ended}")
        fps = fps or pace(made)
        return Film(f"{ref}: {'; '.join(told)}", tuple(packed), tuple(ends), fps, tuple(returns))
    finally:
        made.close()
