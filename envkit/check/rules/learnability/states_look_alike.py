"""Two states look the same, but need different actions: the observation does not say in which one the agent is.

Why: no policy that acts on the observation alone can be right in both; learning circles between the two.

Fails:

    class Env(Lamp):
        goal = 0
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.observation_space = gym.spaces.Discrete(6)
            self.lamp = 2
        def reset(self, *, seed=None, options=None):
            gym.Env.reset(self, seed=seed)
            self.lamp, self.bright, self.goal = 2, 0.4, int(self.np_random.integers(2)) * 5  # and nobody sees the goal
            return self.lamp, {}
        def step(self, action):
            self.lamp = min(max(self.lamp + (1 if action else -1), 0), 5)
            self.bright = self.lamp / 5
            return self.lamp, -1.0, self.lamp == self.goal, False, {}

Passes:

    class Env(Lamp):
        goal = 0
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.observation_space = gym.spaces.Discrete(12)
            self.lamp = 2
        def reset(self, *, seed=None, options=None):
            gym.Env.reset(self, seed=seed)
            self.lamp, self.bright, self.goal = 2, 0.4, int(self.np_random.integers(2)) * 5
            return self.seen(), {}
        def seen(self):
            return self.lamp + 6 * int(self.goal > 0)
        def step(self, action):
            self.lamp = min(max(self.lamp + (1 if action else -1), 0), 5)
            self.bright = self.lamp / 5
            return self.seen(), -1.0, self.lamp == self.goal, False, {}

Limits: only where every action was tried in every state and chance has no part in a step. Where not seeing everything
is the task, as in a maze that is seen from within, allow it.
Source: Singh, Jaakkola and Jordan, "Learning without state-estimation in partially observable Markovian decision
processes" (1994).
"""

from collections import defaultdict
from collections.abc import Iterator

from envkit.check.judging import fingerprint
from envkit.check.judging.graph import Graph
from envkit.check.judging.pairs import indented, make_text
from envkit.check.model import Finding, Rule, Severity
from envkit.check.probes.rollouts import Rollouts
from envkit.check.probes.search import Search
from envkit.core.show import count, show
from envkit.core.trace import literal


def check(search: Search, rollouts: Rollouts) -> Iterator[Finding]:
    graph = search.graph
    if graph is None or search.chance or any(move.truncated for move in graph.moves):
        return
    best = graph.best()
    alike: dict[bytes, list[int]] = defaultdict(list)
    for state in best:
        alike[fingerprint.digest(graph.seen[state][0])].append(state)
    pairs = [
        (one, other)
        for states in alike.values()
        for number, one in enumerate(states)
        for other in states[number + 1 :]
        if not best[one] & best[other]
    ]
    if pairs:
        one, other = min(pairs, key=lambda pair: sum(len(graph.seen[state][2]) for state in pair))
        first, second = (search.named(min(best[state])) for state in (one, other))
        yield Finding(
            message=(
                f"{count(len(pairs), 'pair')} of states cannot be told apart: in both the observation is "
                f"{show(graph.seen[one][0], most=60)}, but action {first} is best in one and {second} in the other"
            ),
            fix="observe what tells them apart, or the last few observations",
            at="observation",
            program=_program(make_text(rollouts.traces[0].calls[0]), graph, one, other),
            count=len(pairs),
        )


def _program(make: str, graph: Graph, one: int, other: int) -> str:
    """Both ways, and what is seen at their ends."""
    ways = [(graph.seen[state][1], list(graph.seen[state][2])) for state in (one, other)]
    texts = [f"({seed}, {literal(actions)})" for seed, actions in ways]
    body = ["result = env.reset(seed=seed)", "for action in actions:", "    result = env.step(action)"]
    head = ["import envkit", "", f"env = {make}", f"for seed, actions in ({', '.join(texts)}):"]
    return "\n".join([*head, *indented([*body, "print(result[0])"])])


RULE = Rule("EK910", "states-look-alike", Severity.WARNING, check, whole=True)
