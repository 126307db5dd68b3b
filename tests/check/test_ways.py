"""The exact model leads to ends that no play by chance comes to, and what is judged of ends is judged there."""

import sys
from pathlib import Path

import numpy as np
import pytest

from envkit.check.acting.ways import DISCOUNT, ways
from envkit.check.probes import led, rollouts
from envkit.check.session import examine, prepare
from envkit.check.subject import Subject
from envkit.core.mdp import MDP, Outcome
from envkit.core.ref import EnvRef

SAFES = Path(__file__).parents[1] / "zoo" / "faults_model.py"
sys.path.insert(0, str(SAFES.parent))  # for `from bases import`


def corridor(length, *, slip=0.0, horizon=None):
    """From cell 0 to the right, where 5 is paid, or to the left over the edge, for -1."""

    def outcomes(cell, action):
        ahead = cell + (1 if action == 1 else -1)
        moved = Outcome(1 - slip, min(max(ahead, 0), length), 5.0 if ahead == length else -1.0, ahead in (-1, length))
        return [moved, Outcome(slip, cell, 0.0)] if slip else [moved]

    return MDP.from_outcomes([(1.0, 0)], outcomes, 2, horizon=horizon)


def test_the_least_number_of_steps_is_found_and_the_best_paid_end_comes_first():
    best, worst = ways(corridor(7))
    assert (best.reward, best.steps) == (5.0, 7)
    assert (worst.reward, worst.steps) == (-1.0, 1)
    assert best.action[:7].tolist() == [1] * 7
    assert worst.action[0] == 0


def test_a_way_that_is_longer_than_the_time_limit_is_none():
    assert [way.reward for way in ways(corridor(7, horizon=7))] == [5.0, -1.0]
    assert [way.reward for way in ways(corridor(7, horizon=6))] == [-1.0]


def test_where_chance_has_a_part_a_slip_costs_what_waiting_for_its_end_costs():
    slip = 0.4
    each = (1 - slip) / (1 - DISCOUNT * slip)  # near(s) of near(s + 1): p d n' + q d n = n, less the discount
    best = next(iter(ways(corridor(5, slip=slip))))
    assert best.steps == pytest.approx(1 + np.log(each**5 * DISCOUNT**4) / np.log(DISCOUNT), abs=0.6)
    assert best.action[:5].tolist() == [1] * 5


def test_an_end_in_a_state_that_cannot_be_reached_is_no_end():
    def outcomes(cell, action):
        return [Outcome(1.0, cell, 0.0)] if cell == "here" else [Outcome(1.0, cell, 9.0, True)]

    model = MDP.from_outcomes([(1.0, "here")], outcomes, 1, states=["here", "nowhere"])
    assert list(ways(model)) == []


def subject_of(name):
    subject = Subject(EnvRef.of(f"{SAFES}:{name}"))
    prepare(subject, subject.open("first look"), "default", None)
    return subject


def test_it_plays_to_an_end_that_the_rollouts_did_not_meet_in_episodes_that_others_find():
    subject = subject_of("Safe")
    rollouts.run(subject)
    assert not subject.counts["terminated"]
    (trace,) = led.run(subject).traces
    assert trace.name == "led to an end that pays 10"
    assert subject.counts["terminated"] == led.ENOUGH
    assert len(subject.ends["terminated"].actions) == min(step.number for step in trace.steps if step.ended)
    assert trace.name in [driver.name for driver in subject.drivers]


def test_ends_that_were_met_often_enough_are_not_looked_for_again():
    subject = subject_of("Safe")
    first = led.run(subject)
    assert len(first.traces) == 1
    assert led.run(subject).traces == ()


def test_an_environment_without_a_model_is_led_nowhere():
    subject = Subject(EnvRef.of("CartPole-v1"))
    prepare(subject, subject.open("first look"), "default", None)
    assert led.run(subject).traces == ()


def found(name, **skip):
    codes = ["EK301", "EK511", "EK911"]
    answer = examine(
        None, ref=EnvRef.of(f"{SAFES}:{name}"), codes=codes, seed=0, budget="default", skip=skip, longest=None
    )
    return {finding["code"] for finding in answer["findings"]}


@pytest.mark.parametrize(
    ("name", "code"), [("OpenSafeShowsNoDigits", "EK301"), ("OpenSafePaysAgain", "EK511"), ("SafeStaysShut", "EK911")]
)
def test_a_fault_at_an_end_that_only_the_model_knows_is_found_thanks_to_it(name, code):
    assert found(name) == {code}
    assert found(name, **{led.PROBE.name: "left out"}) == set()


def test_a_clean_twin_stays_clean():
    assert found("Safe") == set()
