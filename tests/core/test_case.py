"""What has to be played to see a fault again."""

import numpy as np

from envkit.core.case import Case, Episode, case_of
from envkit.core.finding import Finding, Severity
from envkit.core.trace import Call

RECORD = (
    Call("make", {"target": "cart", "render_mode": "ansi"}),
    Call("reset", {"seed": 3}),
    Call("step", {"action": 1}),
    Call("render", {}),
    Call("step", {"action": 0}),
    Call("reset", {"seed": None}),
    Call("step", {"action": 2}),
)


def test_a_record_amounts_to_its_episodes():
    case = case_of(RECORD)
    assert case == Case((Episode(3, (1, 0)), Episode(None, (2,))), {"render_mode": "ansi"})
    assert (case.last, case.history, case.steps) == (case.episodes[1], case.episodes[:1], 3)


def test_earlier_episodes_can_be_left_out():
    assert case_of(RECORD, 5).episodes == (Episode(None, (2,)),)
    assert case_of(RECORD, 1).episodes == case_of(RECORD).episodes


def test_a_record_without_a_reset_is_no_case():
    assert case_of(RECORD[:1]) is None


def test_a_case_comes_back_from_json():
    case = Case((Episode(0, (np.array([0.5], np.float32), np.int64(3))),), {"render_mode": "ansi"})
    again = Case.from_json(case.to_json())
    assert again.arguments == case.arguments
    assert again.last.seed == 0
    assert again.last.actions[0].dtype == np.float32
    assert again.last.actions[1] == 3


def test_a_finding_comes_back_from_json_with_its_case():
    finding = Finding("it broke", "mend it", case=case_of(RECORD), also=("one", "two"), severity=Severity.WARNING)
    assert Finding.from_json(finding.to_json()) == finding


def test_a_case_with_foreign_actions_is_left_out_of_the_json():
    case = Case((Episode(0, (object(),)),))
    assert Finding("it broke", "mend it", case=case).to_json()["case"] is None
