"""How far a long job is: a bar on a terminal, elsewhere one line that says how long it is going to be."""

import contextlib
import math
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import click

SHORT = 0.5  # seconds before a bar is of use
LONG = 10.0  # seconds to go that are worth a line

Report = Callable[[int, int, float, int], None]  # episodes so far, steps so far, mean return lately, episodes in all


@contextlib.contextmanager
def progress(*, show: bool, what: str = "episodes") -> Iterator[Report]:
    """A reporter for `envkit.solve`, which shows on stderr what it is told; `what` is counted."""
    with contextlib.ExitStack() as stack:
        if not show:
            from envkit.tabular.solver import silent

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


def _bar(stack: contextlib.ExitStack, what: str) -> Report:
    bar: Any = None
    task: Any = None
    started = time.perf_counter()

    def report(episodes: int, steps: int, mean: float, total: int) -> None:  # noqa: ARG001 - the reporter's arguments
        nonlocal bar, task
        if time.perf_counter() - started < SHORT:
            return
        if bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            console = Console(stderr=True)
            about = TextColumn("{task.fields[about]}")
            width = min(40, max(6, console.width - 64))  # what the texts leave
            columns = (TextColumn("learning"), BarColumn(width), about, TimeRemainingColumn(elapsed_when_finished=True))
            bar = stack.enter_context(Progress(*columns, console=console, transient=True))
            task = bar.add_task("", total=total, about="")
        paid = "" if math.isnan(mean) else f", return {mean:.4g}"
        bar.update(task, completed=episodes, about=f"{episodes:,} of {total:,} {what}{paid}")

    return report


def _line(what: str) -> Report:
    last, lately, said = (time.perf_counter(), 0), 0.0, False

    def report(episodes: int, steps: int, mean: float, total: int) -> None:  # noqa: ARG001 - the reporter's arguments
        nonlocal last, lately, said
        now = time.perf_counter()
        seconds = (total - episodes) * (now - last[0]) / max(episodes - last[1], 1)
        # Of two guesses the lesser one: a wait for the compiler spoils only one of them.
        if not said and min(seconds, lately) > LONG:
            said = True
            click.echo(f"envkit: {total:,} {what}, {seconds:.0f} s or more; --{what} N for fewer", err=True)
        last, lately = (now, episodes), seconds

    return report
