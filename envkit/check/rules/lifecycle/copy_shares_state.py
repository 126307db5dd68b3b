"""Playing a copy moves the original: the two share something.

Why: a planner that tries a move on a copy has made it in the real game.

Fails:

    class Env(Lamp):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.state = {"oil": 0.0}
        def reset(self, *, seed=None, options=None):
            self.state["oil"] = 0.0
            return super().reset(seed=seed, options=options)
        def step(self, action):
            self.state["oil"] += 0.01
            result = super().step(action)
            return result[0], result[1] + self.state["oil"], *result[2:]
        def __deepcopy__(self, memo):
            twin = Env(self.render_mode)
            twin.__dict__.update(self.__dict__)  # the oil included
            import copy
            twin._np_random = copy.deepcopy(self._np_random)
            return twin

Passes:

    class Env(Lamp):
        pass

Limits: the copy plays first, then the original.
Source: Gymnasium issue 1161, on what an environment's copies share.
"""

from collections.abc import Iterator

from envkit.check.judging.pairs import parting, require_begun
from envkit.check.model import CannotJudge, Finding, Rule, Severity
from envkit.check.probes.lifecycle import Lifecycle, Twin
from envkit.check.probes.twins import Twins
from envkit.check.rules.lifecycle.copy_differs import program
from envkit.core.case import case_of


def check(lifecycle: Lifecycle, twins: Twins) -> Iterator[Finding]:
    require_begun(*(pair.left_calls for pair in twins.fresh))
    if any(parting(pair.left_calls, pair.right_calls, infos=False) for pair in twins.fresh):
        raise CannotJudge("the same seed and actions do not give the same episode, so there is nothing to compare with")
    for twin in lifecycle.twins:
        if disturbed(twin):
            found = parting(twin.undisturbed, twin.original, infos=False)
            case = case_of((*twin.made.calls, *twin.original[: found.number + 1])) if found else None
            if found and case:
                yield Finding(
                    message=f"a copy made by {twin.how} was played, and the original has moved: {found.difference}",
                    fix="copy every part of the state: copy.deepcopy, and nothing that is shared on purpose",
                    at=f"{found.call}, {found.number + 1} steps after the copy",
                    program=program(twin, case, found.number + 1),
                    case=case,
                )
                return


def disturbed(twin: Twin) -> bool:
    """Whether the original plays on otherwise than in a run without a copy."""
    return bool(twin.original) and parting(twin.undisturbed, twin.original, infos=False) is not None


RULE = Rule("EK808", "copy-shares-state", Severity.ERROR, check, symptom_of=("EK204",))
