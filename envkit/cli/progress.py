"""How far a long job is: a bar on a terminal, elsewhere one line that says how long it is going to be."""

import contextlib
import math
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import click

from envkit.core.progress import Progress, Report, silent

SHORT = 0.5  # seconds before a bar is of use
LONG = 10.0  # seconds to go that are worth a line

EARLY = 2.0  # seconds in which nobody can tell
LOOKING = 0.05  # of the time, at most, spent on how far from the optimum it is


@contextlib.contextmanager
def progress(*, show: bool, what: str = "episodes") -> Iterator[Report]:
    """A reporter for `envkit.solve`, which shows on stderr what it is told; `what` is counted."""
    with contextlib.ExitStack() as stack:
        if not show:
            yield silent
        elif sys.stderr.isatty():
            yield _bar(stack, what)
        else:
            yield _line(what)


@contextlib.contextmanager
def checking(env: str) -> Iterator[Callable[[str, int], None] | None]:
    """A reporter for `envkit.check`, which shows on stderr what is being tried; None where that is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from envkit.check.engine import all_probes
    from envkit.check.reporters.safe import safe

    names = [probe.name for probe in all_probes()]
    console = Console(stderr=True)
    width = min(30, max(6, console.width - 70))
    what = TextColumn("{task.description}", markup=False)
    about = TextColumn("{task.fields[about]}", markup=False)
    with Progress(what, BarColumn(width), TimeElapsedColumn(), about, console=console, transient=True) as bar:
        task = bar.add_task(f"checking {safe(env)}", total=len(names), about="")

        def report(chapter: str, calls: int) -> None:
            done = names.index(chapter) if chapter in names else len(names) if calls and chapter else 0
            bar.update(task, completed=done, about=f"{chapter}, {calls:,} calls" if chapter else "")

        yield report


@contextlib.contextmanager
def measuring(env: str) -> Iterator[Callable[[str, int], None] | None]:
    """A reporter for `bench`, which shows on stderr what is being measured; None where that is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.status import Status

    with Status(f"measuring {escape(env)}", console=Console(stderr=True)) as status:
        yield lambda chapter, calls: status.update(f"measuring {escape(env)}: {escape(chapter)}")  # noqa: ARG005


def _bar(stack: contextlib.ExitStack, what: str) -> Report:
    bar: Any = None
    task: Any = None
    started = time.perf_counter()
    off, due = "", 0.0

    def report(progress: Progress) -> None:
        nonlocal bar, task, off, due
        if progress.notice:
            _notice(progress)
            return
        now = time.perf_counter()
        if now - started < SHORT:
            return
        if bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            console = Console(stderr=True)
            about = TextColumn("{task.fields[about]}")
            width = min(40, max(6, console.width - 64))  # what the texts leave
            columns = (TextColumn("learning"), BarColumn(width), about, TimeRemainingColumn(elapsed_when_finished=True))
            bar = stack.enter_context(Progress(*columns, console=console, transient=True))
            task = bar.add_task("", total=None, about="")
        if progress.gap and now >= due:
            gap = progress.gap()
            off = "" if gap is None else f", gap {gap:.4g}"
            due = now + max(SHORT, (time.perf_counter() - now) / LOOKING)
        paid = "" if math.isnan(progress.mean_return) else f", return {progress.mean_return:.4g}"
        if progress.about:
            bar.update(task, total=None, about=progress.about)
            return
        told = f"{progress.done / progress.total:.0%} of {progress.total:,} {what}{paid}{off}"
        bar.update(task, total=progress.total, completed=progress.done, about=told)

    return report


def _notice(progress: Progress) -> None:
    click.echo(f"envkit: {progress.notice}", err=True)


def _line(what: str) -> Report:
    begun = time.perf_counter()
    first: tuple[float, int] | None = None
    last, lately, said = (begun, 0), 0.0, False

    def report(progress: Progress) -> None:
        nonlocal first, last, lately, said
        if progress.notice:
            _notice(progress)
        if progress.about or progress.notice:
            return
        now, done, total = time.perf_counter(), progress.done, progress.total
        first = first or (now, done)
        seconds = (total - done) * (now - last[0]) / max(done - last[1], 1)
        on_average = (total - done) * (now - first[0]) / max(done - first[1], 1)
        # The least of three guesses: a wait for the compiler spoils only one of the last two, an update of a network
        # both of them but not the average. And none of those of the first moments, before the compiled loop has taken
        # over.
        if now < begun + EARLY:
            seconds = 0.0
        least = min(seconds, lately, on_average)
        if not said and least > LONG:
            said = True
            click.echo(f"envkit: {total:,} {what}, {least:.0f} s or more; --{what} N for fewer", err=True)
        last, lately = (now, done), seconds

    return report
