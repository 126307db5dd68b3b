"""JUnit's XML, which most continuous integration shows: a suite an environment, a case a rule.

What a report fails for is a failure; other findings are told in the case's output. A rule that could not judge, whose
finding is excused, or whose symptom is told under another rule, is skipped with the reason: only what was judged and
found nothing passes.

Source: https://github.com/testmoapp/junitxml
"""

from collections.abc import Sequence
from xml.etree import ElementTree

from envkit.check.report import Report, symptom_codes
from envkit.check.reporters.safe import safe
from envkit.check.reporters.text import remarks, tried_text
from envkit.core.finding import Finding, Severity

Element = ElementTree.Element
UNFIT = str.maketrans({0xFFFE: "\\ufffe", 0xFFFF: "\\uffff"})  # no characters of XML, though printable to Python


def report_junit(reports: Sequence[Report]) -> str:
    root = Element("testsuites", name="envkit check")
    for report in reports:
        root.append(_suite(report))
    for total in ("tests", "failures", "skipped"):
        root.set(total, str(sum(int(suite.get(total, "0")) for suite in root)))
    root.set("errors", "0")
    root.set("time", f"{sum(report.seconds for report in reports):.3f}")
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=False)


def _suite(report: Report) -> Element:
    cases = _cases(report)
    suite = Element("testsuite", name=_fit(report.env), tests=str(len(cases)), errors="0")
    suite.set("failures", str(sum(case.find("failure") is not None for case in cases)))
    suite.set("skipped", str(sum(case.find("skipped") is not None for case in cases)))
    suite.set("time", f"{report.seconds:.3f}")
    suite.extend(cases)
    told = ElementTree.SubElement(suite, "system-out")
    told.text = _fit("\n".join([tried_text(report), *remarks(report), *report.notes]))
    return suite


def _cases(report: Report) -> list[Element]:
    names = _names()
    excused = {allowed.finding.code: allowed.reason for allowed in report.allowed}
    heads = {code: finding.code for finding in report.findings for code in symptom_codes(finding)}
    by_code: dict[str, list[Finding]] = {}
    for finding in report.findings:
        by_code.setdefault(finding.code, []).append(finding)
    cases = []
    for code in sorted({*report.judged, *report.not_judged, *by_code, *excused, *heads}):
        case = Element("testcase", classname=_fit(report.env), name=f"{code} {names.get(code, '')}".strip())
        if code in by_code:
            _tell(case, by_code[code], report)
        elif code in excused:
            _skip(case, f"allowed: {excused[code]}")
        elif code in heads:
            _skip(case, f"a symptom, told under {heads[code]}")
        elif code in report.not_judged:
            _skip(case, f"not judged: {report.not_judged[code]}")
        cases.append(case)
    return cases


def _tell(case: Element, findings: list[Finding], report: Report) -> None:
    failing = Severity.WARNING if report.strict else Severity.ERROR
    worst = max(findings, key=lambda finding: finding.severity)
    if worst.severity >= failing:
        told = ElementTree.SubElement(case, "failure", message=_fit(worst.message), type=worst.severity.label)
    else:
        told = ElementTree.SubElement(case, "system-out")
    told.text = _fit("\n\n".join(_text(finding) for finding in findings))


def _text(finding: Finding) -> str:
    parts = [f"{finding.severity.label}: {finding.message}", f"at: {finding.at}" if finding.at else ""]
    parts += [f"fix: {finding.fix}", *finding.also, f"\n{finding.program}\n" if finding.program else ""]
    return "\n".join(part for part in parts if part)


def _skip(case: Element, reason: str) -> None:
    ElementTree.SubElement(case, "skipped", message=_fit(reason))


def _names() -> dict[str, str]:
    from envkit.check.engine import all_rules

    return {rule.code: rule.name for rule in all_rules()}


def _fit(text: str) -> str:
    return safe(text).translate(UNFIT)


REPORTER = report_junit
