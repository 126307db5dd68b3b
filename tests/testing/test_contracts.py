"""What the contract says of environments that break it in the open, one line each."""

import gymnasium
import numpy as np
import pytest
from faulty import Grid, NanAtOneCell
from gymnasium import spaces

import envkit.testing
from envkit.core.errors import BadEnvArguments, UnknownEnvironment
from envkit.testing import ContractBroken, contract, run_contract


class FloatObservation(Grid):
    def step(self, action):
        observation, *rest = super().step(action)
        return observation.astype(np.float64), *rest


class WholeReward(Grid):
    def reward(self):
        return np.array([-1.0])


class IntegerFlag(Grid):
    def step(self, action):
        observation, reward, terminated, truncated, info = super().step(action)
        return observation, reward, int(terminated), truncated, info


class FourParts(Grid):
    def step(self, action):
        return super().step(action)[:4]


class OnlyObservation(Grid):
    def reset(self, *, seed=None, options=None):
        return super().reset(seed=seed)[0]


class OneBuffer(Grid):
    def __init__(self):
        super().__init__()
        self.buffer = np.zeros(2, np.int64)

    def step(self, action):
        self.buffer[:], *rest = super().step(action)
        return self.buffer, *rest


class SharedInfo(Grid):
    def __init__(self):
        super().__init__()
        self.info = {}

    def step(self, action):
        return *super().step(action)[:4], self.info


class LiveHistory(Grid):
    """Hands out the list that it goes on writing to, two answers later."""

    def reset(self, *, seed=None, options=None):
        self.history = []
        return super().reset(seed=seed)[0], {"history": self.history}

    def step(self, action):
        self.history.append(int(action))
        return super().step(action)


class RaisesInACorner(Grid):
    def reward(self):
        return 1.0 / (self.place[0] - 4) if self.place[1] == 1 else -1.0


class GlobalDice(Grid):
    def reward(self):
        return float(np.random.default_rng().random())


class ExitsOnEntering(Grid):
    def reward(self):
        if self.place == (1, 1):
            raise SystemExit(0)
        return -1.0


class CannotClose(Grid):
    def close(self):
        raise OSError("the simulator is gone")


class SometimesNan(Grid):
    """Once in thirty steps, and not again when asked the same."""

    def reward(self):
        return float("nan") if np.random.default_rng().random() < 1 / 30 else -1.0


class EndsAtRandom(Grid):
    def step(self, action):
        observation, reward, _, truncated, info = super().step(action)
        return observation, reward, bool(np.random.default_rng().random() < 0.1), truncated, info


class ComesAndGoes(Grid):
    """The first instance that walks far fails, and no later one: as if a server had been slow once."""

    happened = False

    def reward(self):
        if self.steps == 8 and not ComesAndGoes.happened:
            ComesAndGoes.happened = True
            return float("nan")
        return -1.0


class PhasesOut(gymnasium.Env):
    """Clips the caller's own array."""

    def __init__(self):
        self.observation_space = spaces.Discrete(1)
        self.action_space = spaces.Box(-1, 1, (1,), np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return np.int64(0), {}

    def step(self, action):
        np.clip(action, -0.5, 0.5, out=action)
        return np.int64(0), 0.0, False, False, {}


class LeavesActionsAlone(PhasesOut):
    def step(self, action):
        return super().step(action.copy())


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (FloatObservation, "step(0): observation is float64, but int64 was declared"),
        (WholeReward, "step(0): the reward is an ndarray, array([-1], float64), not a number"),
        (IntegerFlag, "step(0): terminated is an int, 0, not a bool"),
        (FourParts, "step(0): step returned 4 parts, not the five parts"),
        (OnlyObservation, "reset(seed=0): reset returned an ndarray, array([0, 0], int64), not the two parts"),
        (
            OneBuffer,
            "the observation that step(0) returned is the same object as the observation that step(0) returned",
        ),
        (SharedInfo, "the info that step(0) returned is the same object as the info that step(0) returned"),
        (LiveHistory, "what reset(seed=0) returned has changed since: info['history'] has 0 entries in one and 1"),
        (RaisesInACorner, "raised ZeroDivisionError: float division by zero"),
        (ExitsOnEntering, "raised SystemExit: 0"),
        (CannotClose, "close() raised OSError: the simulator is gone"),
        (SometimesNan, "reward is"),
        (EndsAtRandom, "does not repeat: with the same seed 0 and the same actions, on a fresh instance terminated is"),
        (
            GlobalDice,
            "step(0) does not repeat: with the same seed 0 and the same actions, on a fresh instance reward is",
        ),
        (PhasesOut, "step has changed the action it was given: the action[0] is"),
    ],
)
def test_a_broken_promise_is_named_with_the_call_that_broke_it(fault, text):
    with pytest.raises(ContractBroken) as broken:
        contract(fault)()
    assert text in broken.value.fault


def test_the_text_is_the_fault_and_below_it_a_test_to_paste():
    with pytest.raises(ContractBroken) as broken:
        contract(FloatObservation)()
    assert str(broken.value).splitlines() == [
        "step(0): observation is float64, but int64 was declared",
        "",
        "    import envkit.testing",
        "    from test_contracts import FloatObservation",
        "",
        "",
        "    def test_contract_is_kept():",
        '        """step(0): observation is float64, but int64 was declared"""',
        "        env = envkit.make(FloatObservation)",
        "        env.reset(seed=0)",
        "        observation, reward, terminated, truncated, info = env.step(0)",
        "        assert envkit.testing.why_outside(env.observation_space, observation) is None",
    ]


class EndsQuoted(Grid):
    """Raises a text that ends like a docstring."""

    def reward(self):
        raise KeyError('no "cell" \\ """here"""')


PASTED = [
    FloatObservation, WholeReward, IntegerFlag, FourParts, OnlyObservation, OneBuffer, SharedInfo, LiveHistory,
    RaisesInACorner, CannotClose, GlobalDice, PhasesOut, EndsQuoted,
]  # fmt: skip


@pytest.mark.parametrize("fault", PASTED)
def test_the_pasted_test_fails_while_the_fault_is_there_and_passes_once_it_is_mended(fault):
    with pytest.raises(ContractBroken) as broken:
        contract(fault)()
    source = broken.value.program
    pasted: dict = {}
    exec(source, pasted)
    with pytest.raises((AssertionError, ArithmeticError, OSError, KeyError)) as failed:
        pasted["test_contract_is_kept"]()
    assert not isinstance(failed.value, ContractBroken)
    sound = Grid if issubclass(fault, Grid) else LeavesActionsAlone
    exec(source, pasted)
    pasted[fault.__name__] = sound
    pasted["test_contract_is_kept"]()


def test_an_environment_that_raises_keeps_its_exception_as_the_cause():
    with pytest.raises(ContractBroken) as broken:
        contract(RaisesInACorner)()
    assert isinstance(broken.value.__cause__, ZeroDivisionError)


def test_a_constructor_that_raises_is_a_broken_contract():
    def make_env():
        raise RuntimeError("no simulator here")

    with pytest.raises(ContractBroken, match="making the environment raised RuntimeError: no simulator here"):
        run_contract(make_env)


@pytest.mark.parametrize("dice", [GlobalDice, EndsAtRandom])
def test_an_environment_that_says_it_does_not_repeat_is_not_replayed(dice):
    id = "tests/Dice-v0"
    gymnasium.register(id, dice, nondeterministic=True)
    try:
        contract(id)()
    finally:
        del gymnasium.registry[id]


def test_a_fault_that_comes_and_goes_is_told_with_the_run_that_met_it():
    with pytest.raises(ContractBroken) as broken:
        run_contract(ComesAndGoes)
    assert "reward is" in broken.value.fault
    assert "nan" in broken.value.fault


def test_the_returned_function_is_collected_and_fails_as_any_test_does(pytester_file):
    result = pytester_file(
        "import envkit.testing\n"
        "from faulty import Grid, NanAtOneCell\n"
        "test_sound = envkit.testing.contract(Grid)\n"
        "test_faulty = envkit.testing.contract(NanAtOneCell)\n"
    )
    assert "1 failed, 1 passed" in result
    assert "def test_contract_is_kept():" in result
    assert "the reward is nan, not a finite number" in result


def test_pytest_shows_the_test_to_paste_and_none_of_the_kits_own_lines(pytester_file):
    result = pytester_file(
        "import envkit.testing\n"
        "from faulty import NanAtOneCell\n"
        "test_faulty = envkit.testing.contract(NanAtOneCell)\n"
        "def test_by_hand():\n"
        "    envkit.testing.run_contract(NanAtOneCell)\n"
    )
    assert result.count("the reward is nan, not a finite number") >= 2
    failures = result.partition("short test summary info")[0]  # which repeats them whole where CI is set
    assert failures.count("assert np.isfinite(reward)") == 2
    assert "    envkit.testing.run_contract(NanAtOneCell)" in result
    assert "run_state_machine_as_test" not in result
    assert "machine.py" not in result


def test_pytest_shows_where_in_the_environment_an_exception_came_from(pytester_file):
    result = pytester_file(
        "import envkit.testing\n"
        "from faulty import Grid\n"
        "class Stumbles(Grid):\n"
        "    def reward(self):\n"
        "        raise KeyError('no such cell')\n"
        "test_stumbles = envkit.testing.contract(Stumbles)\n"
    )
    assert ">       raise KeyError('no such cell')" in result
    assert "player.py" not in result
    assert "machine.py" not in result


def test_a_wrong_name_is_reported_as_such_and_as_nothing_else(pytester_file):
    with pytest.raises(UnknownEnvironment, match="^no environment is called 'gridwrld'; did you mean gridworld"):
        contract("gridwrld")()
    with pytest.raises(BadEnvArguments, match="^gridworld takes no argument 'rowz'; did you mean 'rows'"):
        contract("gridworld", rowz=3)()
    result = pytester_file("import envkit.testing\ntest_typo = envkit.testing.contract('gridwrld')\n")
    assert "UnknownEnvironment: no environment is called 'gridwrld'" in result
    assert "ContractBroken" not in result
    assert "resolve.py" not in result


def test_a_class_whose_constructor_raises_says_so_once():
    class NoSimulator(Grid):
        def __init__(self):
            raise RuntimeError("no simulator here")

    with pytest.raises(ContractBroken) as broken:
        contract(NoSimulator)()
    assert broken.value.fault.endswith("NoSimulator raised RuntimeError: no simulator here")
    assert broken.value.fault.count("raised") == 1
    assert isinstance(broken.value.__cause__, RuntimeError)


@pytest.fixture
def pytester_file(tmp_path):
    import os
    import pathlib
    import subprocess
    import sys

    def run(source):
        (tmp_path / "test_it.py").write_text(source)
        path = {"PYTHONPATH": str(pathlib.Path(__file__).parent)}
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--rootdir",
            str(tmp_path),
            "test_it.py",
        ]
        return subprocess.run(command, cwd=tmp_path, env=os.environ | path, capture_output=True, text=True).stdout

    return run


def test_constructor_arguments_reach_the_environment_and_the_program():
    class Sized(NanAtOneCell):
        def __init__(self, bonus=0):
            super().__init__()
            self.bonus = bonus

        def reward(self):
            return float("nan") if self.bonus == 7 else -1.0

    contract(Sized)()
    with pytest.raises(ContractBroken) as broken:
        contract(Sized, bonus=7)()
    assert "bonus=7)" in broken.value.program


def test_the_public_names_are_all_there():
    assert envkit.testing.__all__ == sorted(envkit.testing.__all__)
    assert all(getattr(envkit.testing, name) for name in envkit.testing.__all__)
    with pytest.raises(AttributeError, match="it offers ContractBroken, assert_mended, contract, .*, run_contract"):
        envkit.testing.nothing  # noqa: B018
