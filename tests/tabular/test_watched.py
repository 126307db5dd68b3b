"""What people want to watch, in the many ways in which they write it, and what it is worth."""

import numpy as np
import pytest
from tabular_models import chain_of, teleport_grid

from envkit.core.errors import UsageError
from envkit.core.model import Model
from envkit.tabular.watched import Watched, exact_values, planned, watched

NAMED = Model(chain_of([1.0, 2.0], names=("here", "there")))


@pytest.mark.parametrize(
    ("text", "key", "action", "label"),
    [
        ("1", 1, None, "v[1]"),
        (" 1 , 0 ", 1, 0, "q[1,0]"),
        (1, 1, None, "v[1]"),
        ((0, 0), 0, 0, "q[0,0]"),
        ("there", 1, None, "v[there]"),
        ("here,go", 0, 0, "q[here,go]"),
    ],
)
def test_states_and_actions_are_named_by_number_or_name(text, key, action, label):
    assert watched(text, NAMED, 1) == Watched(key, action, label)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2", "'2' names the state '2', and states are numbered 0 to 1"),
        ("-1", "'-1' names the state '-1'"),
        ("ther", "did you mean 'there'"),
        ("0,1", "names the action '1', and actions are numbered 0 to 0"),
        ("0,og", "did you mean 'go'"),
        ("0,0,0", "such as 5 or 5,2, not .0,0,0.; an observation of several parts is in brackets"),
        ("", "a watched value is STATE or STATE,ACTION"),
        ("[1, 2]", "is no state: states have numbers here"),
        ("[1,", "a watched value is STATE"),
    ],
)
def test_what_is_not_there_is_refused(text, message):
    with pytest.raises(UsageError, match=message.replace("[", r"\[")):
        watched(text, NAMED, 1)


def test_an_action_that_is_not_available_cannot_be_watched():
    mdp = chain_of([1.0, 2.0], missing=(0, 1))
    assert watched("0,0", Model(mdp), 2).action == 0
    with pytest.raises(UsageError, match="action 1 is not available in state 0"):
        watched("0,1", Model(mdp), 2)


def test_observations_of_several_parts_are_lists():
    model = Model(chain_of([1.0, 2.0]), state_of=lambda observation: observation[0] - 3)
    assert watched("[4, 0],0", model, 1) == Watched(1, 0, "q[[4, 0],0]")
    assert watched("(3, 0)", model, 1).key == 0
    assert watched("[4, 0],1", None, 2).key == (4, 0)
    with pytest.raises(UsageError, match="is no observation"):
        watched("[a]", model, 1)
    with pytest.raises(UsageError, match="'x' in 'x,1' is no observation; give a number, or a list such as"):
        watched("x,1", None, 2)


def test_a_predictor_has_values_of_states_only():
    assert watched("1", NAMED, 1, by_state=True).label == "v[1]"
    with pytest.raises(UsageError, match="has an action too many"):
        watched("1,0", NAMED, 1, by_state=True)


def test_its_value_is_read_off_the_tables():
    q, values = np.arange(6.0), np.array([1.0, 3.0, 5.0])
    assert Watched(1, 0, "").of(q, values, 1) == 2.0
    assert Watched(1, None, "").of(q, values, 1) == 3.0
    assert np.isnan(Watched(1, 0, "").of(q, values, -1))
    wanted = [Watched(0, None, "finite"), Watched(1, None, "not")]
    assert exact_values(wanted, np.array([1.0, np.inf]), np.zeros((2, 1))) == {"finite": 1.0}


def test_planning_shows_it_sweep_after_sweep():
    # At discount 1 the k-th sweep knows of k steps: after that the chain's rewards are all there.
    wanted = [Watched(0, None, "first"), Watched(1, 0, "second")]
    rows = planned(chain_of([1.0, 2.0]), 1.0, wanted)
    assert rows.tolist() == [[0, 0, 0], [1, 1, 2], [2, 3, 2]]
    assert planned(chain_of([1.0, 2.0]), 1.0, wanted, most=1).tolist() == [[0, 0, 0], [1, 1, 2]]
    grid = planned(teleport_grid(), 1.0, [Watched(0, None, "start")])
    assert grid[-1, 1] == -11
