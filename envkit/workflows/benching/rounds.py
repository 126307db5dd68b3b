"""Measures rows in rounds: each in turn, again and again, with the yardstick between them.

A machine that is busy for a while slows a few chunks of every row instead of one row as a whole.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from envkit.core.errors import FOREIGN, EnvkitError
from envkit.core.show import error_line
from envkit.workflows.benching import clock
from envkit.workflows.benching.calibration import calibrate
from envkit.workflows.benching.clock import Lap
from envkit.workflows.benching.kind import Offer, Player, Unavailable

ROUNDS, FEWEST = 15, 3
Doing = Callable[[str, str], None]  # told the row, and what is done next; an empty text when it is done


class NeededFailed(Exception):
    """A row without which there is nothing to say could not be measured; the text says why."""


@dataclass
class Course:
    """A row on its way.

    Args:
      calls: of one chunk; 0 before they are known.
      rounds: of all, the slower the row the fewer.
      laps: what one step, or whatever is counted, took: one a round.
      yardsticks: what the yardstick took at the same time.
    """

    offer: Offer
    player: Player
    calls: int = 0
    rounds: int = ROUNDS
    laps: list[Lap] = field(default_factory=list)
    yardsticks: list[Lap] = field(default_factory=list)
    reason: str = ""


def measured(offers: Sequence[Offer], seconds: float, doing: Doing) -> tuple[list[Course], dict[str, str]]:
    """The rows, and the reasons of those that could not be measured, by key.

    Args:
      seconds: for each row, all rounds together; a slow one takes as long as its fewest rounds.

    Raises:
      NeededFailed: one that is needed could not be measured.
    """
    missing: dict[str, str] = {}
    courses: list[Course] = []
    try:
        for offer in offers:
            course = _opened(offer, seconds, doing, missing)
            if course:
                courses.append(course)
        for number in range(ROUNDS):
            turned = courses[number % len(courses) :] + courses[: number % len(courses)]
            for course in turned:
                if number < course.rounds and not course.reason:
                    _guarded(course, lambda course=course: _round(course), doing, missing)  # type: ignore[misc]
    finally:
        for course in courses:
            doing(course.offer.key, "close")
            course.player.close()
            doing(course.offer.key, "")
    return [course for course in courses if not course.reason], missing


def _opened(offer: Offer, seconds: float, doing: Doing, missing: dict[str, str]) -> Course | None:
    """The row, warmed up; None where it cannot be had."""
    doing(offer.key, "make and reset")
    try:
        course = Course(offer, offer.make())
    except FOREIGN as error:
        text = str(error) if isinstance(error, Unavailable | EnvkitError) else error_line(error)
        _missed(offer, text, missing)
        return None
    finally:
        doing(offer.key, "")
    if not _guarded(course, lambda: _warmed(course, seconds), doing, missing):
        course.player.close()
        return None
    return course


def _guarded(course: Course, work: Callable[[], None], doing: Doing, missing: dict[str, str]) -> bool:
    """Does it; where it fails, the row is over."""
    doing(course.offer.key, "play")
    try:
        work()
    except FOREIGN as error:
        course.reason = error_line(error)
        _missed(course.offer, course.reason, missing)
        return False
    finally:
        doing(course.offer.key, "")
    return True


def _missed(offer: Offer, reason: str, missing: dict[str, str]) -> None:
    if offer.needed:
        raise NeededFailed(f"{offer.key}: {reason}")
    missing[offer.key] = reason


def _warmed(course: Course, seconds: float) -> None:
    """Finds out how many calls make a chunk, and how many chunks there is time for.

    A chunk of too few calls would time the loop around them, so a moment in which others had the core must not count.
    """
    chunk, calls = seconds / ROUNDS, 1
    course.player.play(1)  # what is built at the first step and kept is none of the others' cost
    while True:
        begun = clock.now()
        course.player.play(calls)
        lap = clock.since(begun)
        took = lap.seconds(work=clock.works([lap]))
        if took >= chunk / 3:
            break
        calls = max(2 * calls, min(10 * calls, int(calls * chunk / max(took, 1e-9) / 2)))
    course.calls = max(1, round(calls * chunk / took))
    course.rounds = min(ROUNDS, max(FEWEST, round(seconds / (took * course.calls / calls))))


def _round(course: Course) -> None:
    before = calibrate()
    begun = clock.now()
    course.player.play(course.calls)
    took = clock.since(begun)
    course.laps.append(took.over(max(1, course.player.counted())))
    course.yardsticks.append((before + calibrate()).over(2))
