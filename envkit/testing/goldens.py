"""Golden traces: an environment is held to the episode that it once played.

    test_trace = envkit.testing.golden("my_package:MyEnv-v0", "golden/trace.json", seed=0)

`pytest --envkit-update` (or ENVKIT_UPDATE=1) plays one episode and writes it; the file goes into version control. From
then on the same actions are played again, and the first step and field that differ are named with both values. Nothing
is ever written without being asked to, so that a file that is missing in CI is a failure and no pass.
"""

import copy
import unittest
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from envkit.core.codec import decode
from envkit.core.errors import EnvkitError, UsageError
from envkit.core.note import is_whole
from envkit.core.policy import Policy, RandomPolicy
from envkit.core.ref import EnvRef
from envkit.core.show import show
from envkit.core.trace import Call, literal, program
from envkit.runs.atomic import atomic_write
from envkit.testing import recording
from envkit.testing.broken import ContractBroken
from envkit.testing.contracts import opening_of
from envkit.testing.places import beside_the_caller
from envkit.testing.plain import NAMES, plain_test
from envkit.testing.profiles import updating
from envkit.testing.recording import Answer, Parting, Recording

__tracebackhide__ = True  # from pytest, which then shows the test to paste alone; --full-trace shows all
STEPS = 50


def golden(
    target: Any,
    path: str | Path,
    *,
    seed: int = 0,
    actions: Sequence[Any] | None = None,
    policy: Policy | Callable[[Any], Any] | None = None,
    steps: int = STEPS,
    info: bool = False,
    tolerance: float = 0.0,
    **env_kwargs: Any,
) -> Callable[[], None]:
    """A test function for pytest that compares an episode with the recorded one; the arguments are `run_golden`'s.

    A relative `path` is meant from the folder of the file that calls this.
    """
    ref, file = EnvRef.of(target, **env_kwargs), beside_the_caller(path)

    def test() -> None:
        try:
            run_golden(
                ref, file, seed=seed, actions=actions, policy=policy, steps=steps, info=info, tolerance=tolerance
            )
        except EnvkitError as error:  # its text is complete, and our own lines add nothing
            raise error.with_traceback(None) from error.__cause__

    test.__name__ = test.__qualname__ = "test_trace"
    test.__doc__ = f"{ref} plays the episode of {file.name} as it was recorded."
    return test


def run_golden(
    target: Any,
    path: str | Path,
    *,
    seed: int = 0,
    actions: Sequence[Any] | None = None,
    policy: Policy | Callable[[Any], Any] | None = None,
    steps: int = STEPS,
    info: bool = False,
    tolerance: float = 0.0,
    **env_kwargs: Any,
) -> None:
    """Plays an episode and compares it with the one recorded at `path`; where that is asked for, records it.

    Args:
      target: whatever `EnvRef` can name; `env_kwargs` are for its constructor.
      seed: of the reset, and of a policy's draws.
      actions: to record; without them and without a policy, random ones.
      policy: chooses what is recorded: an envkit policy, or a function from observation to action. Afterwards the
        recorded actions are played, so that a policy that has learnt more changes nothing.
      steps: at most so many are recorded; an episode's end comes first.
      info: whether infos are recorded too; they often hold times.
      tolerance: numbers may differ by so much, for platforms whose mathematical functions differ in the last bits.
        Without one, of an observation of more than 128 numbers a digest is recorded, which is the same or is not.

    Raises:
      ContractBroken: the episode differs; with the first step and field, both values, and a test to paste.
      AssertionError: nothing is recorded yet, or the actions are no longer the recorded ones.
      ArtifactRefused: the file is damaged.
      unittest.SkipTest: it was recorded just now, and so nothing was compared; pytest shows it as a skip.
    """
    if actions is not None and policy is not None:
        raise UsageError("a golden trace is recorded with actions or with a policy, not with both")
    ref, path = EnvRef.of(target, **env_kwargs), Path(path)
    if updating():
        played = _play(ref, seed, _chooser(ref, actions, policy, seed), len(actions) if actions else steps, info)
        new = Recording.of(str(ref), seed, played, whole=tolerance > 0)
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(path, new.to_text().encode())
        raise unittest.SkipTest(f"{path} was recorded: look at it and commit it; nothing was compared")
    if not path.exists():
        raise AssertionError(f"{path} is not there; record it with pytest --envkit-update, look at it and commit it")
    old = recording.read(path)
    if old.seed != seed:
        raise AssertionError(f"{path} was recorded with seed {old.seed}, not {seed}; pytest --envkit-update")
    recording.matching(actions, old, str(path))
    _compare(ref, path, old, tolerance)


def _compare(ref: EnvRef, path: Path, old: Recording, tolerance: float) -> None:
    held = iter(old.actions)
    played = _play(ref, old.seed, lambda _, __: next(held), len(old.actions), "info" in old.moments[0].notes)
    parting = old.first_parting(played, (path.name, "this run"), tolerance)
    if parting:
        action = old.moments[parting.number].action
        where = f"step {parting.number}, step({show(action)})" if parting.number else "reset"
        fault = f"{where} is no longer as in {path.name}: {parting.difference}"
        calls = _calls(old, parting.number)
        told = f"{fault}; if that is meant: pytest --envkit-update"
        raise ContractBroken(told, _test(ref, old, parting, fault, calls, tolerance), calls)


def _play(ref: EnvRef, seed: int, choose: Callable[[Any, dict[str, Any]], Any], steps: int, info: bool) -> list[Answer]:
    """An episode, to its end or to so many steps; each answer as it was when it was given."""
    env = ref.make()
    try:
        observation, told = env.reset(seed=seed)
        answers = [_answer(None, info, observation=observation, info_told=told)]
        while len(answers) <= steps and not answers[-1].ended:
            action = choose(observation, told)
            observation, reward, terminated, truncated, told = env.step(copy.deepcopy(action))
            answers.append(
                _answer(
                    action, info, observation=observation, reward=reward, terminated=terminated, truncated=truncated,
                    info_told=told,
                )
            )  # fmt: skip
    finally:
        env.close()
    return answers


def _answer(action: Any, info: bool, *, info_told: dict[str, Any], **fields: Any) -> Answer:
    return Answer(action, copy.deepcopy(fields | ({"info": info_told} if info else {})))


def _chooser(
    ref: EnvRef, actions: Sequence[Any] | None, policy: Any, seed: int
) -> Callable[[Any, dict[str, Any]], Any]:
    if actions is not None:
        given: Iterable[Any] = iter(actions)
        return lambda _, __: next(given)  # type: ignore[call-overload]
    if policy is not None and not hasattr(policy, "start"):
        return lambda observation, _: policy(observation)
    if policy is None:
        env = ref.make()
        policy = RandomPolicy(env.action_space)
        env.close()
    actor = policy.start(np.random.default_rng(seed))
    return lambda observation, told: actor.act(observation, told)


def _calls(old: Recording, number: int) -> tuple[Call, ...]:
    steps = [Call("step", {"action": action}) for action in old.actions[:number]]
    return (Call("reset", {"seed": old.seed}), *steps)


def _test(ref: EnvRef, old: Recording, parting: Parting, fault: str, calls: tuple[Call, ...], tolerance: float) -> str:
    name, last = parting.field, calls[-1]
    asked = program([last], print_last=False).splitlines()[-1]
    body = [
        *program(list(calls[:-1]), print_last=False).splitlines(),
        f"{NAMES[last.method]} = {asked}",
        f"assert {_is_as_noted(old.moments[parting.number].notes[name], name, tolerance)}",
    ]
    return plain_test("test_trace_is_as_recorded", fault, opening_of(ref), body)


def _is_as_noted(note: Any, name: str, tolerance: float) -> str:
    """In Python, that the value of that name is the one of the note."""
    if not is_whole(note):
        return f"envkit.testing.digest({name}) == {note['sha256']!r}"
    was = decode(note)
    if tolerance and isinstance(was, float | np.floating | np.ndarray):
        return f"np.allclose({literal(was)}, {name}, rtol=0, atol={tolerance!r})"
    return f"envkit.testing.first_difference({literal(was)}, {name}) is None"
