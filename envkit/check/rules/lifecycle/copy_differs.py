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

Limits: a warning, for some simulators cannot be copied, and EzPickle restarts by design.
Source: Farama-Foundation/Gymnasium issue 737.
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.pairs import parting, require_repeatable
from envkit.check.probes.lifecycle import SEED, Lifecycle
from envkit.check.probes.twins import Twins


def check(lifecycle: Lifecycle, twins: Twins) -> Iterator[Finding]:
    pairs = (*twins.fresh, *twins.used, *twins.neighbours)
    infos = False not in {require_repeatable(pair.left_calls, pair.right_calls) for pair in pairs}
    for how, twin in (("copy.deepcopy", lifecycle.deep_copy), ("pickle", lifecycle.pickled)):
        if isinstance(twin, BaseException):
            continue  # copy-fails says so
        found = parting(*twin, infos=infos)
        if found:
            yield Finding(
                message=f"a copy made by {how} in mid-episode plays on differently: {found.difference}",
                fix="copy the whole state, the generator included; or raise, so that nobody trusts the copy",
                at=f"{found.call}, {found.number + 1} steps after the copy",
                program=_program(lifecycle, how),
            )
            return


def _program(lifecycle: Lifecycle, how: str) -> str:
    module = how.partition(".")[0]
    duplicate = "copy.deepcopy(env)" if module == "copy" else "pickle.loads(pickle.dumps(env))"
    return (
        f"import {module}\n\n{lifecycle.closed.program(0)}\nenv.reset(seed={SEED})\n"
        f"for _ in range(5):\n    env.step(env.action_space.sample())\ntwin = {duplicate}\n"
        f"action = env.action_space.sample()\nprint(env.step(action))\nprint(twin.step(action))"
    )


RULE = Rule("EK803", "copy-differs", Severity.WARNING, check)
