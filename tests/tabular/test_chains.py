import numpy as np
import pytest
from tabular_models import build

from envkit.tabular.chain import Chain


def chain(outcomes, states=()):
    model = build(outcomes, 1, states=states)
    return Chain.under(model, np.zeros(model.num_states, int)), model


def test_the_absorption_times_of_the_textbook_chain():
    found, _ = chain(
        {
            0: {0: [(0.7, 0, 0, False), (0.2, 1, 0, False), (0.1, 3, 0, True)]},
            1: {0: [(0.9, 2, 0, False), (0.1, 3, 0, True)]},
            2: {0: [(1.0, 1, 0, False)]},
        },
        states=(0, 1, 2, 3),
    )
    assert found.duration()[:3] == pytest.approx([16.0, 19.0, 20.0])


@pytest.mark.parametrize("size", [5, 900], ids=["dense", "sparse"])
def test_a_fair_random_walk_wins_in_proportion_to_where_it_starts(size):
    def step(place):
        left, right = place - 1, place + 1
        return [(0.5, max(left, 0), 0.0, left < 0), (0.5, min(right, size - 1), float(right == size), right == size)]

    model = build({place: {0: step(place)} for place in range(size)}, 1, states=range(size))
    totals = Chain.under(model, np.zeros(size, int)).totals()
    assert totals == pytest.approx(np.arange(1, size + 1) / (size + 1), abs=1e-9)


@pytest.mark.parametrize(
    ("rewards", "total"),
    [((0.0, 0.0), 0.0), ((1.0, 0.0), np.inf), ((-1.0, 0.5), -np.inf), ((1.0, -1.0), np.nan)],
    ids=["rests", "rises", "falls", "swings"],
)
def test_what_running_in_a_circle_for_ever_adds_up_to(rewards, total):
    found, _ = chain({0: {0: [(1.0, 1, rewards[0], False)]}, 1: {0: [(1.0, 0, rewards[1], False)]}})
    assert found.totals() == pytest.approx([total, total], nan_ok=True)


def test_who_may_come_into_an_endless_circle_shares_its_fate_and_others_do_not():
    found, _ = chain(
        {
            "safe": {0: [(1.0, "fork", 5.0, True)]},
            "fork": {0: [(0.5, "safe", 0.0, False), (0.5, "trap", 0.0, False)]},
            "trap": {0: [(1.0, "trap", -1.0, False)]},
        }
        | {0: {0: [(1.0, "fork", 0.0, False)]}}
    )
    assert sorted(found.totals().tolist()) == [-np.inf, -np.inf, -np.inf, 5.0]


def test_two_opposite_endless_circles_have_no_total():
    found, model = chain(
        {
            0: {0: [(0.5, 1, 0.0, False), (0.5, 2, 0.0, False)]},
            1: {0: [(1.0, 1, 1.0, False)]},
            2: {0: [(1.0, 2, -1.0, False)]},
        }
    )
    total = dict(zip(model.state_names, found.totals(), strict=True))
    assert np.isnan(total["0"])
    assert (total["1"], total["2"]) == (np.inf, -np.inf)


def test_the_duration_is_infinite_where_nothing_ends():
    found, _ = chain({0: {0: [(1.0, 0, 0.0, False)]}})
    assert found.duration().tolist() == [np.inf]
