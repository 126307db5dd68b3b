"""Every finding comes with as little as shows it."""

import os
import time

import numpy as np
import pytest

from envkit.check.acting.actions import BURSTS
from envkit.check.acting.untouched import comparable, untouched
from envkit.check.api import check
from envkit.check.budget import COSTLY, COSTLY_SECONDS, LIGHT, Budget
from envkit.check.lamp import Lamp
from envkit.check.model import Finding, Rule, Severity
from envkit.check.session import prepare
from envkit.check.shortening.folding import folded
from envkit.check.shortening.smallest import simple_actions
from envkit.check.subject import Subject
from envkit.core.ref import EnvRef
from envkit.core.trace import sequence


class ThirdTurnUp(Lamp):
    """The reward breaks once the lamp was turned up three times in one episode."""

    ups = 0

    def reset(self, **kwargs):
        self.ups = 0
        return super().reset(**kwargs)

    def step(self, action):
        self.ups += int(action == 1)
        return super().step(action)

    def reward(self, burnt_out):
        return None if self.ups == 3 else super().reward(burnt_out)


class SecondEpisode(Lamp):
    """Only an instance that has finished an episode breaks, and only in its next one's second step."""

    finished = 0

    def step(self, action):
        observation, reward, terminated, truncated, info = super().step(action)
        if self.finished and self.steps == 2:
            info = None
        self.finished += truncated
        return observation, reward, terminated, truncated, info


class Dies(Lamp):
    def step(self, action):
        if self.bright < 0.12 and action == 0:
            os._exit(4)
        return super().step(action)


def test_actions_that_are_not_needed_are_left_out():
    finding = check(ThirdTurnUp, isolation=False).findings[0]
    assert finding.code == "EK504"
    assert finding.case.last.actions == (1, 1, 1)
    assert finding.program.count("\n") < 10


def test_a_history_stays_where_it_is_needed():
    finding = next(f for f in check(SecondEpisode, isolation=False).findings if f.code == "EK506")
    assert len(finding.case.episodes) == 2
    assert len(finding.case.last.actions) == 2


def test_what_ends_the_process_is_shortened_too(tmp_path, monkeypatch):
    finding = check(Dies).findings[0]
    assert finding.code == "EK001"
    assert set(finding.case.last.actions) == {0}
    assert len(finding.case.last.actions) <= 7  # from 0.7 at most, by 0.07 at least


def test_one_cause_is_one_finding_with_its_symptoms_under_it():
    cause = Rule("EK001", "cause", Severity.ERROR, lambda: iter(()))
    symptom = Rule("EK002", "symptom", Severity.ERROR, lambda: iter(()), symptom_of=("EK001",))
    louder = Rule("EK003", "louder", Severity.ERROR, lambda: iter(()), symptom_of=("EK004",))
    rules = {rule.code: rule for rule in (cause, symptom, louder)}

    def finding(code, severity=Severity.ERROR, count=1):
        return Finding(f"{code} was seen", "mend it", code=code, name="rule", severity=severity, count=count)

    told = folded([finding("EK002"), finding("EK001"), finding("EK001", count=3)], rules)
    assert [(f.code, f.also) for f in told] == [("EK001", ("EK001 was seen (3 times)", "EK002 rule: EK002 was seen"))]
    # A warning never swallows an error, and an explanation that is not there explains nothing.
    told = folded([finding("EK003"), finding("EK004", Severity.WARNING)], rules)
    assert [f.code for f in told] == ["EK003", "EK004"]


@pytest.mark.parametrize("index", range(3))
def test_the_simplest_actions_are_members_of_their_space(index):
    import gymnasium as gym

    space = (gym.spaces.Box(1, 2, (2,), np.float32), gym.spaces.Discrete(3, start=4), gym.spaces.MultiBinary(2))[index]
    simple = simple_actions(space)
    assert simple
    assert all(space.contains(action) for action in simple)


class FewStartsBreak(Lamp):
    """One start in three breaks at its second step; which one, the seed decides."""

    def reset(self, *, seed=None, options=None):
        observation, info = super().reset(seed=seed, options=options)
        self.breaks = self.np_random.integers(3) == 0
        return observation, info

    def reward(self, burnt_out):
        return None if self.breaks and self.steps == 2 else super().reward(burnt_out)


def test_what_began_without_a_seed_is_told_with_one():
    for seed in range(3):
        finding = next(f for f in check(FewStartsBreak, isolation=False, seed=seed).findings if f.code == "EK504")
        assert finding.case.episodes[0].seed is not None
        assert "reset()" not in finding.program.splitlines()[3]
        again = check(FewStartsBreak, isolation=False, seed=seed).findings
        assert next(f for f in again if f.code == "EK504").program == finding.program


def test_costly_instances_share_one_undisturbed_episode():
    subject = Subject(EnvRef.of(Lamp), COSTLY)
    look = subject.open("look")
    subject.action_space = look.env.action_space
    episodes = [comparable(subject, seed, BURSTS, salt, 40) for seed, salt in ((3, 1), (9, 2))]
    first, second = (untouched(subject, [episode]) for episode in episodes)
    assert first is second
    assert first.clean is second.clean
    assert len(subject.drivers) == 2
    subject.budget = LIGHT
    one, other = (comparable(subject, seed, BURSTS, salt, 40) for seed, salt in ((3, 1), (9, 2)))
    assert untouched(subject, [one]) is not untouched(subject, [other])


class Delayed(Lamp):
    """Those instances take long to make whose numbers are in `late`."""

    late, made = (), 0

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        Delayed.made += 1
        if self.made in self.late:
            time.sleep(2 * COSTLY_SECONDS)


@pytest.mark.parametrize(("late", "costly"), [((2,), False), ((1,), False), (range(1, 9), True)])
def test_one_hiccup_makes_no_environment_costly(monkeypatch, late, costly):
    monkeypatch.setattr(Delayed, "late", late)
    monkeypatch.setattr(Delayed, "made", 0)
    subject = Subject(EnvRef.of(Delayed), Budget())
    prepare(subject, subject.open("first look"), "default", None)
    assert subject.budget.frugal == costly


@pytest.mark.parametrize(
    ("actions", "text"),
    [(["1"] * 9, "[1] * 9"), (["1", "2"] * 10, f"[{', '.join(['1', '2'] * 10)}]"), (["1", "1", "2"], "[1, 1, 2]"),
     (["0"] * 12 + ["1"] + ["2"] * 7, "[0] * 12 + [1] + [2] * 7")],
)  # fmt: skip
def test_long_lists_of_actions_are_written_as_sums(actions, text):
    assert sequence(actions) == text
    assert eval(text) == [int(action) for action in actions]
