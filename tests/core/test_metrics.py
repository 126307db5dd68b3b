"""Metrics: what metadata declares is read from every step's info, summed up by episodes, and refused where it lacks."""

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from envkit.core.errors import EnvironmentFailed
from envkit.core.metrics import Meter, Summary, declared, read, scalars

WHERE = "step 3 of pot, episode 0,"


class Pot(gymnasium.Env):
    observation_space = action_space = spaces.Discrete(2)

    def __init__(self, metadata):
        self.metadata = metadata


def test_what_is_declared_is_found_behind_wrappers_too():
    env = gymnasium.wrappers.TimeLimit(Pot({"metrics": {"heat": "degrees C", "hits": ""}}), 10)
    assert declared(env) == {"heat": "degrees C", "hits": ""}
    assert declared(Pot({"render_modes": []})) == declared(Pot(None)) == {}


@pytest.mark.parametrize("metrics", [["heat"], {"heat": 3}, {1: "degrees"}, "heat", None])
def test_a_declaration_of_another_form_is_refused(metrics):
    with pytest.raises(EnvironmentFailed, match=r"metadata\['metrics'\] of Pot is .* such as \{'temperature'"):
        declared(Pot({"metrics": metrics}))


@pytest.mark.parametrize(
    ("given", "value"), [(3, 3.0), (True, 1.0), (np.float32(0.5), 0.5), (np.array(7), 7.0), (np.bool_(False), 0.0)]
)
def test_every_kind_of_number_is_read_as_a_float(given, value):
    found = read({"heat": ""}, {"heat": given, "other": "words"}, WHERE)
    assert found == {"heat": value}
    assert type(found["heat"]) is float


@pytest.mark.parametrize(
    ("info", "message"),
    [
        ({}, r"the info of step 3 of pot, episode 0, lacks 'heat', .* declares; it has nothing"),
        ({"cold": 1, "b": 2}, "lacks 'heat', which metadata\\['metrics'\\] declares; it has 'cold', 'b'"),
        ({"heat": "hot"}, r"info\['heat'\] of step 3 of pot, episode 0, is 'hot', not a finite number"),
        ({"heat": np.nan}, "is nan, not a finite number"),
        ({"heat": None}, "is None, not a finite number"),
        ({"heat": np.zeros(2)}, r"is array\(\[0, 0\], float64\), not a finite number"),
        (None, "the info of step 3 of pot, episode 0, is None, not a dict"),
    ],
)
def test_a_value_that_is_missing_or_no_number_is_refused(info, message):
    with pytest.raises(EnvironmentFailed, match=message):
        read({"heat": "degrees C"}, info, WHERE)


def test_an_episode_is_summed_up_and_the_next_one_begins_anew():
    meter = Meter({"heat": "degrees C"})
    for heat in (2, -4, 8):
        meter.step({"heat": heat}, WHERE)
    assert meter.end() == {"heat": Summary(last=8, mean=2, min=-4, max=8)}
    meter.step({"heat": 1}, WHERE)
    assert meter.end() == {"heat": Summary(1, 1, 1, 1)}


def test_a_logger_gets_a_name_for_each_number():
    assert dict(scalars({"heat": Summary(8, 2, -4, 8)})) == {
        "metrics/heat/last": 8, "metrics/heat/mean": 2, "metrics/heat/min": -4, "metrics/heat/max": 8,
    }  # fmt: skip
