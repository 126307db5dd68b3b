"""Writing to a returned info changes the episode.

Why: wrappers add to infos and callers pop from them; the environment must not be playing with the same objects.

Fails:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            observation, _ = super().reset(seed=seed, options=options)
            self.moves = {"count": 0}
            return observation, self.moves
        def step(self, action):
            observation, reward, terminated, truncated, _ = super().step(action)
            self.moves = {"count": self.moves.get("count", 9) + 1}
            return observation, reward / self.moves["count"], terminated, truncated, self.moves

Passes:

    class Env(Lamp):
        def reset(self, *, seed=None, options=None):
            observation, _ = super().reset(seed=seed, options=options)
            self.moves = {"count": 0}
            return observation, dict(self.moves)
        def step(self, action):
            observation, reward, terminated, truncated, _ = super().step(action)
            self.moves = {"count": self.moves.get("count", 9) + 1}
            return observation, reward / self.moves["count"], terminated, truncated, dict(self.moves)

Limits: judged on a few hundred steps.
Source: Gymnasium RecordEpisodeStatistics adds to infos.
"""

from collections.abc import Iterator

from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.tampering import Tampering
from envkit.check.rules.isolation.observation_is_state import repeatable, tampered


def check(tampering: Tampering) -> Iterator[Finding]:
    for played in repeatable(tampering):
        found = tampered(played, played.infos, "info", "[-1]")
        if found:
            yield found
            return


RULE = Rule("EK605", "info-is-state", Severity.ERROR, check)
