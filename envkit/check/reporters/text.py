"""For people: one paragraph a finding, in the order in which to mend them, then what was covered.

The report is made of pieces, each with the name of a rich style, and no markup is ever read: a terminal shows the
styles, everything else takes the text alone.
"""

import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from envkit.check.report import Report
from envkit.check.reporters.safe import safe
from envkit.core.finding import Finding, Severity
from envkit.core.show import count

WIDTH = 110
MOST_SYMPTOMS = 8
MOST_CODES = 12  # that are told one by one
PYTHON = "python"  # the style of a program, which a terminal may highlight
STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.ADVICE: "bold cyan"}
VERDICTS = {"errors": "bold red", "warnings": "bold yellow", "clean": "bold green"}
NOUNS = {
    "episodes": "episode", "steps": "step", "terminated": "termination", "truncated": "truncation", "renders": "render",
}  # fmt: skip

Piece = tuple[str, str]  # text, style


def report_text(reports: Sequence[Report]) -> str:
    return "".join(text for text, _ in pieces(reports)).removesuffix("\n")


def pieces(reports: Sequence[Report], width: int = WIDTH) -> Iterator[Piece]:
    """What to print, line ends included."""
    for number, report in enumerate(reports):
        if number:
            yield "\n", ""
        for text, style in _one(report, width):
            yield safe(text), style


def _one(report: Report, width: int) -> Iterator[Piece]:
    for finding in report.findings:
        yield from _finding(finding, width)
    if report.allowed:
        yield from _allowed(report, width)
    if report.not_judged:
        yield from _not_judged(report, width)
    for note in report.notes:
        yield _filled(f"note: {note}", width, "  ") + "\n\n", "dim"
    yield from _summary(report, width)


def _finding(finding: Finding, width: int) -> Iterator[Piece]:
    yield f"{finding.code} {finding.name}", "bold"
    yield f"  {finding.severity.label}", STYLES[finding.severity]
    yield (f"  ({finding.count} times)" if finding.count > 1 else "") + "\n", "dim"
    yield from labelled("saw", finding.message, width)
    if finding.at:
        yield from labelled("at", finding.at, width)
    yield from labelled("fix", finding.fix, width, "green")
    if finding.program:
        yield "  try\n", "dim"
        yield textwrap.indent(finding.program.rstrip("\n"), " " * 8) + "\n", PYTHON
    for line in finding.also[:MOST_SYMPTOMS]:
        yield from labelled("also", line, width)
    if len(finding.also) > MOST_SYMPTOMS:
        yield from labelled("", f"and {len(finding.also) - MOST_SYMPTOMS} more", width, "dim")
    yield from labelled("more", f"envkit explain {finding.code}", width, "dim")
    yield "\n", ""


def labelled(label: str, text: str, width: int, style: str = "") -> Iterator[Piece]:
    yield f"  {label:5} ", "dim"
    yield _filled(text, width, " " * 8, begin=8) + "\n", style


def _filled(text: str, width: int, indent: str, begin: int = 0) -> str:
    """Wrapped lines, the first of which begins in the column `begin`."""
    wrapper = textwrap.TextWrapper(
        width, initial_indent=" " * begin, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return wrapper.fill(safe(text))[begin:]


def _allowed(report: Report, width: int) -> Iterator[Piece]:
    for allowed in report.allowed:
        finding = allowed.finding
        text = f"allowed: {finding.code} {finding.name}: {finding.message}"
        yield _filled(text, width, "  ") + "\n", ""
        yield _filled(f"  because {allowed.reason}", width, "  ") + "\n", "dim"
    yield "\n", ""


def _not_judged(report: Report, width: int) -> Iterator[Piece]:
    by_reason: dict[str, list[str]] = {}
    for code, reason in report.not_judged.items():
        by_reason.setdefault(reason, []).append(code)
    for reason, codes in by_reason.items():
        told = ", ".join(codes) if len(codes) <= MOST_CODES else f"{len(codes)} rules, {codes[0]} to {codes[-1]}"
        yield _filled(f"not judged: {told}: {reason}", width, "  ") + "\n", "dim"
    yield "\n", ""


def _summary(report: Report, width: int) -> Iterator[Piece]:
    verdict = verdict_text(report)
    yield f"{report.env}: ", "bold"
    yield verdict, VERDICTS[report.verdict]
    tried = f"({tried_text(report)}; {report.seconds:.1f} s)"
    yield " " + _filled(tried, width, "  ", begin=len(f"{report.env}: {verdict} ")) + "\n", ""
    for line in remarks(report):
        yield _filled(f"  {line}", width, "  ") + "\n", ""


def verdict_text(report: Report) -> str:
    """`1 error, 2 warnings`, with what was not judged and what is allowed."""
    parts = []
    for severity in reversed(Severity):
        number = sum(finding.severity == severity for finding in report.findings)
        if number:
            plural = severity.label if severity == Severity.ADVICE else count(number, severity.label).partition(" ")[2]
            parts.append(f"{number} {plural}")
    parts = parts or ["clean"]
    if report.allowed:
        parts.append(f"{len(report.allowed)} allowed")
    if report.not_judged:
        parts.append(f"{count(len(report.not_judged), 'rule')} not judged")
    return ", ".join(parts)


def tried_text(report: Report) -> str:
    """How much was done: `3 episodes, 60 steps`."""
    coverage = report.coverage
    tried = ", ".join(_counted(coverage[key], noun) for key, noun in NOUNS.items() if key in coverage)
    return tried if any(coverage.get(key) for key in NOUNS) else "nothing could be tried"


def remarks(report: Report) -> list[str]:
    """What else is to be known of the coverage, a sentence each."""
    coverage = report.coverage
    lines = []
    if coverage.get("states"):
        states, actions = _counted(coverage["states"], "state"), coverage.get("actions", 0)
        each = f"{states} and {_counted(actions, 'action')}"
        if coverage.get("proved"):
            lines.append(f"proved for all {each}, where a rule is about single steps")
        elif actions:
            lines.append(f"each of {_counted(actions, 'action')} was tried in each of {states} that were seen")
        else:
            lines.append(f"{_counted(coverage['states'], 'kind')} of states seen")
    if coverage.get("steps") and coverage.get("terminated") == 0:
        lines.append("no episode terminated: what happens at such an end was not seen")
    if "longest" in coverage:
        longest = _counted(coverage["longest"], "step")
        lines.append(f"no episode longer than {longest}, for longer ones end the process")
    if coverage.get("cut"):
        cut = ", ".join(coverage["cut"])
        lines.append(f"the time was over before all was done in: {cut}; --budget thorough has more of it")
    file = report.source.file
    if report.findings and file and Path(file).name not in report.env:
        lines.append(f"it is written in {file}:{report.source.lines.get('', 1)}")
    return lines


def _counted(number: int, noun: str) -> str:
    return count(number, noun).replace(str(number), f"{number:,}", 1)


REPORTER = report_text
