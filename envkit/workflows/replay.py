"""Playing a transcript again, and saying where the environment answers otherwise than it did then."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from envkit.core.drive import Driver
from envkit.core.ref import EnvRef
from envkit.core.show import count, show
from envkit.core.transcript import Transcript
from envkit.core.versions import changed, versions_with
from envkit.workflows.camera import Camera
from envkit.workflows.screen import Screen
from envkit.workflows.video import Frame, check_path, write_video
from envkit.workflows.visible import FPS_OF_TEXT, REST, pace, seen_in, visible

MOST_LINES = 6


@dataclass(frozen=True)
class Replayed:
    """How a transcript came out when it was played again.

    Args:
      episodes, steps: how much of it was the same.
      place: where it was not; empty where all was the same.
      differences: a line for each part of the answer that is another now.
      unknown: observations that could not be compared, of all in the transcript.
      versions: (package, then, now) where another version had a part in it then.
    """

    episodes: int
    steps: int
    place: str
    differences: tuple[str, ...]
    unknown: int
    versions: tuple[tuple[str, str, str], ...]

    @property
    def same(self) -> bool:
        return not self.differences

    def __str__(self) -> str:
        """`the same, 12 steps`, or the place and the differences in several lines."""
        if self.same:
            what = count(self.steps, "step")
            many = f" of {self.episodes} episodes" if self.episodes > 1 else ""
            unseen = f"; {self.unknown} observations are of a type that cannot be compared" if self.unknown else ""
            return f"the same, {what}{many}{unseen}"
        lines = [f"differs at {self.place}, after {count(self.steps, 'step')} that are the same"]
        lines += [f"  {line}" for line in self.differences[:MOST_LINES]]
        lines += [f"  {name} was {old} then and is {new} now" for name, old, new in self.versions]
        return "\n".join(lines)


def replay(transcript: Transcript, *, ref: EnvRef | None = None) -> Replayed:
    """Plays it on a fresh instance, up to the first difference, without looking.

    Args:
      ref: another environment than the transcript's.

    Raises:
      EnvironmentFailed: when it fails, with the episode, the step and the action.
    """
    return _played(transcript, ref or transcript.ref, None)


def show_replay(
    transcript: Transcript, *, ref: EnvRef | None = None, as_text: bool = False, write: Callable[[str], object] = print
) -> Replayed:
    """The same for somebody who looks on, in the environment's own window or as text, at its own pace.

    Raises:
      UsageError: when the environment cannot be seen either way, or there is no display.
    """
    ref = ref or transcript.ref
    return _played(transcript, ref, seen_in(ref, as_text=as_text), write)


def film(
    transcript: Transcript, path: Path, *, ref: EnvRef | None = None, fps: float | None = None
) -> tuple[Replayed, int, bool]:
    """The same as a GIF or an MP4; also how many frames that has, and whether all are of one and the same colour.

    Raises:
      UsageError, MissingExtra, StorageFailed: as of `record`; nothing is written then.
    """
    check_path(path)
    ref = ref or transcript.ref
    env = visible(ref, "rgb_array", purpose="recorded")
    try:
        driver, camera, again = Driver(env, str(ref)), Camera(), _Again(transcript)
        fps = fps or pace(env)

        def frames() -> Iterator[Frame]:
            for is_last in again.play(driver):
                yield (frame := camera.shot(driver))
                if is_last:
                    yield from [frame] * round(REST * fps)

        number = write_video(path, frames(), fps=fps)
        return again.verdict(driver), number, camera.blank
    finally:
        env.close()


def _played(transcript: Transcript, ref: EnvRef, mode: str | None, write: Callable[[str], object] = print) -> Replayed:
    env = visible(ref, mode, purpose="seen") if mode else ref.make()
    try:
        driver, again = Driver(env, str(ref)), _Again(transcript)
        screen = None if mode in (None, "human") else Screen(driver)
        for _ in again.play(driver):
            if screen:
                write(str(screen))
                time.sleep(1 / pace(env, FPS_OF_TEXT))
        return again.verdict(driver)
    finally:
        env.close()


class _Again:
    """Plays the actions of a transcript, and stops at the first answer that is another one."""

    def __init__(self, transcript: Transcript):
        self.transcript = transcript
        self.steps = 0
        self.place = ""
        self.differences: tuple[str, ...] = ()

    def play(self, driver: Driver) -> Iterator[bool]:
        """Yields after each reset and step whether it was the last of its episode."""
        for number, episode in enumerate(self.transcript.episodes):
            options = None if episode.options is None else dict(episode.options)
            observation, _ = driver.reset(episode.seed, options)
            line = episode.difference(observation)
            self._note(f"the reset of episode {number}", [line] if line else [])
            yield bool(self.differences) or not episode.steps
            for index, step in enumerate(episode.steps, start=1):
                if self.differences:
                    return
                *answer, _ = driver.step(step.action)
                lines = list(step.differences(*answer))
                self._note(f"step {index} of episode {number}, action {show(step.action)}", lines)
                self.steps += not lines
                yield bool(self.differences) or index == len(episode.steps)
            if self.differences:
                return

    def verdict(self, driver: Driver) -> Replayed:
        transcript = self.transcript
        then = transcript.versions
        versions = tuple(changed(then, versions_with(driver.env))) if self.differences and then else ()
        found = (self.place, self.differences, transcript.unknown, versions)
        return Replayed(len(transcript.episodes), self.steps, *found)

    def _note(self, place: str, lines: list[str]) -> None:
        if lines:
            self.place, self.differences = place, tuple(lines)
