"""The contract of vector environments, as a test: batches, seeds, automatic resets, and copies that are independent.

    def make_vec(num_envs, **kwargs):
        return MyVectorEnv(num_envs, max_episode_steps=20, **kwargs)

    test_vector = envkit.testing.vector_contract(make_vec, single=lambda: MyEnv(max_episode_steps=20))

Each answer has the promised shapes, dtypes and spaces, and is not touched afterwards; reset(seed=s) gives copy i the
seed s + i, and a list gives each its own; what a copy does depends on its own seed and actions only; episodes that end
begin again as `metadata["autoreset_mode"]` says; the same seed and actions give the same again; and, where `single` is
given, all copies play what an environment alone does, to the bit. A wrapper for one environment that a vector
environment lacks makes a difference here, as it would in training.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode

from envkit.check.acting.actions import BURSTS, RANDOM, script
from envkit.check.acting.batches import batched
from envkit.core.errors import UsageError
from envkit.core.shorten import shorten
from envkit.core.trace import Call
from envkit.testing import vector_trials
from envkit.testing.broken import ContractBroken
from envkit.testing.profiles import chosen
from envkit.testing.vector_player import VectorPlayer
from envkit.testing.vector_trials import COPIES, Trial

__tracebackhide__ = True  # from pytest, which then shows the test to paste alone; --full-trace shows all
MOST_TRIES, MOST_SECONDS = 300, 30.0  # of shortening
MakeVec = Callable[..., Any]  # makes a gymnasium.vector.VectorEnv of so many copies
Modes = Sequence[AutoresetMode | str]


def vector_contract(
    make_vec: MakeVec,
    *,
    single: Callable[[], gymnasium.Env[Any, Any]] | None = None,
    modes: Modes = (),
    own_seeds: bool = True,
    endless: bool = False,
    profile: str | None = None,
) -> Callable[[], None]:
    """A test function for pytest; the arguments are those of `run_vector_contract`."""

    def test() -> None:
        try:
            run_vector_contract(
                make_vec, single=single, modes=modes, own_seeds=own_seeds, endless=endless, profile=profile
            )
        except UsageError as error:  # its text is complete, and our own lines add nothing
            raise error.with_traceback(None) from None

    test.__name__ = test.__qualname__ = "test_vector_contract"
    test.__doc__ = f"{_name(make_vec)} keeps the contract of vector environments."
    return test


def run_vector_contract(
    make_vec: MakeVec,
    *,
    single: Callable[[], gymnasium.Env[Any, Any]] | None = None,
    modes: Modes = (),
    own_seeds: bool = True,
    endless: bool = False,
    profile: str | None = None,
    steps: int | None = None,
) -> None:
    """Plays vector environments of three copies, and compares them with each other.

    Args:
      make_vec: called with the number of copies; makes a new vector environment each time.
      single: makes the environment that each copy is, with the same limits, to compare with.
      modes: autoreset modes, such as ("NextStep", "SameStep", "Disabled"), each passed on as `autoreset_mode`; without
        them the one that it declares is judged.
      own_seeds: whether each copy has a generator of its own. With False, for those that draw for all copies from one,
        as Gymnasium's own CartPoleVectorEnv does, nothing is asked of seeds but that they repeat.
      endless: whether episodes never end; else it is an error when none does.
      profile: quick, default or deep: how many steps.
      steps: the number itself.

    Raises:
      ContractBroken: with what is wrong, and a short test that shows it.
      UsageError: no episode ended, so automatic resets could not be judged; or no mode or profile is called so.
    """
    asked: list[AutoresetMode | None] = [_mode(mode) for mode in modes]
    for mode in asked or [None]:
        given = {} if mode is None else {"autoreset_mode": mode}
        opening = _opening(make_vec, mode, single)
        make = partial(VectorPlayer, partial(make_vec, COPIES, **given), opening, COPIES)
        _run(make, mode, single, own_seeds, endless, chosen(profile).seconds, steps or chosen(profile).steps)


def _run(
    make: vector_trials.MakePlayer,
    mode: AutoresetMode | None,
    single: Callable[[], gymnasium.Env[Any, Any]] | None,
    own_seeds: bool,
    endless: bool,
    seconds: float,
    steps: int,
) -> None:
    first = make()
    if mode is not None and first.mode is not mode:
        first.close()
        text = f"autoreset_mode={mode} was asked for, but metadata['autoreset_mode'] is {first.mode}"
        raise first.broken(text, [f"assert env.metadata['autoreset_mode'] is gymnasium.vector.{mode}"])
    moves = _moves(first, steps)
    trials = vector_trials.trials(first.mode, single, own_seeds=own_seeds)
    moves = moves[: _affordable(first, moves, seconds / (2 * len(trials)))]
    ends = 0
    for trial in trials:
        try:
            ends = max(ends, trial(make, moves))
        except ContractBroken as broken:
            least = _shortest(trial, make, moves, broken)
            raise ContractBroken(least.fault, least.program, least.calls) from least.__cause__
    if not (ends or endless):
        taken = sum(move.method == "step" for move in moves)
        raise UsageError(
            f"no episode ended in {taken} steps, so what happens then was not judged: make the vector environment "
            "with shorter episodes, give more steps=, or endless=True where none ever ends"
        )


def _moves(player: VectorPlayer, steps: int) -> list[Call]:
    """Seeded and unseeded resets, and steps in which every copy has a script of its own."""
    space, rng = player.env.single_action_space, np.random.default_rng(0)
    scripts = [script(space, RANDOM if number == 1 else BURSTS, rng, steps) for number in range(COPIES)]
    moves = [Call("step", {"action": batched(space, actions)}) for actions in zip(*scripts, strict=True)]
    return [
        Call("reset", {"seed": 0}),
        *moves[: steps // 2],
        Call("reset", {"seed": None}),
        *moves[steps // 2 : steps * 3 // 4],
        Call("reset", {"seed": 2**31 - 10}),
        *moves[steps * 3 // 4 :],
    ]


def _affordable(player: VectorPlayer, moves: Sequence[Call], seconds: float) -> int:
    """How many moves fit into the time of one trial; measured on an instance that is then closed."""
    begun, tried = time.perf_counter(), 0
    try:
        for move in moves[:20]:
            player.play([move])
            tried += 1
    except ContractBroken:  # the first trial will meet it again
        return len(moves)
    finally:
        player.close()
    each = (time.perf_counter() - begun) / tried
    return max(30, int(seconds / each))


def _shortest(
    trial: Trial, make: vector_trials.MakePlayer, moves: Sequence[Call], broken: ContractBroken
) -> ContractBroken:
    """A failure of the same trial with as few steps as can be; the first reset stays."""
    tries, until = iter(range(MOST_TRIES)), time.monotonic() + MOST_SECONDS

    def attempt(fewer: Sequence[Call]) -> ContractBroken | None:
        if next(tries, None) is None or time.monotonic() > until:
            return None
        try:
            trial(make, [moves[0], *fewer])
        except ContractBroken as again:
            return again
        return None

    played = sum(call.arguments.get("options") is None for call in broken.calls)  # but for the resets in between
    kept, length = tuple(moves[1:played]), len(moves)
    while len(kept) < length:  # what could not be left out at first sometimes can be later
        length = len(kept)
        kept, broken = shorten(kept, broken, attempt)
    return broken


def _mode(mode: AutoresetMode | str) -> AutoresetMode:
    try:
        return AutoresetMode(mode)
    except ValueError:
        known = ", ".join(known.value for known in AutoresetMode)
        raise UsageError(f"autoreset mode {mode!r} is not one of {known}") from None


def _opening(make_vec: MakeVec, mode: AutoresetMode | None, single: Callable[[], Any] | None) -> str:
    """Python lines that make the vector environment, and import what can be imported."""
    importing = _importing(make_vec, _name(make_vec)) + (_importing(single, "single") if single else [])
    chosen_mode = "" if mode is None else f", autoreset_mode=gymnasium.vector.{mode}"
    return "\n".join([*importing, f"env = {_name(make_vec)}({COPIES}{chosen_mode})"])


def _importing(function: Callable[..., Any], called: str) -> list[str]:
    """The line that imports it; none for what is in no module, such as a lambda."""
    name, module = getattr(function, "__qualname__", ""), getattr(function, "__module__", "__main__")
    if not name.isidentifier() or module == "__main__":
        return []
    return [f"from {module} import {name}" + ("" if name == called else f" as {called}")]


def _name(make_vec: MakeVec) -> str:
    name: str = getattr(make_vec, "__name__", "make_vec")
    return name if name.isidentifier() else "make_vec"
