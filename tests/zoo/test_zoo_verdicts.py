"""The checker on the zoo: every fault is told at its level, and nobody else is rejected.

A part of the zoo, spread evenly over it, is judged here; ENVKIT_WHOLE_ZOO=1 judges all of it, as
`python benchmarks/checkers.py` does, which takes a quarter of an hour.
"""

import os

import pytest
from catalogue import faults, valid

import envkit.check
from envkit.core.finding import Severity

WHOLE = bool(os.environ.get("ENVKIT_WHOLE_ZOO"))
LEVELS = {"error": Severity.ERROR, "warning": Severity.WARNING}
EVERY = 1 if WHOLE else 12


def name(one):
    return f"{one.family}-{one.name}"


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("fault", faults()[::EVERY], ids=name)
def test_a_fault_is_told_at_its_level_with_what_to_do(fault):
    report = envkit.check(fault.ref, timeout=5.0)
    worst = max((finding.severity for finding in report.findings), default=Severity.ADVICE)
    assert worst >= LEVELS[fault.level], fault.what
    assert all(finding.message and finding.fix for finding in report.findings)


@pytest.mark.parametrize("one", valid()[::EVERY], ids=name)
def test_who_keeps_the_contract_is_not_rejected(one):
    report = envkit.check(one.ref, timeout=5.0)
    assert not report.fails(), str(report)
