"""One finding for each cause: what a fault brings with it is told under it, not beside it."""

from collections.abc import Mapping

from envkit.check.model import Finding, Rule


def folded(findings: list[Finding], rules: Mapping[str, Rule]) -> list[Finding]:
    """One finding for each cause: symptoms under what explains them, one rule's findings under its first."""
    findings = sorted(findings, key=lambda finding: (-finding.severity, finding.code))
    heads = list(dict.fromkeys(head_of(finding, findings, rules) for finding in findings))
    by_head: dict[str, list[Finding]] = {code: [] for code in heads}
    for finding in findings:
        by_head[head_of(finding, findings, rules)].append(finding)
    return [fold(code, group) for code, group in by_head.items()]


def head_of(finding: Finding, findings: list[Finding], rules: Mapping[str, Rule]) -> str:
    """The code of the rule under which it is told."""
    code = finding.code
    for _ in rules:  # an explanation may be explained in turn; never longer than there are rules
        explained_by = rules[code].symptom_of if code in rules else ()
        causes = (other for other in findings if other.code != code and other.severity >= finding.severity)
        cause = next((other.code for other in causes if other.code.startswith(explained_by)), None)
        if cause is None:
            return code
        code = cause
    return finding.code


def fold(code: str, group: list[Finding]) -> Finding:
    head = next(finding for finding in group if finding.code == code)
    return head.folding([finding for finding in group if finding is not head])
