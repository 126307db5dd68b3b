"""A copy made in mid-episode plays another episode than the original.

Why: planners, tree searches and checkpoints copy environments; a copy that silently restarts makes them wrong.

Fails:

    class Env(Lamp):
        def __deepcopy__(self, memo):
            twin = Env(self.render_mode)
            twin.reset(seed=0)
            return twin

Passes:

    class Env(Lamp):
        pass

Limits: advice for EzPickle, which restarts by design. What cannot be copied at all is a warning of another rule.
Source: Farama-Foundation/Gymnasium issue 737.
"""

from collections.abc import Iterator

from gymnasium.utils import EzPickle

from envkit.check.judging.pairs import make_text, parting, playing, require_repeatable
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.lifecycle import Lifecycle, Twin
from envkit.core.case import Case, case_of
from envkit.core.trace import literal


def check(lifecycle: Lifecycle) -> Iterator[Finding]:
    for twin in lifecycle.twins:
        if twin.error is not None or not twin.original:
            continue  # copy-fails says so, or the episode was over
        infos = require_repeatable(twin.undisturbed, twin.original)
        found = parting(twin.original, twin.copied, infos=infos)
        case = case_of((*twin.made.calls, *twin.original[: found.number + 1])) if found else None
        if found and case:
            restarts = issubclass(getattr(twin.made.calls[0].result, "kind", object), EzPickle)
            yield Finding(
                message=f"a copy made by {twin.how} in mid-episode plays on differently: {found.difference}",
                fix="copy the whole state, the generator included; or raise, so that nobody trusts the copy",
                at=f"{found.call}, {found.number + 1} steps after the copy",
                program=program(twin, case, found.number + 1),
                severity=Severity.ADVICE if restarts else Severity.ERROR,
                case=None if restarts else case,
            )
            return


def program(twin: Twin, case: Case, after: int) -> str:
    """Plays, copies, and plays on with both."""
    module = twin.how.partition(".")[0]
    duplicate = "copy.deepcopy(env)" if module == "copy" else "pickle.loads(pickle.dumps(env))"
    actions = case.last.actions
    before = case.ending(actions[: len(actions) - after]).episodes
    rest = f"[{', '.join(literal(action) for action in actions[len(actions) - after :])}]"
    lines = [f"import {module}", "", "import envkit", "", f"env = {make_text(twin.made.calls[0])}", *playing(before)]
    lines += [
        f"twin = {duplicate}",
        f"for action in {rest}:",
        "    print(twin.step(action))",
        "    print(env.step(action))",
    ]
    return "\n".join(lines)


RULE = Rule("EK803", "copy-differs", Severity.ERROR, check, symptom_of=("EK207",))
