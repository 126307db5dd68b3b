"""The table of `checkers.py`, and the lists below it."""

import contextlib
import itertools
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from checking.real import Defect
from checking.scores import Case, Verdicts, accused, caught, program_lengths, seconds, silent

MOST_ACTIONS = 5
WIDTH = 140


@contextlib.contextmanager
def progress(total: int) -> Iterator[Callable[[str], None]]:
    """Yields what to call after each verdict; where nobody watches a bar, every fiftieth is a line."""
    console = Console(stderr=True)
    if not console.is_terminal:
        done = itertools.count(1)

        def tell(name: str) -> None:
            number = next(done)
            if number % 50 == 0:
                console.print(f"{number} of {total}: {escape(name)}")

        yield tell
        return
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda name: bar.update(task, advance=1, description=escape(name))


def zoo(cases: Sequence[Case], checkers: Sequence[str], verdicts: Verdicts) -> bool:
    """Prints all; whether a bar of envkit's is missed."""
    console = Console(width=None if Console().is_terminal else WIDTH, highlight=False)
    faults, valid = [case for case in cases if case.level], [case for case in cases if not case.level]
    table = _table("", "n", *checkers)
    for family in dict.fromkeys(case.family for case in faults):
        _caught_row(table, family, [case for case in faults if case.family == family], checkers, verdicts)
    table.add_section()
    for name, level in (("faults caught", ""), ("of level error", "error"), ("of level warning", "warning")):
        _caught_row(table, name, [case for case in faults if not level or case.level == level], checkers, verdicts)
    table.add_section()
    _accused_rows(table, "valid", valid, checkers, verdicts)
    _last_rows(table, checkers, verdicts)
    console.print(table)
    peers = [checker for checker in checkers if checker != "envkit"]
    together = sum(any(caught(case, checker, verdicts) for checker in peers) for case in faults)
    if len(peers) > 1:
        console.print(f"\n{', '.join(peers)} together catch {together} of {len(faults)}")
    _print_programs(console, faults, verdicts)
    missed = [case for case in faults if "envkit" in checkers and not caught(case, "envkit", verdicts)]
    _print_missed(console, missed, verdicts)
    for checker in checkers:
        _print_accused(console, valid, checker, verdicts)
    _print_silent(console, cases, checkers, verdicts)
    if "envkit" not in checkers:
        return False
    lengths, _ = program_lengths(faults, "envkit", verdicts)
    long = bool(lengths) and statistics.median(lengths) > MOST_ACTIONS
    rejected = any(accused(case, "envkit", verdicts, "error") for case in valid)
    return bool(missed or rejected or long or silent("envkit", verdicts.values()))


def real(cases: Sequence[Case], checkers: Sequence[str], verdicts: Verdicts, known: Sequence[Defect]) -> bool:
    """Prints all; whether envkit called something an error that is not listed, or said nothing."""
    console = Console(width=None if Console().is_terminal else WIDTH, highlight=False)
    table = _table("errors", "n", *checkers)
    for family in dict.fromkeys(case.family for case in cases):
        some = [case for case in cases if case.family == family]
        table.add_row(family, str(len(some)), *(_accused(some, name, verdicts, "error") for name in checkers))
    table.add_section()
    _accused_rows(table, "all", cases, checkers, verdicts)
    _last_rows(table, checkers, verdicts)
    console.print(table)
    listed = {(defect.id, defect.rule) for defect in known}
    judged = cases if "envkit" in checkers else []
    found = [(case, said) for case in judged for said in verdicts["envkit", case.ref].of_level("error")]
    unlisted = [(case, said) for case, said in found if (case.name, said.key) not in listed]
    title = f"of {len(found)} errors of envkit, real_defects.toml does not list:"
    _print_list(console, title, [f"{case.name}: {said.text}" for case, said in unlisted])
    reported = {(case.name, said.key) for case, said in found}
    gone = [f"{d.id} {d.rule}" for d in known if d.id in {c.name for c in judged} and (d.id, d.rule) not in reported]
    _print_list(console, "listed in real_defects.toml and not reported:", gone)
    _print_silent(console, cases, checkers, verdicts)
    return bool(unlisted or silent("envkit", verdicts.values()))


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    return table


def _caught_row(table: Table, name: str, faults: list[Case], checkers: Sequence[str], verdicts: Verdicts) -> None:
    counts = [sum(caught(case, checker, verdicts) for case in faults) for checker in checkers]
    shares = [f"{count} ({count / len(faults):4.0%})" if faults else "-" for count in counts]
    table.add_row(name, str(len(faults)), *shares)


def _accused(cases: Iterable[Case], checker: str, verdicts: Verdicts, level: str) -> str:
    return str(sum(accused(case, checker, verdicts, level) for case in cases))


def _accused_rows(table: Table, name: str, cases: Sequence[Case], checkers: Sequence[str], verdicts: Verdicts) -> None:
    for level, verb in (("error", "rejected"), ("warning", "warned about")):
        counts = [_accused(cases, checker, verdicts, level) for checker in checkers]
        table.add_row(f"{name}: {verb}", str(len(cases)), *counts)


def _last_rows(table: Table, checkers: Sequence[str], verdicts: Verdicts) -> None:
    table.add_section()
    each = len(verdicts) // len(checkers)
    table.add_row("no verdict", str(each), *(str(len(silent(name, verdicts.values()))) for name in checkers))
    spent = [seconds(name, verdicts.values()) for name in checkers]
    table.add_row("seconds, median", "", *(f"{median:.2f}" for median, _ in spent))
    table.add_row("seconds, longest", "", *(f"{longest:.2f}" for _, longest in spent))


def _print_programs(console: Console, faults: Sequence[Case], verdicts: Verdicts) -> None:
    if not any(checker == "envkit" for checker, _ in verdicts):
        return
    lengths, uncounted = program_lengths(faults, "envkit", verdicts)
    if lengths:
        console.print(
            f"\nactions in envkit's programs: median {statistics.median(lengths):g} (the bar is {MOST_ACTIONS}), "
            f"longest {lengths[-1]}, {sum(length > MOST_ACTIONS for length in lengths)} of {len(lengths)} longer than "
            f"{MOST_ACTIONS}; {uncounted} without a program that can be counted"
        )


def _print_missed(console: Console, missed: Sequence[Case], verdicts: Verdicts) -> None:
    lines = []
    for case in missed:
        verdict = verdicts["envkit", case.ref]
        heard = "; ".join(f"{remark.level} {remark.key}" for remark in verdict.remarks) or "nothing"
        said = heard if verdict.outcome == "answered" else verdict.outcome
        lines.append(f"{case.family}/{case.name} ({case.level}; {case.hides}): {case.what} Said: {said}")
    _print_list(console, "missed by envkit:", lines)


def _print_accused(console: Console, valid: Sequence[Case], checker: str, verdicts: Verdicts) -> None:
    for level, title in (("error", "rejects of the valid"), ("warning", "warns about, of the valid")):
        if level == "warning" and checker != "envkit":  # without a spec Gymnasium's warns about every one
            continue
        lines = [
            f"{case.family}/{case.name}: {_line(remark.text)}"
            for case in valid
            if accused(case, checker, verdicts, level)
            for remark in verdicts[checker, case.ref].of_level(level)
        ]
        _print_list(console, f"{checker} {title}:", lines)


def _print_silent(console: Console, cases: Sequence[Case], checkers: Sequence[str], verdicts: Verdicts) -> None:
    names = {case.ref: f"{case.family}/{case.name}" for case in cases}
    for checker in checkers:
        lines = [f"{names[verdict.ref]}: {verdict.outcome}" for verdict in silent(checker, verdicts.values())]
        _print_list(console, f"{checker} gave no verdict on:", lines)


def _print_list(console: Console, title: str, lines: Sequence[str]) -> None:
    if not lines:
        return
    console.print(f"\n[bold]{escape(title)}[/bold]" + (f" {len(lines)}" if title.endswith(":") else ""))
    for line in lines:
        console.print(f"  {escape(line)}", soft_wrap=True)


def _line(text: str) -> str:
    """The first lines of a message, as one."""
    joined = " ".join(text.split())
    return joined if len(joined) <= 240 else f"{joined[:239]}…"
