"""After set_state(get_state()) the same actions lead somewhere else, or one of the two methods raises.

Why: undoing a move, trying every action of a state and resuming go back with these two methods, where both are there.

Fails:

    class Env(Lamp):
        def get_state(self):
            return {"bright": self.bright, "steps": self.steps}

        def set_state(self, state):
            self.bright, self.steps = state["bright"], state["steps"]

Passes:

    class Env(Lamp):
        def get_state(self):
            return {"bright": self.bright, "steps": self.steps, "rng": self.np_random.bit_generator.state}

        def set_state(self, state):
            self.bright, self.steps = state["bright"], state["steps"]
            self.np_random.bit_generator.state = state["rng"]

Limits: a warning, for the methods may be meant for something else. Wrappers have states of their own and are left out.
Source: Farama-Foundation/Gymnasium issue 94.
"""

from collections.abc import Iterator

from envkit.check.judging.pairs import make_text, parting, playing, require_repeatable
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.restoring import Restored, Restoring
from envkit.core.case import Case, case_of
from envkit.core.show import error_line
from envkit.core.trace import literal

FIX = "save and restore all that the rest of an episode depends on, as copies, the random generator's state included"


def check(restoring: Restoring) -> Iterator[Finding]:
    for one in restoring.returns:
        if one.error is not None:
            case = case_of(one.made.calls)
            yield Finding(
                message=f"{one.method} in mid-episode raised {error_line(one.error)}",
                fix=FIX,
                at=f"env.unwrapped.{one.method}",
                program=_program(one, case, 0) if case else "",
                case=case,
            )
            return
        if not one.first:
            continue
        infos = require_repeatable(one.undisturbed, one.first)
        found = parting(one.first, one.again, infos=infos)
        case = case_of((*one.made.calls, *one.first[: found.number + 1])) if found else None
        if found and case:
            yield Finding(
                message=f"after set_state(get_state()) the same actions lead somewhere else: {found.difference}",
                fix=FIX,
                at=f"{found.call}, {found.number + 1} steps after get_state()",
                program=_program(one, case, found.number + 1),
                case=case,
            )
            return


def _program(one: Restored, case: Case, after: int) -> str:
    """Plays, saves, plays on, restores, and plays the same again."""
    actions = case.last.actions
    before = case.ending(actions[: len(actions) - after]).episodes
    rest = f"[{', '.join(literal(action) for action in actions[len(actions) - after :])}]"
    play_on = [f"for action in {rest}:", "    print(env.step(action))"] if after else []
    lines = ["import envkit", "", f"env = {make_text(one.made.calls[0])}", *playing(before), "env = env.unwrapped"]
    return "\n".join([*lines, "state = env.get_state()", *play_on, "env.set_state(state)", *play_on])


RULE = Rule("EK818", "restored-state-differs", Severity.WARNING, check, symptom_of=("EK207",))
