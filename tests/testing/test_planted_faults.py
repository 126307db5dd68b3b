"""Four faults that Gymnasium's own checker passes; the contract finds each one and shows the shortest program."""

import contextlib
import io
import warnings

import pytest
from faulty import ClipMissedAtOneCorner, CounterNotReset, Grid, NanAfterTwoBoundActions, NanAtOneCell
from gymnasium.utils.env_checker import check_env

from envkit.testing import ContractBroken, contract, run_contract

FAULTS = {
    ClipMissedAtOneCorner: ("observation[1] is 5, above its high of 4", 5),
    CounterNotReset: ("truncated is True in one and False in the other", 6),
    NanAtOneCell: ("the reward is nan, not a finite number", 5),
    NanAfterTwoBoundActions: ("the reward is nan, not a finite number", 2),
}


@pytest.fixture(scope="module", params=FAULTS, ids=lambda fault: fault.__name__)
def found(request):
    with pytest.raises(ContractBroken) as broken:
        contract(request.param)()
    return request.param, broken.value


def test_gymnasiums_own_checker_passes_it(found):
    fault, _ = found
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an environment without a spec is warned about
        check_env(fault())


def test_the_fault_is_named(found):
    fault, broken = found
    assert FAULTS[fault][0] in broken.fault


def test_the_program_has_as_few_steps_as_can_be(found):
    fault, broken = found
    assert sum(call.method == "step" for call in broken.calls) == FAULTS[fault][1]


def test_the_program_can_be_pasted_and_shows_the_fault(found):
    fault, broken = found
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        exec(broken.program, {})
    last = shown.getvalue().splitlines()[-1]
    if "nan" in broken.fault:
        assert "nan" in last
    elif fault is ClipMissedAtOneCorner:
        assert "array([0, 5])" in last
    else:
        here, fresh = shown.getvalue().splitlines()[-2:]
        assert "True, {}" in here
        assert "True" not in fresh


def test_the_sound_grid_passes():
    run_contract(Grid, examples=100)
