"""A verdict always: whatever the environment's code does is a finding, and never takes the checker with it."""

import pytest

from envkit.check.api import check
from envkit.core.errors import UsageError
from envkit.core.finding import Severity

PRELUDE = """
import ctypes, os, sys, time
import gymnasium as gym
import numpy as np
from envkit.check.lamp import Lamp

class Nasty(Exception):
    def __str__(self):
        raise RuntimeError("no text")

"""

HANG = "while True: pass"
EXIT = "os._exit(7)"
SYSTEM_EXIT = "sys.exit(0)"
CRASH = "ctypes.string_at(0)"
INPUT = "input('press a key')"
NASTY = "raise Nasty"
BIG = "raise ValueError('x' * 10**8)"


def body(method, fault):
    made = {
        "import": f"{fault}\nclass Env(Lamp): pass",
        "__init__": f"class Env(Lamp):\n    def __init__(self, render_mode=None):\n        {fault}",
        "reset": f"class Env(Lamp):\n    def reset(self, **kwargs):\n        {fault}",
        "step": f"class Env(Lamp):\n    def step(self, action):\n        if self.steps == 5:\n            {fault}\n"
        "        return super().step(action)",
        "render": f"class Env(Lamp):\n    def render(self):\n        {fault}",
        "close": f"class Env(Lamp):\n    def close(self):\n        {fault}",
    }
    return PRELUDE + made[method]


METHODS = ["import", "__init__", "reset", "step", "render", "close"]


@pytest.fixture
def judge(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(source, **options):
        (tmp_path / "faulty.py").write_text(source)
        return check("faulty.py:Env", timeout=0.7, **options)

    return run


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("fault", "codes"),
    [(HANG, {"EK002"}), (EXIT, {"EK001"}), (CRASH, {"EK001"})],
    ids=["hangs", "exits", "crashes"],
)
def test_a_method_that_hangs_exits_or_crashes_is_an_error(judge, method, fault, codes):
    report = judge(body(method, fault))
    assert {finding.code for finding in report.findings} == codes
    assert report.fails()
    assert all(finding.message for finding in report.findings)


RAISES = {
    "import": "EK101", "__init__": "EK101", "reset": "EK404", "step": "EK502", "render": "EK701", "close": "EK801",
}  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("fault", [SYSTEM_EXIT, NASTY, BIG, INPUT], ids=["sys.exit", "nasty", "big", "input"])
def test_a_method_that_raises_is_an_error(judge, method, fault):
    report = judge(body(method, fault))
    assert RAISES[method] in {finding.code for finding in report.findings}
    assert report.fails()
    assert max(len(finding.message) for finding in report.findings) < 1000


def test_what_cannot_be_judged_is_said_and_never_looks_like_a_pass(judge):
    report = judge(body("__init__", "raise OSError('no simulator')"))
    assert [finding.code for finding in report.findings] == ["EK101"]
    assert "EK201" in report.not_judged
    assert set(report.not_judged.values()) == {"the environment cannot be made"}
    assert report.findings[0].at.endswith("in __init__")


def test_the_finding_of_a_death_names_the_last_calls(judge):
    finding = judge(body("step", EXIT)).findings[0]
    assert "exit code 7" in finding.message
    assert finding.at.count("step") >= 3


def test_a_name_that_means_nothing_is_no_finding(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for isolation in (True, False):
        with pytest.raises(UsageError, match="no environment is called 'nothing'"):
            check("nothing", isolation=isolation)


def test_missing_arguments_are_the_callers(judge):
    source = PRELUDE + "class Env(Lamp):\n    def __init__(self, size):\n        super().__init__()"
    with pytest.raises(UsageError, match="needs the argument 'size': --env-kwargs size=..."):
        judge(source)


def test_a_run_without_isolation_finds_the_same(judge):
    source = PRELUDE + "class Env(Lamp):\n    def observe(self):\n        return super().observe() * 3"
    there, here = judge(source), judge(source, isolation=False)
    assert there.findings == here.findings
    assert there.coverage == here.coverage


def test_a_second_run_finds_the_same(judge):
    source = (
        PRELUDE
        + "class Env(Lamp):\n    def step(self, action):\n        action += 1\n        return super().step(action)[:4]"
    )
    assert judge(source).findings == judge(source).findings


def test_rules_are_selected_and_ignored_by_code_prefix_and_name(judge):
    source = PRELUDE + "class Env(Lamp):\n    def observe(self):\n        return super().observe() * 3"
    assert {finding.code for finding in judge(source).findings} == {"EK301"}
    assert judge(source, select=["EK2"]).findings == ()
    assert {finding.code for finding in judge(source, select=["observation-outside-space"]).findings} == {"EK301"}
    assert judge(source, ignore=["ek301"]).findings == ()
    with pytest.raises(UsageError, match="rule 'EK999' is not one of .*EK001"):
        judge(source, select=["EK999"])


def test_a_warning_fails_only_when_strict(judge):
    source = PRELUDE + "class Env(Lamp):\n    metadata = {'render_modes': ['rgb_array']}"
    report = judge(source)
    assert [finding.severity for finding in report.findings] == [Severity.WARNING]
    assert (report.verdict, report.fails(), report.fails(strict=True)) == ("warnings", False, True)


def test_findings_are_sorted_worst_first(judge):
    source = PRELUDE + (
        "class Env(Lamp):\n    metadata = {'render_modes': ['rgb_array']}\n"
        "    def step(self, action):\n        *rest, info = super().step(action)\n        return *rest, None"
    )
    assert [finding.code for finding in judge(source).findings] == ["EK506", "EK707"]
