"""A verdict always: whatever the environment's code does is a finding, and never takes the checker with it."""

import re
import subprocess
import sys
from dataclasses import replace

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
        return check("faulty.py:Env", **{"timeout": 0.7} | options)

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
    report = judge(body(method, fault), timeout=10)
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


def uncounted(report):
    """The findings without how often: episodes that begin without a seed are other ones each time."""
    return [
        replace(finding, count=0, also=tuple(re.sub(r" \(\d+ times\)$", "", also) for also in finding.also))
        for finding in report.findings
    ]


def test_a_run_without_isolation_finds_the_same(judge):
    source = PRELUDE + "class Env(Lamp):\n    def observe(self):\n        return super().observe() * 3"
    there, here = judge(source), judge(source, isolation=False)
    assert uncounted(there) == uncounted(here)
    assert there.coverage == here.coverage


def test_a_second_run_finds_the_same(judge):
    source = (
        PRELUDE
        + "class Env(Lamp):\n    def step(self, action):\n        action += 1\n        return super().step(action)[:4]"
    )
    assert uncounted(judge(source)) == uncounted(judge(source))


def test_rules_are_selected_and_ignored_by_code_prefix_and_name(judge):
    source = PRELUDE + "class Env(Lamp):\n    def observe(self):\n        return super().observe() * 3"
    assert {finding.code for finding in judge(source).findings} == {"EK301"}
    assert judge(source, select=["EK2"]).findings == ()
    assert {finding.code for finding in judge(source, select=["observation-outside-space"]).findings} == {"EK301"}
    assert judge(source, ignore=["ek301"]).findings == ()
    with pytest.raises(UsageError, match="no rule is called 'EK999'; did you mean .* `envkit explain` lists all"):
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


@pytest.mark.parametrize("when", [2, 9])
def test_a_hang_is_waited_for_once_and_hides_nothing_else(judge, when):
    report = judge(
        PRELUDE
        + "class Env(Lamp):\n    def step(self, action):\n        while self.steps == WHEN: pass\n".replace(
            "WHEN", str(when)
        )
        + "        observation, reward, terminated, truncated, info = super().step(action)\n"
        + "        return observation, reward, int(terminated), truncated, info"
    )
    assert [(finding.code, finding.count) for finding in report.findings][:1] == [("EK002", 1)]
    assert {finding.code for finding in report.findings} == {"EK002", "EK503"}
    assert report.coverage["longest"] == when
    assert f"no episode longer than {when} steps" in str(report)


def test_the_program_of_a_death_reproduces_it(judge, tmp_path):
    finding = judge(body("step", EXIT)).findings[0]
    assert finding.program.startswith("import envkit\n\nenv = envkit.make('faulty.py:Env')\nenv.reset(seed=")
    done = subprocess.run([sys.executable, "-c", finding.program], cwd=tmp_path, capture_output=True)
    assert done.returncode == 7


@pytest.mark.parametrize("options", [{"select": ["EK5"]}, {"ignore": ["EK0", "EK1"]}], ids=["select", "ignore"])
@pytest.mark.parametrize("method", ["import", "reset"])
def test_what_keeps_everything_from_being_judged_is_told_whatever_is_selected(judge, method, options):
    assert judge(body(method, EXIT), **options).fails()
    assert judge(body("import", "1 / 0"), **options).fails()


def test_a_rule_that_saw_nothing_does_not_count_as_passed(judge):
    source = PRELUDE + "class Env(Lamp):\n    def reset(self):\n        return super().reset()"
    report = judge(source)
    assert [finding.code for finding in report.findings] == ["EK401"]
    assert {"EK201", "EK503", "EK504", "EK604"} <= set(report.not_judged)


def test_an_environment_that_spoils_its_action_is_not_taken_for_a_random_one(judge):
    source = PRELUDE + (
        "class Env(Lamp):\n    def __init__(self, render_mode=None):\n        super().__init__(render_mode)\n"
        "        self.action_space = gym.spaces.Box(-1, 1, (2,), np.float32)\n"
        "    def step(self, action):\n        action *= 0.5\n        self.bright += 0.01 * float(action[0])\n"
        "        return super().step(int(action[1] > 0))"
    )
    assert {finding.code for finding in judge(source).findings} == {"EK601"}


@pytest.mark.parametrize("code", ["EK604", "EK605", "EK602"])
def test_programs_with_arrays_bring_numpy_along(judge, code, tmp_path):
    source = PRELUDE + (
        "class Env(Lamp):\n    def __init__(self, render_mode=None):\n        super().__init__(render_mode)\n"
        "        self.action_space = gym.spaces.Box(-1, 1, (1,), np.float32)\n"
        "    def reset(self, *, seed=None, options=None):\n        self.now, self.info = super().reset(seed=seed)\n"
        "        self.last = np.zeros(1)\n        self.info['power'] = 1.0\n        return self.now, self.info\n"
        "    def step(self, action):\n        before, self.last = self.last, action\n"
        "        self.bright = float(self.now[0]) * self.info.get('power', 0.5)\n"
        "        self.now, *rest, _ = super().step(int(action[0] + before[0] > 0))\n"
        "        self.info = {'power': 1.0}\n        return self.now, *rest, self.info"
    )
    finding = next(finding for finding in judge(source).findings if finding.code == code)
    done = subprocess.run([sys.executable, "-c", finding.program], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.strip().split("\n(") if "\n(" in done.stdout else (done.stdout, "")
    assert first.removeprefix("(") != second


def test_the_program_of_a_dependence_on_history_is_short(judge):
    source = PRELUDE + (
        "class Env(Lamp):\n    age = 0\n    def step(self, action):\n        self.age += 1\n"
        "        observation, reward, *rest = super().step(action)\n        return observation, reward + self.age, *rest"
    )
    finding = judge(source).findings[0]
    assert finding.code == "EK203"
    assert finding.program.count("env.reset") == 2


def test_a_syntax_error_is_placed_where_it_is(judge):
    report = judge("def broken(:\n    pass\n")
    assert report.findings[0].at.endswith("faulty.py:1")


def test_a_report_reads_like_the_command_and_serves_in_a_test(judge):
    report = judge(PRELUDE + "class Env(Lamp):\n    def observe(self):\n        return super().observe() * 3")
    assert "EK301 observation-outside-space  error" in str(report)
    with pytest.raises(AssertionError, match="EK301"):
        report.assert_clean()
    judge(PRELUDE + "class Env(Lamp): pass").assert_clean(strict=True)


@pytest.mark.parametrize("options", [{"seed": -1}, {"timeout": 0}, {"timeout": -1}])
def test_a_seed_and_a_timeout_that_cannot_be_are_refused(options):
    with pytest.raises(UsageError, match="a seed is 0 or more, and a timeout above 0"):
        check("CartPole-v1", **options)


RANDOM_INFO = (
    "class Env(Lamp):\n    def reset(self, *, seed=None, options=None):\n"
    "        observation, _ = super().reset(seed=seed)\n"
    "        return observation, {'weather': float(np.random.default_rng().random())}\n"
)


def test_an_info_that_does_not_repeat_is_a_warning_and_keeps_nothing_from_being_judged(judge):
    report = judge(PRELUDE + RANDOM_INFO)
    assert [(finding.code, finding.severity) for finding in report.findings] == [("EK201", Severity.WARNING)]
    assert "info['weather']" in report.findings[0].message
    assert report.not_judged == {}


def test_an_info_that_does_not_repeat_hides_no_observation_that_does_not(judge):
    source = (
        PRELUDE
        + RANDOM_INFO
        + (
            "    def step(self, action):\n        self.bright -= np.random.default_rng().uniform(0, 0.01)\n"
            "        return super().step(action)"
        )
    )
    report = judge(source)
    assert ("EK202", Severity.ERROR) in {(finding.code, finding.severity) for finding in report.findings}


def test_seeds_that_show_in_the_info_alone_make_no_start_different(judge):
    report = judge(
        PRELUDE + "class Env(Lamp):\n    def reset(self, *, seed=None, options=None):\n"
        "        super().reset(seed=seed)\n        self.bright = 0.5\n        return self.observe(), {'seed': seed}"
    )
    assert report.findings == ()


def test_a_slow_environment_is_played_less(judge):
    quick, slow = "class Env(Lamp): pass", "class Env(Lamp):\n    def step(self, action):\n"
    slow += "        time.sleep(0.03)\n        return super().step(action)"
    assert judge(PRELUDE + slow, timeout=10).coverage["steps"] < judge(PRELUDE + quick).coverage["steps"] / 2


def test_a_space_that_cannot_be_used_is_said_and_never_looks_like_a_pass(judge):
    source = PRELUDE + (
        "class Broken(gym.spaces.Discrete):\n    def __deepcopy__(self, memo):\n        raise OSError('no copies')\n"
        "class Env(Lamp):\n    def __init__(self, render_mode=None):\n        super().__init__(render_mode)\n"
        "        self.action_space = Broken(2)"
    )
    report = judge(source)
    assert "EK301" in report.not_judged
    assert "stumbled: OSError: no copies" in report.not_judged["EK301"]


COSTLY = (
    PRELUDE
    + """
class Env(Lamp):
    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        time.sleep(0.07)  # which leaves room for few instances
        self.left = 0

    def reset(self, *, seed=None, options=None):
        {}
        return observation, info
"""
)


def test_of_a_costly_environment_whose_reset_raises_later_the_generator_is_not_accused(judge):
    body = """if self.steps:
            raise RuntimeError("the door is jammed")
        observation, info = super().reset(seed=seed)"""
    found = judge(COSTLY.format(body), timeout=5.0).findings
    errors = [finding.code for finding in found if finding.severity is Severity.ERROR]
    assert errors[0] == "EK404"
    assert "EK205" not in errors


def test_in_a_costly_environment_too_an_episode_that_depends_on_the_last_one_is_found(judge):
    body = """observation, info = super().reset(seed=seed)
        self.left = (self.left + self.steps + 1) % 3  # where the last episode has left it, in one of three places
        self.bright = 0.4 + 0.1 * (self.left if self.left == 2 else 0)
        observation = self.observe()"""
    report = judge(COSTLY.format(body.replace("self.steps + 1", "int(self.np_random.integers(3))")), timeout=5.0)
    assert "EK203" in {finding.code for finding in report.findings}
