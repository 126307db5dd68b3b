"""Options that an environment asks for are found, with a value that it takes."""

import numpy as np
import pytest
from gymnasium import spaces

from envkit.check.budget import Budget
from envkit.check.lamp import Lamp
from envkit.check.probes import options
from envkit.check.probes.options import Listening
from envkit.check.subject import Subject
from envkit.core.ref import EnvRef


class Dimmable(Lamp):
    """Begins as bright as it is asked to."""

    def choose(self, asked):
        return (asked or {}).get("bright", self.bright)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.bright = float(self.choose(options))
        return self.observe(), {}


class AsksInBrackets(Dimmable):
    def choose(self, asked):
        return asked["bright"] if asked is not None and "bright" in asked else self.bright


class Strict(Dimmable):
    def choose(self, asked):
        bright = super().choose(asked)
        if not 0 < bright < 1:
            raise ValueError(f"bright is {bright}, not between 0 and 1")
        return bright


def known(kind):
    subject = Subject(EnvRef.of(kind), Budget(), action_space=spaces.Discrete(2))
    return options.run(subject).known


@pytest.mark.parametrize("kind", [Dimmable, AsksInBrackets, Strict])
def test_an_option_is_found_by_listening(kind):
    (found,) = known(kind)
    assert set(found.options) == {"bright"}
    assert found.asked.error is None
    assert found.asked.copy[0][0] == pytest.approx(found.options["bright"])
    assert found.left == found.options


def test_an_environment_without_options_knows_none():
    assert known(Lamp) == ()


def test_listening_looks_like_options_that_hold_nothing():
    heard = Listening()
    assert heard
    assert dict(heard) == {}
    assert heard.get("a", 1) == 1
    assert "b" not in heard
    assert heard.pop("c", None) is None
    with pytest.raises(KeyError):
        heard["d"]
    assert heard.names == ["a", "b", "c", "d"]


def test_arrays_are_tried_as_others_of_their_kind():
    tried = list(options._moved(np.array([1.0, 2.0], np.float32)))
    assert [value.tolist() for value in tried] == [[0.0, 0.0], [2.0, 1.0]]
    assert {value.dtype for value in tried} == {np.dtype(np.float32)}
