"""reset mishandles options: an empty dictionary is not the same as none, or the result changes its form.

Why: wrappers and vector environments pass options on, often an empty dictionary; what they get back they unpack into
two.

Fails:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            observation, info = super().reset(seed=seed)
            return (observation, info) if options is None else (observation, info, options)

Passes:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            observation, info = super().reset(seed=seed)
            return observation, {"options": dict(options or {})}

Limits: an option that the environment does not know may be refused; what known ones do is not judged.
Source: Gymnasium Env.reset; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.judging.pairs import is_pair, parting, require_repeatable
from envkit.check.judging.tally import at_call
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.options import Options
from envkit.core.show import error_line, show

FIX = "treat options=None and options={} alike, and return (observation, info) whatever they hold"


def check(options: Options) -> Iterator[Finding]:
    infos = require_repeatable(options.plain.calls[1:], options.again.calls[1:])
    reset = options.empty.calls[1]
    if reset.error is not None:
        yield at_call(options.empty, 1, f"reset raised {error_line(reset.error)} for options={{}}", FIX)
        return
    found = parting(options.plain.calls[1:], options.empty.calls[1:], infos=infos)
    if found:
        message = f"options={{}} gives another episode than no options: {found.difference} (without, with)"
        yield at_call(options.empty, found.number + 1, message, FIX)
    if options.after and is_pair(options.plain.calls[1]) and not is_pair(options.asked):
        message = f"{options.asked} returned {show(options.asked.copy, most=80)}, not two parts as without options"
        yield at_call(options.after, 1, message, FIX)


RULE = Rule("EK406", "options-mishandled", Severity.ERROR, check, symptom_of=("EK401",))
