"""An instance cannot be pickled or copied in mid-episode.

Why: worker processes receive environments by pickle, and planners copy them.

Fails:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            self.generator = (number for number in range(3))
            return super().reset(seed=seed, options=options)

Passes:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            self.numbers = iter([0, 1, 2])
            return super().reset(seed=seed, options=options)

Limits: a warning, for simulators in other processes cannot be copied.
Source: Gymnasium AsyncVectorEnv; https://gymnasium.farama.org/api/vector/
"""

from collections.abc import Iterator

from envkit.check.judging.pairs import make_text, playing
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.lifecycle import Lifecycle
from envkit.core.case import case_of
from envkit.core.show import error_line


def check(lifecycle: Lifecycle) -> Iterator[Finding]:
    for twin in sorted(lifecycle.twins, key=lambda twin: (twin.error is None, twin.how == "copy.deepcopy")):
        error = twin.error or twin.plain
        if error is not None:
            how = "pickle.dumps(env)" if twin.how == "pickle" else "copy.deepcopy(env)"
            case = case_of(twin.made.calls)
            lines = playing(case.episodes) if case else []
            opening = [f"import {how.partition('.')[0]}", "", "import envkit", ""]
            before = "" if twin.error else ", though not before the first reset"
            yield Finding(
                message=f"{how} in mid-episode raised {error_line(error)}{before}",
                fix="leave windows, locks, generators and sockets out of __getstate__, and make them anew",
                at=how,
                program="\n".join([*opening, f"env = {make_text(twin.made.calls[0])}", *lines, how]),
                case=case,
            )
            return


RULE = Rule("EK804", "copy-fails", Severity.WARNING, check)
