"""What the child process does: measures, and answers in plain JSON types."""

import warnings
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

from envkit.core import scan
from envkit.core.errors import FOREIGN, EnvironmentFailed, EnvkitError, UsageError
from envkit.core.ref import EnvRef
from envkit.core.show import error_line
from envkit.isolate.ledger import Ledger
from envkit.workflows.benching import hot, trend
from envkit.workflows.benching.advice import advice
from envkit.workflows.benching.kind import Kind, Offer
from envkit.workflows.benching.result import Row, Spread
from envkit.workflows.benching.rounds import Course, NeededFailed, measured
from envkit.workflows.benching.shares import shares
from envkit.workflows.benching.subject import Subject

T = TypeVar("T")
TREND, PROFILE = "trend", "profile"  # chapters after those of the rows
TREND_TIMES, PROFILE_TIMES = 4.0, 0.5  # as long as a row


def measure(
    ledger: Ledger | None, *, ref: EnvRef, counts: tuple[int, ...], seed: int, seconds: float
) -> dict[str, Any]:
    """Measures everything but memory.

    Returns: {"usage": text} or {"failed": text} where the environment cannot be made or played; else the rows, the
    shares, the trend and what follows from them.
    """

    def doing(chapter: str, call: str) -> None:
        if ledger is None:
            return
        if call:
            ledger.chapter = chapter
            ledger.start(call)
        else:
            ledger.finish()

    warnings.simplefilter("ignore")  # of the environment's; `envkit check` tells them
    try:
        doing("construction", "make and close")
        ref.make().close()  # imports its modules, and complains in the usual words
        doing("construction", "")
        subject = Subject(ref, counts, seed)
        courses, missing = measured(_theirs(lambda: _offers(subject)), seconds, doing)
        doing(TREND, "play the same episode again and again")
        blocks = _theirs(lambda: trend.played(subject, TREND_TIMES * seconds))
        doing(PROFILE, "play under the profiler")
        plain = next(course for course in courses if course.offer.needed)
        calls = max(1, int(plain.calls * PROFILE_TIMES * seconds / _chunk(plain) / 3))
        functions = _theirs(lambda: hot.hottest(subject, calls))
        doing(PROFILE, "")
    except UsageError as error:
        return {"usage": str(error)}
    except (EnvkitError, NeededFailed) as error:
        return {"failed": str(error)}
    rows, seen = [_row(course) for course in courses], trend.judged(*blocks).to_json()
    parts = shares(rows)
    return {
        "rows": [row.to_json() for row in rows],
        "missing": missing,
        "shares": [asdict(share) for share in parts],
        "hot": functions,
        "trend": seen,
        "advice": advice(rows, parts, seen),
    }


def _theirs(work: Callable[[], T]) -> T:
    """Whatever is raised in it is of the environment's making."""
    try:
        return work()
    except EnvkitError:
        raise
    except FOREIGN as error:
        raise EnvironmentFailed(error_line(error)) from error


def _offers(subject: Subject) -> list[Offer]:
    kinds = scan.constants("envkit.workflows.benching.rows", "ROW", Kind).values()
    return [offer for kind in sorted(kinds, key=lambda kind: kind.place) for offer in kind.offers(subject)]


def _row(course: Course) -> Row:
    offer = course.offer
    return Row(
        offer.name,
        offer.num_envs,
        offer.unit,
        tuple(course.laps),
        tuple(course.yardsticks),
        offer.about,
        offer.inner,
    )


def _chunk(course: Course) -> float:
    """Seconds of one chunk."""
    return course.calls * Spread.of([lap.passed for lap in course.laps]).median
