"""The shortest way to see a fault: its episodes are played again with ever less in them, and judged by the same rule.

Nothing here knows what the fault is. A probe that can play given episodes brings small evidence; the rule that spoke
judges it; whatever still makes it say the same is kept. So every rule's program becomes short without its doing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from gymnasium import spaces

from envkit.check.model import CannotJudge, Finding, Probe, Rule
from envkit.check.subject import Subject
from envkit.core.case import Case, Episode
from envkit.core.compare import same
from envkit.core.shorten import shorten

PER_ATTEMPT = 20  # steps that making instances is worth
SEEDS = 4  # that are tried where an episode began without one


class Smallest:
    """Shortens the findings of one check, as long as its allowance of steps lasts.

    Args:
      subject: what is played on; nothing that is played here is judged or counted elsewhere.
      probes: by the type of their evidence.
    """

    def __init__(self, subject: Subject, probes: dict[type, Probe]):
        self.subject, self.probes = subject, probes
        self.left = 0
        self.any_start = True  # whether a case may begin without a seed, and so be another one each time

    def confirmed(self, finding: Finding, rule: Rule) -> Finding | None:
        """The finding as it is found on a fresh instance; None where playing its case again does not bring it."""
        if finding.case is None or not self._playable(rule):
            return None
        self.left, self.any_start = 1, True
        return self._again(finding, rule, finding.case)

    def of(self, finding: Finding, rule: Rule, allowance: int) -> Finding:
        """The finding with the shortest case that was found; without one where playing does not bring it back."""
        case = finding.case
        if case is None or not self._playable(rule):
            return finding
        self.left, self.any_start = allowance, case.episodes[0].seed is None
        found = self._alone(finding, rule, case) or self._again(finding, rule, case)
        if found is None:
            return replace(finding, case=None)
        found = self._fewer_actions(self._less_history(found, rule), rule)
        found = self._simpler(self._seed(found, rule), rule)
        return replace(found, count=finding.count)

    def _alone(self, finding: Finding, rule: Rule, case: Case) -> Finding | None:
        """Without what came before; an episode that began without a seed is tried with some."""
        if case.last.seed is not None:
            return self._again(finding, rule, case.after(())) if case.history else None
        attempts = (replace(case, episodes=(replace(case.last, seed=seed),)) for seed in range(SEEDS))
        return next(filter(None, (self._again(finding, rule, attempt) for attempt in attempts)), None)

    def _playable(self, rule: Rule) -> bool:
        return all(kind in self.probes and self.probes[kind].replay for kind in rule.needs)

    def _again(self, like: Finding, rule: Rule, case: Case) -> Finding | None:
        """What the rule says about the case, if it is the same fault."""
        if self.left <= 0 or self.subject.late or (case.episodes[0].seed is None and not self.any_start):
            return None
        self.left -= case.steps + PER_ATTEMPT
        scratch = self.subject.scratch()
        try:
            found = list(rule.check(*(self._evidence(kind, scratch, case) for kind in rule.needs)))
        except CannotJudge:
            return None
        except Exception:  # noqa: BLE001 - foreign objects can break any comparison; then this case shows nothing
            return None
        finally:
            scratch.close()
        same_kind = [other for other in found if other.kind == like.kind and other.severity >= like.severity]
        return same_kind[0] if same_kind and same_kind[0].case else None

    def _evidence(self, kind: type, scratch: Subject, case: Case) -> Any:
        replay = self.probes[kind].replay
        assert replay is not None
        return replay(scratch, case)

    def _less_history(self, found: Finding, rule: Rule) -> Finding:
        def attempt(history: Sequence[Episode]) -> Finding | None:
            return self._again(found, rule, _case(found).after(history))

        _, found = shorten(_case(found).history, found, attempt)
        for number in range(len(_case(found).history)):
            found = self._shorter_episode(found, rule, number)
        return found

    def _shorter_episode(self, found: Finding, rule: Rule, number: int) -> Finding:
        history = list(_case(found).history)
        if number >= len(history):
            return found

        def attempt(actions: Sequence[Any]) -> Finding | None:
            changed = [*history[:number], replace(history[number], actions=tuple(actions)), *history[number + 1 :]]
            return self._again(found, rule, _case(found).after(changed))

        return shorten(history[number].actions, found, attempt)[1]

    def _fewer_actions(self, found: Finding, rule: Rule) -> Finding:
        def attempt(actions: Sequence[Any]) -> Finding | None:
            return self._again(found, rule, _case(found).ending(actions))

        return shorten(_case(found).last.actions, found, attempt, length=lambda it: len(_case(it).last.actions))[1]

    def _seed(self, found: Finding, rule: Rule) -> Finding:
        """Zero is the seed that distracts least; and another one may do with still fewer actions."""
        case = _case(found)
        if case.last.seed == 0 or case.history:
            return found
        again = self._again(found, rule, replace(case, episodes=(replace(case.last, seed=0),)))
        return self._fewer_actions(again, rule) if again else found

    def _simpler(self, found: Finding, rule: Rule) -> Finding:
        """Actions replaced by simple ones: all by one, with this seed or another, and else each in turn."""
        simple = simple_actions(self.subject.action_space)
        alike = next(filter(None, (self._again(found, rule, case) for case in _held(_case(found), simple))), None)
        found = self._fewer_actions(alike, rule) if alike else found
        for number in range(len(_case(found).last.actions)):
            for action in simple:
                actions = _case(found).last.actions
                if number >= len(actions) or any(same(actions[number], other) for other in simple):
                    break
                changed = [*actions[:number], action, *actions[number + 1 :]]
                found = self._again(found, rule, _case(found).ending(changed)) or found
        return found


def _held(case: Case, simple: Sequence[Any]) -> Iterator[Case]:
    """The same with one action held throughout the last episode, which then may need another seed."""
    count = len(case.last.actions)
    others = [seed for seed in range(SEEDS) if seed != case.last.seed and case.last.seed is not None]
    for action in simple if count > 1 else ():
        for seed in (case.last.seed, *(() if case.history else others)):
            yield replace(case, episodes=(*case.history, Episode(seed, (action,) * count)))


def _case(found: Finding) -> Case:
    assert found.case is not None
    return found.case


def simple_actions(space: spaces.Space[Any] | None) -> list[Any]:
    """Members of the space that a reader takes in at a glance, the simplest first."""
    if isinstance(space, spaces.Discrete):
        return [space.dtype.type(space.start)]
    if isinstance(space, spaces.Box) and space.dtype.kind == "f" and space.low.size <= 16:
        low, high = np.maximum(space.low, -1e3), np.minimum(space.high, 1e3)
        zero = np.clip(np.zeros(space.shape), low, high).astype(space.dtype)
        return [
            action for action in (zero, low.astype(space.dtype), high.astype(space.dtype)) if space.contains(action)
        ]
    if isinstance(space, spaces.MultiDiscrete):
        return [np.array(space.start, space.dtype)]
    if isinstance(space, spaces.MultiBinary):
        return [np.zeros(space.shape, space.dtype)]
    return []
