"""Profiles: how much is tried, who decides, and that slow environments get fewer runs."""

import time

import pytest
from faulty import Grid

from envkit.core.errors import UsageError
from envkit.testing import contract, contracts, run_contract
from envkit.testing.contracts import affordable
from envkit.testing.profiles import PROFILES, chosen


@pytest.fixture(autouse=True)
def plain_surroundings(monkeypatch):
    for name in ("ENVKIT_PROFILE", "ENVKIT_EXAMPLES"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def runs(monkeypatch):
    """The number of runs that each contract asked the machine for."""
    import envkit.testing.machine

    asked = []
    monkeypatch.setattr(envkit.testing.machine, "search", lambda *_, examples, **__: asked.append(examples))
    return asked


def test_a_deeper_profile_tries_more_and_may_take_longer():
    quick, default, deep = (PROFILES[name] for name in ("quick", "default", "deep"))
    assert quick.examples < default.examples < deep.examples
    assert quick.seconds < default.seconds < deep.seconds
    assert quick.steps < default.steps < deep.steps


def test_the_argument_beats_the_surroundings_and_those_the_default(monkeypatch, runs):
    run_contract(Grid)
    monkeypatch.setenv("ENVKIT_PROFILE", "deep")
    run_contract(Grid)
    contract(Grid, profile="quick")()
    assert runs == [PROFILES[name].examples for name in ("default", "deep", "quick")]


def test_the_number_of_runs_can_be_given_alone(monkeypatch, runs):
    monkeypatch.setenv("ENVKIT_EXAMPLES", "33")
    run_contract(Grid)
    run_contract(Grid, profile="quick")
    run_contract(Grid, examples=7)
    assert runs == [33, 33, 7]


def test_slow_environments_get_fewer_runs_but_always_some(monkeypatch, runs):
    class Slow(Grid):
        def step(self, action):
            time.sleep(0.02)
            return super().step(action)

    class SlowToMake(Grid):
        def __init__(self):
            time.sleep(0.1)
            super().__init__()

    run_contract(Slow, profile="quick")
    run_contract(SlowToMake, profile="quick", examples=1000)
    assert runs[0] == pytest.approx(10 / (144 * 0.02), abs=1)
    assert runs[1] == pytest.approx(10 / (4 * 0.1), abs=5)
    assert affordable(PROFILES["quick"], 1000.0, 1000.0) == PROFILES["quick"].least
    assert contracts.MACROS * contracts.STEPS_A_MACRO == 144


def test_an_unknown_profile_is_answered_with_the_known_ones(monkeypatch):
    with pytest.raises(
        UsageError, match=r"profile 'quik': did you mean 'quick'\? It is not one of deep, default, quick"
    ):
        run_contract(Grid, profile="quik")
    monkeypatch.setenv("ENVKIT_PROFILE", "nightly")
    with pytest.raises(UsageError, match="profile 'nightly' is not one of"):
        contract(Grid)()


@pytest.mark.parametrize("wrong", ["many", "0", "-3", "1.5"])
def test_a_number_of_runs_that_is_none_is_refused(monkeypatch, wrong):
    monkeypatch.setenv("ENVKIT_EXAMPLES", wrong)
    with pytest.raises(UsageError, match=f"ENVKIT_EXAMPLES is '{wrong}', not a whole number of runs"):
        chosen()


def test_the_same_seed_searches_the_same_again():
    def walked(seed):
        places = []

        class Watched(Grid):
            def step(self, action):
                places.append(int(action))
                return super().step(action)

        run_contract(Watched, examples=5, seed=seed)
        return places

    assert walked(3) == walked(3)
    assert walked(3) != walked(4)


def test_what_only_the_first_instance_has_to_wait_for_costs_no_runs(runs):
    class ImportsMuch(Grid):
        waited = False

        def __init__(self):
            if not ImportsMuch.waited:
                time.sleep(0.5)
                ImportsMuch.waited = True
            super().__init__()

    run_contract(ImportsMuch, profile="quick")
    assert runs == [PROFILES["quick"].examples]
