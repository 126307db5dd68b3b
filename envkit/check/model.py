"""The two extension points of the checker: a probe gathers one kind of evidence, a rule judges it.

Every module below `probes/` that defines `PROBE`, and every module below `rules/` that defines `RULE`, is in use.
A rule says by the annotations of its function which evidence it needs; it is a pure function of that evidence.
"""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, get_type_hints

from envkit.core.finding import Finding, Severity

__all__ = ["SECTIONS", "CannotJudge", "Finding", "Probe", "Rule", "Severity"]

SECTIONS = ("Why", "Fails", "Passes", "Limits", "Source")


class CannotJudge(Exception):
    """Raised by a rule whose evidence says nothing: the reason is reported, and it does not count as a pass."""


@dataclass(frozen=True)
class Probe:
    """How to gather one kind of evidence.

    Args:
      name: what it does, in a word or two, for progress and reports.
      evidence: the type it returns.
      run: drives the subject; judges nothing, and lets no exception of the environment out.
      replay: (subject, case) -> evidence of the same type, of nothing but the episodes of that case; with it the
        findings of the rules that judge this evidence are made short.
    """

    name: str
    evidence: type
    run: Callable[[Any], Any]
    replay: Callable[[Any, Any], Any] | None = None


@dataclass(frozen=True)
class Rule:
    """One fault to look for; the docstring of its module is its page.

    Args:
      code: stable for ever, such as EK201.
      name: of the fault, so that it reads after "allow": reset-ignores-seed.
      severity: of its findings, unless one says otherwise.
      check: evidence -> findings.
      essential: judged whatever is selected or ignored, for where it finds something little else can be judged.
      whole: judges all that was seen together, such as a reward that is always the same, not one call after another.
      symptom_of: codes, or prefixes of codes, of rules whose findings explain this one's; it is told under them.
    """

    code: str
    name: str
    severity: Severity
    check: Callable[..., Iterator[Finding]]
    essential: bool = False
    whole: bool = False
    symptom_of: tuple[str, ...] = ()

    @cached_property
    def needs(self) -> tuple[type, ...]:
        """The kinds of evidence, in the order of the function's parameters."""
        hints = get_type_hints(self.check)
        return tuple(hints[name] for name in inspect.signature(self.check).parameters)

    @property
    def doc(self) -> str:
        module = inspect.getmodule(self.check)
        return inspect.cleandoc(module.__doc__ or "") if module else ""

    @property
    def title(self) -> str:
        return self.doc.partition("\n")[0]

    def section(self, name: str) -> str:
        """The text of one of `SECTIONS`."""
        others = "|".join(SECTIONS)
        found = re.search(rf"^{name}:[ \n]*(.*?)(?=^(?:{others}):|\Z)", self.doc, re.M | re.S)
        return found.group(1).rstrip() if found else ""
