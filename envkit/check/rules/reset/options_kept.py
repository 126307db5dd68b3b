"""The environment goes on using the options of its caller after the reset.

Why: a curriculum edits one dictionary or array for the next episode, and the one that is being played changes under
the agent.

Fails:

    class Env(Lamp):
        pull = np.zeros(1)
        def reset(self, *, seed=None, options=None):
            self.pull = (options or {}).get("pull", np.zeros(1))
            observation, info = super().reset(seed=seed)
            return observation, info | {"pull": float(self.pull[0])}
        def step(self, action):
            self.bright += 0.01 * float(self.pull[0])
            return super().step(action)

Passes:

    class Env(Lamp):
        pull = np.zeros(1)
        def reset(self, *, seed=None, options=None):
            self.pull = np.array((options or {}).get("pull", np.zeros(1)))
            observation, info = super().reset(seed=seed)
            return observation, info | {"pull": float(self.pull[0])}
        def step(self, action):
            self.bright += 0.01 * float(self.pull[0])
            return super().step(action)

Limits: tried with the options that the environment asks for, where a value is found that it takes and that changes what
reset returns.
Source: Gymnasium Env.reset; https://gymnasium.farama.org/api/env/
"""

from collections.abc import Iterator

from envkit.check.judging.pairs import indented, make_text, parting, playing, require_repeatable
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.options import SEED, Options
from envkit.core.case import case_of
from envkit.core.trace import literal


def check(options: Options) -> Iterator[Finding]:
    infos = require_repeatable(options.plain.calls[1:], options.again.calls[1:])
    for known in options.known:
        found = parting(known.kept.calls[2:], known.spoiled.calls[2:], infos=infos)
        played = case_of(known.kept.calls[: found.number + 3]) if found else None
        if found and played:
            lines = playing(played.episodes)[1:]
            body = indented(
                [
                    f"env = {make_text(known.kept.calls[0])}",
                    f"options = {literal(dict(known.options))}",
                    f"env.reset(seed={SEED}, options=options)",
                    "if spoil:",
                    "    overwrite(options)",
                    *lines,
                    "print(result)",
                ]
            )
            yield Finding(
                message=f"options that are overwritten after reset change the episode: {found.difference}",
                fix="keep a copy: np.array(options[...]), copy.deepcopy(options)",
                at=known.kept.place(found.number + 2),
                program="\n".join(
                    [
                        "import envkit",
                        "from envkit.testing import overwrite",
                        "",
                        "for spoil in (False, True):",
                        *body,
                    ]
                ),
            )
            return


RULE = Rule("EK408", "options-kept", Severity.ERROR, check)
