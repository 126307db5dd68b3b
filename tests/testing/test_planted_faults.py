"""Four faults that Gymnasium's own checker passes; the contract finds each one and shows the shortest test."""

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


def test_it_has_as_few_steps_as_can_be(found):
    fault, broken = found
    assert sum(call.method == "step" for call in broken.calls) == FAULTS[fault][1]


def test_it_can_be_pasted_and_fails_there_and_nowhere_else(found):
    fault, broken = found
    pasted = {}
    exec(broken.program, pasted)
    with pytest.raises(AssertionError):
        pasted["test_contract_is_kept"]()
    pasted[fault.__name__] = Grid if issubclass(fault, Grid) else BoundsAllowed
    pasted["test_contract_is_kept"]()


class BoundsAllowed(NanAfterTwoBoundActions):
    def step(self, action):
        return super().step(action * 0.5)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("fault", FAULTS)
def test_it_is_found_and_minimal_whatever_the_seed(fault, seed):
    with pytest.raises(ContractBroken) as broken:
        run_contract(fault, seed=seed)
    assert sum(call.method == "step" for call in broken.value.calls) == FAULTS[fault][1]


def test_of_an_action_only_the_entry_that_matters_is_shown():
    with pytest.raises(ContractBroken) as broken:
        run_contract(NanAfterTwoBoundActions)
    assert [call.arguments["action"].tolist() for call in broken.value.calls[1:]] == [[1, 0], [1, 0]]


def test_shrinking_ends_when_its_time_is_up_and_what_is_shown_is_short_all_the_same(monkeypatch):
    monkeypatch.setattr("envkit.testing.machine.SHRINKING", 0.0)
    for fault, (_, steps) in FAULTS.items():
        with pytest.raises(ContractBroken) as broken:
            run_contract(fault, seed=1)
        assert sum(call.method == "step" for call in broken.value.calls) == steps


def test_the_sound_grid_passes():
    run_contract(Grid, examples=100)
