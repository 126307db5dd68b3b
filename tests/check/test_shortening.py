"""Every finding comes with as little as shows it."""

import os

import numpy as np
import pytest

from envkit.check.api import check
from envkit.check.lamp import Lamp
from envkit.check.model import Finding, Rule, Severity
from envkit.check.shortening.folding import folded
from envkit.check.shortening.smallest import simple_actions


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
