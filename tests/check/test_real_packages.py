"""What published environments taught: no graphics card, large tables, chance in infos, forks, a busy machine."""

import os
import sys
import time

import gymnasium as gym
import numpy as np
import pytest

from envkit.check.api import check
from envkit.check.budget import BRISK, COSTLY, CRAWLING, HEAVY, LIGHT, SLOW, suited_to
from envkit.check.judging import fingerprint
from envkit.check.judging.pairs import parting
from envkit.check.lamp import Lamp
from envkit.check.probes.death import Death
from envkit.check.session import _step_seconds, prepare
from envkit.check.shortening.deaths import wants_a_display
from envkit.check.subject import Subject
from envkit.core.errors import UsageError
from envkit.core.ref import EnvRef
from envkit.core.trace import Call
from envkit.isolate import family

DRAWING = ('File "/site-packages/mujoco/renderer.py", line 76 in __init__',)


class Tabled(Lamp):
    """Reads its reward from a large table."""

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.table = {number: [(1.0, number, 0.5 * number)] for number in range(400)}


class Scribbling(Tabled):
    """Writes to its table, so its copies may not share it."""

    def step(self, action):
        self.table[0] = [(1.0, self.steps, 0.0)]
        return super().step(action)


class Sampling(Lamp):
    """Tells an action that it sampled, as it has no seed for that, in the info of reset."""

    def reset(self, *, seed=None, options=None):
        observation, info = super().reset(seed=seed, options=options)
        return observation, {**info, "action": int(gym.spaces.Discrete(2).sample())}


class Working(Lamp):
    def step(self, action):
        end = time.thread_time() + 0.004
        while time.thread_time() < end:
            pass
        return super().step(action)


class Waiting(Lamp):
    def step(self, action):
        time.sleep(0.01)
        return super().step(action)


def died(call, stack):
    return Death("died", "killed by SIGABRT", "rendering", call, 0, (), "", stack, "")


@pytest.mark.parametrize(
    ("call", "stack", "display", "wanted"),
    [
        ("render()", DRAWING, "", True),
        ("render()", DRAWING, ":0", False),
        ("step(1)", DRAWING, "", False),
        ("render()", ('File "lamp.py", line 3 in render',), "", False),
    ],
)
def test_a_death_in_a_graphics_library_is_excused_only_in_render_and_without_a_display(
    call, stack, display, wanted, monkeypatch
):
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", display)
    assert wants_a_display(died(call, stack)) == wanted


def test_a_large_dictionary_is_a_table_and_a_change_in_it_is_noticed():
    env = Tabled()
    tables = fingerprint.tables(env)
    assert [value is env.table for value, _ in tables.values()] == [True]
    before = fingerprint.attributes(env, tables)["table"]
    assert fingerprint.unchanged(tables)
    env.table[3] = []
    assert not fingerprint.unchanged(tables)
    assert fingerprint.attributes(env, tables)["table"] == before  # taken to be as it was
    assert fingerprint.tables(Lamp()) == {}


@pytest.mark.parametrize("kind", [Tabled, Scribbling])
def test_an_environment_with_a_table_gets_no_finding(kind):
    assert check(kind, select=["EK2", "EK3", "EK5", "EK8"], isolation=False).findings == ()


def test_an_info_of_reset_that_is_drawn_without_the_seed_is_no_error():
    found = check(Sampling, select=["EK2", "EK4", "EK6", "EK7"], isolation=False).findings
    assert {finding.severity.label for finding in found} <= {"warning"}


def test_infos_of_reset_that_agreed_once_say_nothing_and_infos_of_steps_do():
    one, other = ([reset(1), step(1)], [reset(2), step(1)])
    assert parting(one, other, infos=True) is None
    assert parting(one, other) is not None
    assert parting(one, [reset(2), step(2)], infos=True).number == 1
    later = [reset(1), step(1), reset(1)], [reset(1), step(1), reset(2)]
    assert parting(*later, infos=True) is None


def reset(number):
    result = (0, {"action": number})
    return Call("reset", {"seed": 0}, result, result)


def step(number):
    result = (0, 0.0, False, False, {"action": number})
    return Call("step", {"action": 0}, result, result)


@pytest.mark.parametrize(
    ("shape", "seconds", "budget"),
    [((4,), 1e-5, LIGHT), ((4,), 0.003, HEAVY), ((96, 96, 3), 1e-5, HEAVY), ((4,), 0.03, SLOW), ((4,), 0.2, CRAWLING),
     ((480, 480, 3), 1e-3, SLOW)],
)  # fmt: skip
def test_the_budget_follows_the_cost_of_a_step_and_the_size_of_an_observation(shape, seconds, budget):
    found = suited_to("default", gym.spaces.Box(0, 255, shape, np.uint8), 0.001, seconds)
    assert found == budget


@pytest.mark.parametrize(
    ("shape", "life", "step", "name", "budget"),
    [((4,), 0.2, 1e-4, "default", BRISK), ((4,), 0.2, 0.003, "default", COSTLY), ((96, 96, 3), 0.2, 1e-4, "default", COSTLY),
     ((4,), 0.01, 1e-4, "default", LIGHT), ((4,), 0.7, 1e-4, "default", SLOW)],
)  # fmt: skip
def test_where_only_beginning_costs_much_there_are_fewer_instances_and_hardly_fewer_steps(
    shape, life, step, name, budget
):
    assert suited_to(name, gym.spaces.Box(0, 255, shape, np.uint8), life, step) == budget
    assert BRISK.variants == COSTLY.variants
    assert (BRISK.search_steps, BRISK.vector_steps) == (0, 0)
    assert BRISK.steps > 5 * COSTLY.steps


class Begins(gym.Env):
    """Starts what it needs with the first reset of each instance."""

    observation_space, action_space = gym.spaces.Discrete(2), gym.spaces.Discrete(2)
    started = False

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        if not self.started:
            time.sleep(0.06)
            self.started = True
        return 0, {}

    def step(self, action):
        return 0, 0.0, False, False, {}


def test_what_the_first_reset_of_an_instance_starts_is_part_of_what_the_instance_costs():
    subject = Subject(EnvRef.of(Begins))
    prepare(subject, subject.open("first look"), "default", None)
    assert subject.budget.frugal
    assert not subject.budget.search_steps


class SecondEndsTheProcess(gym.Env):
    """The second instance of a process ends it when it is reset."""

    observation_space, action_space = gym.spaces.Discrete(2), gym.spaces.Discrete(2)
    made = 0

    def __init__(self):
        SecondEndsTheProcess.made += 1
        self.number = self.made

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        if self.number == 2:
            os._exit(3)
        return 0, {}

    def step(self, action):
        return 0, 1.0, False, False, {}


def test_a_reset_that_ends_the_process_while_its_cost_is_measured_leaves_the_rest_to_be_judged():
    report = check(SecondEndsTheProcess, budget="quick", select=["EK001", "EK301"])
    assert [finding.code for finding in report.findings] == ["EK001"]
    assert "EK301" in report.judged


def test_what_a_budget_leaves_out_stays_left_out():
    assert SLOW.times(8.0, 90.0).vector_steps == 0
    assert SLOW.times(0.001, 90.0).steps == 1


@pytest.mark.parametrize(("kind", "least", "most"), [(Working, 0.004, 0.01), (Waiting, 0.01, 1.0)])
def test_a_step_takes_what_it_works_or_what_it_waits(kind, least, most):
    look = Subject(EnvRef.of(kind)).open("look")
    assert least <= _step_seconds(look) < most


def test_what_processes_share_counts_once():
    here = family.descendants(os.getpid())
    assert 0 < family.unshared(here) <= family.resident(here)


def test_a_package_that_an_environment_of_gymnasium_needs_is_asked_for(monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)
    monkeypatch.delitem(sys.modules, "gymnasium.envs.phys2d.cartpole", raising=False)
    with pytest.raises(UsageError, match="phys2d/CartPole-v1 needs a package: .*; pip install jax"):
        EnvRef.of("phys2d/CartPole-v1").make()


def test_whole_episodes_get_a_fifth_of_the_time_at_least():
    assert LIGHT.weary == 12.0
    assert LIGHT.times(8.0, 1800.0).weary == 360.0
    assert LIGHT.times(0.3, 20.0).weary == 12.0
