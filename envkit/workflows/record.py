"""Recording a policy: its episodes on the real environment as a GIF or an MP4."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from envkit.core.policy import Policy
from envkit.core.ref import EnvRef
from envkit.core.shaping import own_and_shaped
from envkit.core.transcript import Transcript
from envkit.workflows.camera import Camera
from envkit.workflows.episodes import episode
from envkit.workflows.scribe import Scribe
from envkit.workflows.video import Frame, check_path, write_video
from envkit.workflows.visible import REST, pace, visible

CAP = 1_000


@dataclass(frozen=True)
class Recording:
    """What was recorded.

    Args:
      path: of the file.
      frames: how many are in it.
      returns: of each episode, what the environment itself paid.
      cut: episodes that nothing had ended after as many steps as were allowed.
      blank: whether all frames are of one and the same colour, so that there is nothing to be seen.
      transcript: of the same episodes.
      shaped: returns with the rewards that wrappers made of those; None where they pay the same.
    """

    path: Path
    frames: int
    fps: float
    returns: tuple[float, ...]
    cut: int
    blank: bool
    transcript: Transcript
    shaped: tuple[float, ...] | None = None


def record(
    policy: Policy, ref: EnvRef, path: Path, *, episodes: int = 1, seed: int = 0, fps: float | None = None,
    cap: int = CAP, player: str = "policy",
) -> Recording:  # fmt: skip
    """Plays some episodes and writes what is to be seen.

    Args:
      path: ends with .gif or .mp4.
      fps: frames a second; by default as metadata's `render_fps` says.
      cap: steps after which an episode that nothing ends is cut off.
      player: what the transcript calls the policy.

    Raises:
      UsageError: when the environment has no render mode `rgb_array`, or the path will not do.
      EnvironmentFailed: when it fails, or what it renders is no frame, or changes its size; nothing is written then.
      MissingExtra, StorageFailed: as of `video.write_video`.
    """
    check_path(path)
    env = visible(ref, "rgb_array", purpose="recorded")
    try:
        fps = fps or pace(env)
        returns, shaped, cut = list[float](), list[float](), 0
        scribe, camera, rng = Scribe(env, str(ref), player), Camera(), np.random.default_rng(seed)

        def frames() -> Iterator[Frame]:
            nonlocal cut
            for number in range(episodes):
                paid = 0.0
                for moment in episode(policy, scribe, rng, seed=seed if number == 0 else None, cap=cap):
                    paid += moment.reward
                    yield (frame := camera.shot(scribe))
                own, other = own_and_shaped(env, paid)
                returns.append(own)
                if other is not None:
                    shaped.append(other)
                cut += not moment.over
                yield from [frame] * round(REST * fps)

        count = write_video(path, frames(), fps=fps)
        transcript = scribe.transcript(ref)
        return Recording(path, count, fps, tuple(returns), cut, camera.blank, transcript, tuple(shaped) or None)
    finally:
        env.close()
