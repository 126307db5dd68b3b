"""SARIF 2.1.0, which code scanning shows beside the lines: one run, the rules that spoke, a result a finding.

What could not be judged is a notification of the run, and what the configuration excuses is a suppressed result.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import envkit
from envkit.check.model import Rule
from envkit.check.report import Report
from envkit.check.reporters.places import place_of
from envkit.check.reporters.safe import safe
from envkit.check.reporters.text import MOST_SYMPTOMS
from envkit.core.finding import Finding, Severity

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "note"}


def report_sarif(reports: Sequence[Report]) -> str:
    rules = _rules(reports)
    run = {
        "tool": {"driver": {"name": "envkit", "version": envkit.__version__, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _notifications(reports)}],
        "results": _results(reports, {rule["id"]: number for number, rule in enumerate(rules)}),
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _told(report: Report) -> list[tuple[Finding, str]]:
    """Findings, each with the reason for which it is excused, or an empty text."""
    return [(finding, "") for finding in report.findings] + [(each.finding, each.reason) for each in report.allowed]


def _rules(reports: Sequence[Report]) -> list[dict[str, Any]]:
    from envkit.check.engine import all_rules

    told = {finding.code for report in reports for finding, _ in _told(report)}
    return [_rule(rule) for rule in all_rules() if rule.code in told]


def _rule(rule: Rule) -> dict[str, Any]:
    """The rule's page, from the sections of its docstring."""
    page = "\n\n".join(
        [f"**Why** {rule.section('Why')}", "**Fails**", _python(rule, "Fails"), "**Passes**", _python(rule, "Passes")]
        + [f"**{name}** {rule.section(name)}" for name in ("Limits", "Source")]
    )
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": " ".join(rule.section("Why").split()) or rule.title},
        "help": {"text": rule.doc, "markdown": page},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"tags": [rule.check.__module__.split(".")[-2:][0]], "problem.severity": _problem(rule.severity)},
    }


def _python(rule: Rule, section: str) -> str:
    import textwrap

    return f"```python\n{textwrap.dedent('    ' + rule.section(section))}\n```"


def _problem(severity: Severity) -> str:
    return {Severity.ADVICE: "recommendation"}.get(severity, severity.label)


def _results(reports: Sequence[Report], index: dict[str, int]) -> list[dict[str, Any]]:
    return [_result(finding, reason, report, index) for report in reports for finding, reason in _told(report)]


def _result(finding: Finding, reason: str, report: Report, index: dict[str, int]) -> dict[str, Any]:
    place = place_of(finding, report)
    path = Path(place.file)
    artifact = {"uri": path.as_uri()} if path.is_absolute() else {"uri": _quoted(place.file), "uriBaseId": "%SRCROOT%"}
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "level": LEVELS[finding.severity],
        "message": {"text": safe(_message(finding, report))},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": artifact, "region": {"startLine": place.line}},
                "logicalLocations": [{"fullyQualifiedName": safe(report.env)}],
            }
        ],
        "occurrenceCount": finding.count,
        "partialFingerprints": {"envkitFinding/v1": _fingerprint(finding, report)},
    }
    if finding.code in index:
        result["ruleIndex"] = index[finding.code]
    if reason:
        result["suppressions"] = [{"kind": "external", "justification": safe(reason)}]
    return result


def _message(finding: Finding, report: Report) -> str:
    also = list(finding.also[:MOST_SYMPTOMS])
    if len(finding.also) > MOST_SYMPTOMS:
        also.append(f"and {len(finding.also) - MOST_SYMPTOMS} more")
    at = f"At: {finding.at}" if finding.at else ""
    parts = [f"{report.env}: {finding.message}", at, f"Fix: {finding.fix}", *also, finding.program]
    return "\n".join(part for part in parts if part)


def _fingerprint(finding: Finding, report: Report) -> str:
    """The same for the same fault, however its numbers vary: so that code scanning knows it again."""
    text = "\n".join([report.env, finding.code, finding.kind])
    return hashlib.sha256(text.encode(errors="backslashreplace")).hexdigest()[:32]


def _quoted(path: str) -> str:
    from urllib.parse import quote

    return quote(path.encode(errors="surrogateescape"))


def _notifications(reports: Sequence[Report]) -> list[dict[str, Any]]:
    found = []
    for report in reports:
        for code, reason in report.not_judged.items():
            text = f"{report.env}: {code} could not be judged: {reason}"
            found.append({"level": "note", "message": {"text": safe(text)}, "associatedRule": {"id": code}})
        found += [{"level": "note", "message": {"text": safe(note)}} for note in report.notes]
    return found


REPORTER = report_sarif
