"""Whether faults that were found are still there: each is tried again, in a child process, in the way that suits it.

    a case is known      its episodes are played on a fresh instance, and judged by the rule that spoke
    the process ended    its calls are made again; nothing that a file holds is ever run as code

What does not show itself in this way may have been mended, or may be hiding: an environment that is not repeatable
shows a fault now and then. So the rest is checked once more, for these rules only; mended is what that does not find.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from envkit.check import engine
from envkit.check.api import Progress, check
from envkit.check.later import played
from envkit.check.later.past import Past, read
from envkit.check.later.program import calls_of, calls_of_case
from envkit.check.model import Rule
from envkit.check.probes.death import Death
from envkit.check.report import Settings, symptom_codes
from envkit.check.shortening.deaths import findings as findings_of_deaths
from envkit.core.codec import NotPlain
from envkit.core.errors import UsageError
from envkit.core.finding import Finding
from envkit.core.ref import EnvRef
from envkit.isolate import parent

STILL, MENDED, UNKNOWN = "still there", "mended", "not judged"


@dataclass(frozen=True)
class Outcome:
    """What became of one finding.

    Args:
      env: the reference, as text.
      finding: as it was reported.
      state: still there, mended, or not judged.
      message: what was seen now, or why it could not be judged.
      program: what shows it now.
    """

    env: str
    finding: Finding
    state: str
    message: str = ""
    program: str = ""


def again(
    data: Mapping[str, Any] | list[Past],
    *,
    only: Iterable[str] = (),
    target: Any = None,
    progress: Progress | None = None,
) -> list[Outcome]:
    """Tries every finding of a report again.

    Args:
      data: a report, or several, as `Report.to_json` makes it, and as `envkit check --format json` writes it.
      only: codes; findings of other rules are left out.
      target: the environment, where it is not the one that the report names.

    Raises:
      ArtifactRefused: the data is no report of envkit's.
      UsageError: the reference names nothing here, or a code is none of the report's.
    """
    wanted = {code.upper() for code in only}
    reports = read(data)
    told = {finding.code for past in reports for finding in past.findings}
    if wanted - told:
        raise UsageError(f"the report has no finding of {', '.join(sorted(wanted - told))}; it has {_listed(told)}")
    found = []
    for past in reports:
        findings = [finding for finding in past.findings if not wanted or finding.code in wanted]
        ref = past.ref() if target is None else EnvRef.of(target)
        found += judged_again(ref, findings, past.settings, progress=progress)
    return found


def judged_again(
    ref: EnvRef, findings: Sequence[Finding], settings: Settings, *, progress: Progress | None = None
) -> list[Outcome]:
    """What became of findings of one environment, in their order."""
    run = _Run(ref, settings, progress, {rule.code: rule for rule in engine.all_rules()})
    for number, finding in enumerate(findings):
        rule = run.rules.get(finding.code)
        if rule is None:
            run.outcomes[number] = Outcome(str(ref), finding, UNKNOWN, f"no rule is called {finding.code} here")
        elif rule.needs == (Death,):
            run.relive(number, finding)
    run.play({n: f for n, f in enumerate(findings) if n not in run.outcomes and played.playable(run.rules[f.code], f)})
    run.check({n: f for n, f in enumerate(findings) if n not in run.outcomes})
    return [run.outcomes[number] for number in range(len(findings))]


@dataclass
class _Run:
    """The findings of one environment, tried one way after another until each has its outcome."""

    ref: EnvRef
    settings: Settings
    progress: Progress | None
    rules: dict[str, Rule]
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    @property
    def limits(self) -> parent.Limits:
        return replace(parent.Limits(), call_seconds=self.settings.timeout)

    @property
    def apart(self) -> bool:
        return os.name == "posix"

    def relive(self, number: int, finding: Finding) -> None:
        """Makes the calls that ended the process; leaves it to a check where they are not known, or end nothing now.

        For a death may have needed more than the calls that are known of it.
        """
        try:
            calls = calls_of_case(finding.case) if finding.case else calls_of(finding.program)
        except NotPlain:
            return
        if not self.apart:
            return
        ending = self._run("relive", {"calls": calls})
        if ending.kind == "answered" and ending.answer:
            raise UsageError(ending.answer)
        if ending.kind == "answered":
            return
        now = findings_of_deaths([Death.of(ending)], tuple(self.rules.values()))
        message, program = (now[0].message, now[0].program) if now else (ending.how, finding.program)
        self.outcomes[number] = Outcome(str(self.ref), finding, STILL, message, program or finding.program)

    def play(self, findings: dict[int, Finding]) -> None:
        """Plays the cases, all in one child; what ends it is set aside, and the others go on in the next."""
        while findings:
            request = {"cases": {str(n): finding.to_json() for n, finding in findings.items()}}
            ending = self._run("replay", request | {"seed": self.settings.seed, "budget": self.settings.budget})
            if ending.kind == "answered":
                self._note(ending.answer, findings)
                return
            blamed = int(ending.chapter) if ending.chapter.isdigit() else None
            for number in findings if blamed is None else [blamed]:
                message = f"{ending.how} from {Death.of(ending).what}"
                self.outcomes[number] = Outcome(str(self.ref), findings[number], UNKNOWN, message)
            findings = {} if blamed is None else {n: f for n, f in findings.items() if n != blamed}

    def _note(self, answer: dict[str, Any], findings: dict[int, Finding]) -> None:
        if "usage" in answer:
            raise UsageError(answer["usage"])
        for number, said in answer.items():
            finding = findings[int(number)]
            self.outcomes[int(number)] = Outcome(str(self.ref), finding, STILL, said["message"], said["program"])

    def check(self, findings: dict[int, Finding]) -> None:
        """Checks once more for the rules of these findings."""
        if not findings:
            return
        codes = sorted({finding.code for finding in findings.values()})
        settings = self.settings
        report = check(
            self.ref,
            select=codes,
            seed=settings.seed,
            budget=settings.budget,
            timeout=settings.timeout,
            progress=self.progress,
        )
        for number, finding in findings.items():
            now = next((f for f in report.findings if finding.code in {f.code} | symptom_codes(f)), None)
            if now:
                outcome = Outcome(report.env, finding, STILL, now.message, now.program)
            elif finding.code in report.judged:
                outcome = Outcome(report.env, finding, MENDED)
            else:
                reason = report.not_judged.get(finding.code, "")
                outcome = Outcome(report.env, finding, UNKNOWN, reason)
            self.outcomes[number] = outcome

    def _run(self, function: str, arguments: dict[str, Any]) -> parent.Ending:
        arguments = {"ref": self.ref, **arguments}
        if not self.apart:
            return parent.Ending("answered", getattr(played, function)(None, **arguments))
        name = f"envkit.check.later.played:{function}"
        return parent.run(name, arguments, self.limits, watch=self.progress)


def _listed(codes: set[str]) -> str:
    return ", ".join(sorted(codes)) or "none"
