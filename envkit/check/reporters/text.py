"""For people: one paragraph a finding, in the order in which to mend them, then what was covered."""

import textwrap
from collections.abc import Sequence

from envkit.check.report import Report
from envkit.core.finding import Finding
from envkit.core.show import count

WIDTH = 110


def report_text(reports: Sequence[Report]) -> str:
    return "\n".join(_one(report) for report in reports)


def _one(report: Report) -> str:
    parts = [_finding(finding) for finding in report.findings]
    if report.not_judged:
        parts.append(_not_judged(report))
    parts.append(_summary(report))
    return "\n".join(parts)


def _finding(finding: Finding) -> str:
    lines = [
        f"{finding.code} {finding.name}  {finding.severity.label}"
        + (f"  ({finding.count} times)" if finding.count > 1 else "")
    ]
    lines.append(_labelled("saw", finding.message))
    if finding.at:
        lines.append(_labelled("at", finding.at))
    lines.append(_labelled("fix", finding.fix))
    if finding.program:
        lines.append("  try")
        lines += [f"        {line}".rstrip() for line in finding.program.splitlines()]
    lines.append(_labelled("more", f"envkit explain {finding.code}"))
    return "\n".join(lines) + "\n"


def _labelled(label: str, text: str) -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=f"  {label:5} ",
        subsequent_indent=" " * 8,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _not_judged(report: Report) -> str:
    by_reason: dict[str, list[str]] = {}
    for code, reason in report.not_judged.items():
        by_reason.setdefault(reason, []).append(code)
    lines = [f"not judged: {', '.join(codes)}: {reason}" for reason, codes in by_reason.items()]
    return "\n".join(textwrap.fill(line, WIDTH, subsequent_indent="  ") for line in lines) + "\n"


def _summary(report: Report) -> str:
    from envkit.core.finding import Severity

    counts = []
    for severity in reversed(Severity):
        number = sum(finding.severity == severity for finding in report.findings)
        if number:
            plural = "s" if number > 1 and severity != Severity.ADVICE else ""
            counts.append(f"{number} {severity.label}{plural}")
    verdict = ", ".join(counts) or "clean"
    coverage = report.coverage
    nouns = {"episodes": "episode", "steps": "step", "terminated": "termination", "truncated": "truncation"}
    nouns["renders"] = "render"
    tried = ", ".join(count(coverage[key], noun) for key, noun in nouns.items() if key in coverage)
    if "longest" in coverage:
        longest = count(coverage["longest"], "step")
        tried += f", no episode longer than {longest}, for longer ones end the process"
    tried = tried or "nothing could be tried"
    skipped = f", {count(len(report.not_judged), 'rule')} not judged" if report.not_judged else ""
    return f"{report.env}: {verdict}{skipped} ({tried}; {report.seconds:.1f} s)"


REPORTER = report_text
