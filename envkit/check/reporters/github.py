"""Workflow commands of GitHub Actions: each finding becomes an annotation beside the line that it is about.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from collections.abc import Iterator, Sequence

from envkit.check.report import Report
from envkit.check.reporters.places import place_of
from envkit.check.reporters.safe import safe
from envkit.check.reporters.text import remarks, tried_text, verdict_text
from envkit.core.finding import Finding, Severity

COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "notice"}


def report_github(reports: Sequence[Report]) -> str:
    return "\n".join(line for report in reports for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    for finding in report.findings:
        place = place_of(finding, report)
        where = {"file": place.file, "line": str(place.line)}
        yield _command(COMMANDS[finding.severity], where | {"title": _title(finding)}, _message(finding, report))
    for reason in dict.fromkeys(report.not_judged.values()):
        codes = ", ".join(code for code, other in report.not_judged.items() if other == reason)
        yield _command("notice", {"title": f"{report.env}: not judged"}, f"{codes}: {reason}")
    for note in report.notes:
        yield _command("notice", {"title": report.env}, note)
    # A plain line of the log; it must not begin a command itself, whatever the environment is called.
    yield f"envkit: {_line(report.env)}: {verdict_text(report)} ({_line(tried_text(report))}; {report.seconds:.1f} s)"
    yield from (f"envkit: {_line(line)}" for line in remarks(report))


def _title(finding: Finding) -> str:
    return f"{finding.code} {finding.name}"


def _message(finding: Finding, report: Report) -> str:
    parts = [f"{report.env}: {finding.message}", f"fix: {finding.fix}", finding.program, *finding.also]
    return "\n".join(part for part in parts if part)


def _command(name: str, properties: dict[str, str], message: str) -> str:
    given = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {given}::{_data(message)}"


def _data(text: str) -> str:
    return safe(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _line(text: str) -> str:
    return safe(text).replace("\n", " ")


REPORTER = report_github
