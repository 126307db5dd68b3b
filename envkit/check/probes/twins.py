"""Plays the same seed and actions twice: on two fresh instances, again on a used one, and beside a busy neighbour."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from envkit.check.actions import script, strategies
from envkit.check.model import Probe
from envkit.check.subject import Driver, Subject
from envkit.core.trace import Call, Trace


@dataclass(frozen=True)
class Pair:
    """Two records that should be equal, call by call; `left` and `right` begin with the same reset."""

    seed: int
    left: Trace
    right: Trace
    left_calls: tuple[Call, ...]
    right_calls: tuple[Call, ...]


@dataclass(frozen=True)
class Twins:
    """The pairs.

    Args:
      fresh: two new instances, one pair for each seed.
      used: a new instance, and one that has played other episodes before.
      neighbours: a new instance alone, and one whose steps alternate with another instance's.
      unseeded: the first observations after resets without a seed, on one instance.
    """

    fresh: tuple[Pair, ...]
    used: tuple[Pair, ...]
    neighbours: tuple[Pair, ...]
    unseeded: tuple[Any, ...]
    generator: tuple[Any, ...]  # states of np_random after reset(seed) for seeds a, a, b; None where it cannot be read


Alone = dict[int, tuple[Driver, tuple[Call, ...]]]  # by seed: a fresh instance, and its episode


def run(subject: Subject) -> Twins:
    probe = subject.open("spaces")
    space, steps = probe.env.action_space, subject.budget.twin_steps
    probe.finish()
    seeds = (0, 7, 2**31 + 11)
    names = list(strategies(space))[: subject.budget.strategies]
    scripts = [script(space, name, subject.rng(40 + n), steps) for n, name in enumerate(names)]
    script_of = {seed: scripts[n % min(2, len(scripts))] if n != 1 else scripts[-1] for n, seed in enumerate(seeds)}
    fresh = []
    alone: Alone = {}
    for seed in seeds:
        left, right = subject.open("first instance"), subject.open("second instance")
        alone[seed] = (left, _episode(left, seed, script_of[seed]))
        fresh.append(_pair(seed, *alone[seed], right, _episode(right, seed, script_of[seed])))
    used = [_after(subject, actions, alone, seeds[0], script_of[seeds[0]]) for actions in scripts]
    neighbours = []
    veteran = subject.open("used instance")
    for actions in scripts:
        _episode(veteran, 1000, actions)
    for seed in seeds:
        _episode(veteran, None, scripts[0])
        used.append(_pair(seed, *alone[seed], veteran, _episode(veteran, seed, script_of[seed])))
        busy, neighbour = subject.open("instance beside another"), subject.open("neighbour")
        calls = _episode(busy, seed, script_of[seed], neighbour=neighbour, noise=scripts[0])
        neighbours.append(_pair(seed, *alone[seed], busy, calls))
        neighbour.finish()
    for driver, _ in alone.values():
        driver.finish()
    unseeded, generator = _unseeded(subject), _generator(subject)
    return Twins(tuple(fresh), tuple(used), tuple(neighbours), unseeded, generator)


def _after(subject: Subject, history: Sequence[Any], alone: Alone, seed: int, actions: Any) -> Pair:
    """Beside the long history of the veteran a short one, of one episode, for what it shows is shown best."""
    driver = subject.open("instance used once")
    _episode(driver, 1000, history)
    pair = _pair(seed, *alone[seed], driver, _episode(driver, seed, actions))
    driver.finish()
    return pair


def _episode(
    driver: Driver,
    seed: int | None,
    actions: Sequence[Any],
    *,
    neighbour: Driver | None = None,
    noise: Sequence[Any] = (),
) -> tuple[Call, ...]:
    """Resets and plays the actions to the episode's end; with a neighbour, turn by turn."""
    begin = len(driver.calls)
    if not driver.ok:
        return ()
    driver.reset(seed=seed)
    if neighbour and neighbour.ok:
        neighbour.reset(seed=None if seed is None else seed + 99)
    for number, action in enumerate(actions):
        if driver.ended or not driver.ok:
            break
        driver.step(action)
        if neighbour and neighbour.ok:
            if neighbour.ended:
                neighbour.reset()
            elif noise:
                neighbour.step(noise[number % len(noise)])
    return tuple(driver.calls[begin:])


def _pair(seed: int, left: Driver, left_calls: Any, right: Driver, right_calls: Any) -> Pair:
    return Pair(seed, left.trace, right.trace, left_calls, right_calls)


def _unseeded(subject: Subject) -> tuple[Any, ...]:
    """After a seeded reset; each instance then draws on, so the starts may differ from one reset to the next."""
    driver = subject.open("resets without a seed")
    if driver.ok:
        driver.reset(seed=3)
    for _ in range(8):
        if driver.ok:
            driver.reset()
    trace = driver.finish()
    return tuple(call.copy[0] for _, call in trace.resets)


def _generator(subject: Subject) -> tuple[Any, ...]:
    driver = subject.open("seeding of np_random")
    states: list[Any] = []
    for seed in (123, 123, 456):
        if driver.ok:
            driver.reset(seed=seed)
        generator = getattr(driver.raw, "_np_random", None) if driver.ok else None
        states.append(None if generator is None else generator.bit_generator.seed_seq.entropy)
    driver.finish()
    return tuple(states)


PROBE = Probe("twins", Twins, run)
