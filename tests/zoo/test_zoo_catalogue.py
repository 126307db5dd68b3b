"""The zoo's catalogue, and that the odd environments keep Gymnasium's contract by a drive of ours that is no checker."""

import copy
import sys
import warnings
from types import ModuleType

import catalogue
import gymnasium as gym
import numpy as np
import pytest
from catalogue import Malformed, faults, valid
from gymnasium import spaces

ODD = [one for one in valid() if one.file.stem.startswith("valid_")]


def test_nobody_is_listed_twice():
    refs = [one.ref for one in (*faults(), *valid())]
    assert len(refs) == len(set(refs))


def test_every_twin_is_among_the_valid():
    assert {fault.twin for fault in faults()} <= {one.ref for one in valid()}


def test_everybody_says_what_is_the_matter():
    assert [one.ref for one in (*faults(), *valid()) if not one.what] == []


def test_there_are_more_than_a_hundred_odd_ones_and_as_many_faults():
    assert len(ODD) >= 100
    assert len(faults()) >= 100


FORM = "It is faulty.\n\nLevel: {}\nHides: in a\n    corner\nTwin: {}\n"


def planted(level, twin):
    module = ModuleType("faults_planted")
    module.__file__ = str(catalogue.ZOO / "faults_planted.py")
    module.Clean = ODD[0] and catalogue._named(ODD[0].ref)
    module.Faulty = type("Faulty", (gym.Env,), {"__doc__": FORM.format(level, twin), "__module__": module.__name__})
    return module


def test_the_fields_of_a_docstring_may_go_on_in_the_next_line():
    module = planted("error", "Clean")
    assert catalogue._fault(module, module.Faulty).hides == "in a corner"
    assert catalogue._fault(module, module.Faulty).twin == ODD[0].ref


@pytest.mark.parametrize(
    ("level", "twin", "message"),
    [
        ("fatal", "Clean", "the level of faults_planted.py:Faulty is 'fatal', not error or warning"),
        ("", "Clean", "faults_planted.py:Faulty says no Level in its docstring"),
        ("error", "Nobody", "the twin of faults_planted.py:Faulty is 'Nobody', which is no clean class"),
        ("error", "Faulty", "the twin of faults_planted.py:Faulty is 'Faulty', which is no clean class"),
    ],
)
def test_a_docstring_that_does_not_keep_the_form_is_named(level, twin, message):
    module = planted(level, twin)
    with pytest.raises(Malformed, match=message):
        catalogue._fault(module, module.Faulty)


def test_importing_the_zoo_leaves_the_path_as_it_was():
    before = list(sys.path)
    catalogue._module(catalogue.ZOO / "valid_common.py")
    assert sys.path == before


def inside(space, value):
    """As `space.contains`, and of the very type and shape."""
    if isinstance(space, spaces.Dict):
        return isinstance(value, dict) and set(value) == set(space) and all(inside(space[k], value[k]) for k in value)
    if isinstance(space, spaces.Tuple):
        return isinstance(value, tuple) and len(value) == len(space) and all(map(inside, space, value))
    if isinstance(space, spaces.Box | spaces.MultiDiscrete | spaces.MultiBinary):
        same = isinstance(value, np.ndarray) and (value.dtype, value.shape) == (space.dtype, space.shape)
        return same and space.contains(value)
    return space.contains(value)


def play(env, actions):
    """Two seeded episodes and one without; every result, the moment it was returned. Checks each one."""
    seen, kept = [], []
    for seed in (7, 8, None):
        observation, info = env.reset(seed=seed)
        seen.append(copy.deepcopy((observation, info)))
        kept.append(observation)
        assert inside(env.observation_space, observation)
        for action in actions:
            result = env.step(copy.deepcopy(action))
            observation, reward, terminated, truncated, info = result
            seen.append(copy.deepcopy(tuple(result)))
            kept.append(observation)
            assert inside(env.observation_space, observation)
            assert np.ndim(reward) == 0
            assert np.isfinite(float(reward))
            assert isinstance(terminated, bool | np.bool_)
            assert isinstance(truncated, bool | np.bool_)
            assert isinstance(info, dict)
            if terminated or truncated:
                break
    return seen, kept


def equal(one, other):
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(equal, one, other))
    return type(one) is type(other) and bool(np.array_equal(one, other))


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd.name)
def test_an_odd_environment_keeps_the_contract(odd):
    make = catalogue._named(odd.ref)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one of them warns, by design
        first, second = make(), make()
        first.action_space.seed(1)
        actions = [first.action_space.sample() for _ in range(10 if "Slow" in odd.name else 130)]
        seen, kept = play(first, actions)
        assert equal(seen, play(second, actions)[0])
        assert equal([result[0] for result in seen], kept)  # nothing that was handed out has changed since
        assert equal(seen[:2], play(first, actions)[0][:2])  # and what was played before does not matter
        for env in (first, second):
            env.close()
            env.close()
