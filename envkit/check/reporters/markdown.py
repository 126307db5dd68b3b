"""For a comment on a pull request or the summary of a job: Markdown as GitHub renders it.

Foreign text cannot form markup, mention anybody or link an issue.

Source: https://github.github.com/gfm/
"""

import re
from collections.abc import Iterator, Sequence

from envkit.check.report import Report
from envkit.check.reporters.safe import safe
from envkit.check.reporters.text import MOST_SYMPTOMS, remarks, tried_text, verdict_text
from envkit.core.finding import Finding
from envkit.core.show import count

SPECIAL = re.compile(r"([\\`*_\[\]<>|~&$]|^[-+=#]|(?<=^\d)[.)])")
LINKING = re.compile(r"([@#])(?=\w)")


def report_markdown(reports: Sequence[Report]) -> str:
    return "\n\n".join("\n\n".join(_blocks(report)) for report in reports)


def _blocks(report: Report) -> Iterator[str]:
    yield f"### envkit check {code(report.env)}: {verdict_text(report)}"
    for finding in report.findings:
        yield from _finding(finding)
    if report.allowed:
        yield "\n".join(
            f"- allowed: **{each.finding.code}** {escaped(each.finding.message)}, because {escaped(each.reason)}"
            for each in report.allowed
        )
    if report.not_judged:
        reasons = "\n".join(f"- {code(each)}: {escaped(reason)}" for each, reason in report.not_judged.items())
        yield _folded(f"{count(len(report.not_judged), 'rule')} not judged", reasons)
    if report.notes:
        yield "\n".join(f"- note: {escaped(note)}" for note in report.notes)
    tried = [f"{tried_text(report)}; {report.seconds:.1f} s", *remarks(report)]
    yield "<sub>" + "<br>".join(escaped(line) for line in tried) + "</sub>"


def _finding(finding: Finding) -> Iterator[str]:
    times = f", {finding.count} times" if finding.count > 1 else ""
    yield f"#### {finding.code} {escaped(finding.name)} ({finding.severity.label}{times})"
    yield escaped(finding.message)
    yield f"**Fix:** {escaped(finding.fix)}"
    if finding.program:
        yield fenced(finding.program, "python")
    if finding.also:
        shown = [f"- {escaped(line)}" for line in finding.also[:MOST_SYMPTOMS]]
        more = len(finding.also) - MOST_SYMPTOMS
        yield _folded(
            f"{count(len(finding.also), 'more symptom')} of it", "\n".join(shown + [f"- and {more} more"] * (more > 0))
        )


def _folded(title: str, body: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def escaped(text: str) -> str:
    """One line in which nothing is markup; an empty comment keeps @name and #12 from becoming links."""
    words = " ".join(safe(text).split())
    return LINKING.sub(r"\1<!-- -->", SPECIAL.sub(r"\\\1", words))


def code(text: str) -> str:
    """A code span, fenced by more backticks than the text has in a row."""
    words = " ".join(safe(text).split())
    ticks = "`" * (_longest_run(words) + 1)
    padding = " " if words.startswith("`") or words.endswith("`") else ""
    return f"{ticks}{padding}{words}{padding}{ticks}"


def fenced(text: str, language: str) -> str:
    ticks = "`" * max(3, _longest_run(text) + 1)
    return f"{ticks}{language}\n{safe(text).rstrip()}\n{ticks}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


REPORTER = report_markdown
