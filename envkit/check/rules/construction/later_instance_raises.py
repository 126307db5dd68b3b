"""An instance cannot be made although earlier ones could, and were closed again.

Why: training, evaluation and vector environments make instances again and again in one process. What an instance takes
for itself, a port, a number, a licence, has to be given back by close.

Fails:

    class Env(Lamp):
        made = 0
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            Env.made += 1
            if Env.made > 8:
                raise OSError("all eight ports are taken")

Passes:

    class Env(Lamp):
        made = 0
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            Env.made += 1
        def close(self):
            Env.made -= 1

Limits: some dozens of instances are made, and never more than a few at once. The first two are construction-raises's.
Source: SB3 make_vec_env and evaluate_policy, which make instances in one process.
"""

from collections.abc import Iterator

from envkit.check.judging.pairs import make_text
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.check.subject import cause
from envkit.core.show import error_line, innermost_line


def check(rollouts: Rollouts) -> Iterator[Finding]:
    made = [trace.calls[0] for trace in rollouts.traces if trace.calls]
    plain = [call for call in made if "render_mode" not in call.arguments]  # a refused mode is another rule's
    number, failed = next(((n, call) for n, call in enumerate(plain, 1) if call.error is not None), (0, None))
    if failed is None or failed.error is None or number <= 2:
        return
    inner = cause(failed.error)
    line = innermost_line(inner) or str(failed.arguments["target"])
    make = make_text(failed)
    yield Finding(
        message=f"an instance could not be made after {number - 1} others: {error_line(inner)}",
        fix=f"give back in close what the constructor takes, and keep count of nothing in the class; see {line}",
        at=line,
        program=(
            f"import envkit\n\nfor number in range({number + 20}):\n"
            f"    env = {make}\n    env.reset(seed=0)\n    env.close()"
        ),
        count=sum(call.error is not None for call in plain),
    )


RULE = Rule("EK115", "later-instance-raises", Severity.ERROR, check)
