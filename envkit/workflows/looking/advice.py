"""Which algorithms can take an environment, after which wrappers, and with which one to begin.

A deep learner is asked itself (`Learner.refusal`), for the spaces as they are and for what wrappers make of them. A
planner wants a finite model, the environment's own or by exploring; a table wants observations that can be told apart
and a few actions. What could help to learn, and is needed by nobody, is a hint.
"""

import contextlib
import importlib.util
import math
import re
import shlex
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from envkit.core import finite
from envkit.core.model import MOST_BINNED, Model, model_of, no_table_text
from envkit.core.optional import remedy
from envkit.core.ref import EnvRef
from envkit.core.show import count
from envkit.deep.learner import Learner
from envkit.workflows.algorithms import GROUPS, Algorithm, algorithms
from envkit.workflows.choosing import learner, planner
from envkit.workflows.looking.rows import Side
from envkit.workflows.looking.trial import CAP, Trial
from envkit.workflows.spaces import MOST_NUMBERED, Space
from envkit.workflows.tables import plain

EXPLORE, BINS = "--explore", "--bins 10"  # options of envkit solve
FLATTEN, DISCRETIZE, NUMBER = "FlattenObservation", "DiscretizeAction", "TransformAction"  # wrappers of Gymnasium
OWN = "ActionWrapper"
TYPED = {  # what can be typed as it stands
    EXPLORE: EXPLORE,
    BINS: BINS,
    FLATTEN: "--wrap gymnasium.wrappers:FlattenObservation",
    DISCRETIZE: """--wrap 'gymnasium.wrappers:DiscretizeAction={"bins": 5}'""",
}
WAYS = {
    EXPLORE: "builds a finite model by playing",
    BINS: "puts each number of the observation into bins, here ten",
    FLATTEN: f"makes one array of the observation: {TYPED[FLATTEN]}",
    DISCRETIZE: f"makes a few actions of the numbers: {TYPED[DISCRETIZE]}",
    NUMBER: "numbers the actions: gymnasium.wrappers.TransformAction(env, decode, Discrete(n)) in a class of yours",
    OWN: "puts the action together: a gymnasium.ActionWrapper of your own, --wrap file.py:Class",
}
MOST_FLAT = 1_000_000  # numbers that are worth an array
MOST_STATES = 100_000  # observations, beyond which a table is seldom filled
FAR, UNEVEN = 10.0, 20.0  # observations that a network learns badly from: so large, or so many times as large as others
NARROW = 84  # pixels of a side: what the networks for pictures were made for
DEAR = 3e-4  # seconds of a step, from which on a second core is a gain; handing a step over takes 0.1 to 0.2 ms
PLACE, SPEED = re.compile(r"position|angle|height|coordinate", re.I), re.compile(r"veloc|speed|rate\b|momentum", re.I)
ONE, MANY = "one", "many"


@dataclass(frozen=True)
class Answer:
    """Whether an algorithm takes the environment.

    Args:
      group: of algorithms, as in lists.
      ways: wrappers and options that it needs; empty where it takes the environment as it is.
      refusal: why it cannot, whatever the wrapper; empty where it can.
      processes: in how many of them to play: one or many; empty where it cannot.
    """

    name: str
    group: str
    is_deep: bool = False
    ways: tuple[str, ...] = ()
    refusal: str = ""
    processes: str = ""

    @property
    def word(self) -> str:
        """`yes`, what it needs, or `no`."""
        return "no" if self.refusal else ", ".join(self.ways) or "yes"

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name, "takes_it": not self.refusal, "with": list(self.ways), "refusal": self.refusal,
            "processes": self.processes or None,
        }  # fmt: skip


@dataclass(frozen=True)
class Advice:
    """What to solve an environment with.

    Args:
      hints: (wrapper, why) of what may help to learn.
      first: the algorithm to begin with; empty where there is none.
      why: it, or why there is none.
      command: what to type; empty where a wrapper has to be written down first.
      step: seconds that a step took.
      missing: how to install what deep learners need; empty where it is there.
    """

    answers: tuple[Answer, ...]
    hints: tuple[tuple[str, str], ...]
    first: str
    why: str
    command: str
    step: float
    missing: str

    @property
    def processes(self) -> str:
        """How many processes to play in, and why."""
        if math.isnan(self.step):
            return ""
        took = f"a step took {plain(float(f'{1e6 * self.step:.2g}'))} microseconds in a short trial"
        return (
            f"{played_in(self.step)}: {took}; from about {1e6 * DEAR:.0f} on a second core gains more than the 100 to "
            "200 that it costs to hand a step to another process"
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "begin_with": self.first or None, "why": self.why, "command": self.command or None,
            "algorithms": [answer.to_json() for answer in self.answers],
            "wrappers": [{"name": name, "why": why} for name, why in self.hints],
            "processes": self.processes,
        }  # fmt: skip


def played_in(step: float) -> str:
    """One process or many, by the seconds of a step."""
    return MANY if step >= DEAR else ONE


def advice(ref: EnvRef, env: gymnasium.Env[Any, Any], seen: Side, trial: Trial) -> Advice:
    """The answers of all algorithms that the kit has.

    Args:
      ref: how the environment was named.
      seen: its observations.
      trial: what was met in random play.
    """
    judge = _Judge(env)
    answers = []
    for title, belongs in GROUPS.items():
        for algorithm in algorithms().values():
            if belongs(algorithm):
                ways = judge.ways(algorithm)
                refusal = judge.refusal(algorithm) if ways is None else ""
                is_deep = isinstance(algorithm, Learner)
                processes = played_in(trial.step) if is_deep else ONE
                answers.append(
                    Answer(algorithm.name, title, is_deep, ways or (), refusal, "" if refusal else processes)
                )
    first, why = _first(judge, answers)
    command = _command(ref, first, next((one.ways for one in answers if one.name == first), ()))
    missing = "" if importlib.util.find_spec("stable_baselines3") else remedy("deep")
    return Advice(tuple(answers), tuple(_hints(env, seen, trial)), first, why, command, trial.step, missing)


class _Judge:
    """What can be said of an environment's spaces and model."""

    def __init__(self, env: gymnasium.Env[Any, Any]):
        self.env, self.observation, self.action = env, env.observation_space, env.action_space

    @cached_property
    def model(self) -> Model | None:
        return model_of(self.env)

    @property
    def is_limited(self) -> bool:
        """Whether there is a time limit."""
        return self.env.spec is not None and self.env.spec.max_episode_steps is not None

    @cached_property
    def table(self) -> tuple[str, ...] | None:
        """What a learner of a table needs; None where no table can hold what is learnt."""
        if self.model is not None:
            return ()
        ways: list[str] = []
        if finite.key_of(self.observation) is None:
            if not (isinstance(self.observation, spaces.Box) and math.prod(self.observation.shape) <= MOST_BINNED):
                return None
            ways.append(BINS)
        if not 0 < (finite.size(self.action) or 0) <= finite.MOST_ACTIONS:
            if not _is_cut(self.action):
                return None
            ways.append(DISCRETIZE)
        return tuple(ways)

    def ways(self, algorithm: Algorithm) -> tuple[str, ...] | None:
        """What the algorithm needs; None where it cannot take the environment."""
        if isinstance(algorithm, Learner):
            return self._deep(algorithm)
        if not algorithm.needs_model:
            return self.table
        if self.model is not None:
            return None if algorithm.refusal and algorithm.refusal(self.model.mdp) else ()
        takes_all = algorithm.refusal is None or self.is_limited  # within a limit every planner looks at the clock
        return (EXPLORE,) if self.table == () and takes_all else None

    def refusal(self, algorithm: Algorithm) -> str:
        """Why it cannot."""
        if isinstance(algorithm, Learner):
            return algorithm.refusal(self.observation, self.action)
        if algorithm.refusal and self.model is not None:
            return algorithm.refusal(self.model.mdp)
        if algorithm.refusal and self.table == ():
            return "it does not take every model, and the one that --explore may build is not known"
        fault = no_table_text(self.env).partition(", which no table can hold")[0]
        return f"there is no finite model, and {fault}" if algorithm.needs_model else fault

    def _deep(self, learner: Learner) -> tuple[str, ...] | None:
        """The fewest wrappers after which the learner takes the spaces."""
        observations: list[tuple[tuple[str, ...], Space]] = [((), self.observation)]
        with contextlib.suppress(NotImplementedError, ValueError):  # raised by spaces that have no flat form
            if spaces.flatdim(self.observation) <= MOST_FLAT:
                observations.append(((FLATTEN,), spaces.flatten_space(self.observation)))
        actions: list[tuple[tuple[str, ...], Space]] = [((), self.action)]
        if _is_cut(self.action):
            actions.append(((DISCRETIZE,), spaces.Discrete(2)))
        size = finite.size(self.action)
        if size is not None and size <= MOST_NUMBERED:
            actions.append(((NUMBER,), spaces.Discrete(size)))
        elif isinstance(self.action, spaces.Tuple | spaces.Dict | spaces.OneOf):
            actions.append(((OWN,), spaces.Discrete(2)))
        pairs = product(observations, actions)
        taken = [one + other for (one, seen), (other, done) in pairs if not learner.refusal(seen, done)]
        return min(taken, key=len, default=None)


def _is_cut(space: Space) -> bool:
    """Whether DiscretizeAction makes a few actions of it."""
    return isinstance(space, spaces.Box) and space.is_bounded() and math.prod(space.shape) <= MOST_BINNED


def _first(judge: _Judge, answers: list[Answer]) -> tuple[str, str]:
    """The algorithm to begin with, and why; no algorithm, and the reason of the last one, where none takes it."""
    if judge.model is not None:
        return planner(judge.model)
    deep = [one for one in answers if one.is_deep and not one.refusal]
    states = finite.size(judge.observation) or math.inf
    if judge.table == () and (not deep or states <= MOST_STATES):
        told = f"{states:,} observations" if states <= MOST_STATES else "observations that can be told apart"
        actions = count(finite.size(judge.action) or 0, "action")
        return "qlearning", f"there is no finite model to plan on, and a table holds {told} and {actions}"
    if deep:
        picked = learner(judge.observation, judge.action)
        if picked:
            return picked
        best = min(deep, key=lambda one: (len(one.ways), one.name != "ppo"))
        ways = " and ".join(best.ways)
        return best.name, f"a table would be too large, and its network takes the environment with {ways}"
    if judge.table is not None:
        return "qlearning", f"a table holds it with {' and '.join(judge.table)}"
    return "", answers[-1].refusal


def _command(ref: EnvRef, algo: str, ways: tuple[str, ...]) -> str:
    if not algo or not isinstance(ref.target, str) or not set(ways) <= set(TYPED):
        return ""
    kwargs = [part for key, value in ref.kwargs.items() for part in ("--env-kwargs", f"{key}={_typed(value)}")]
    return shlex.join(["envkit", "solve", ref.target, *kwargs, "--algo", algo]) + "".join(
        f" {TYPED[way]}" for way in ways
    )


def _typed(value: Any) -> str:
    import json

    return value if isinstance(value, str) else json.dumps(value)


def _hints(env: gymnasium.Env[Any, Any], seen: Side, trial: Trial) -> list[tuple[str, str]]:
    """Wrappers that may help, and why; those of a picture in the order in which they are put on."""
    space, found = env.observation_space, []
    if _is_picture(space):
        height, width, colours = space.shape  # type: ignore[misc]
        if colours > 1:
            found.append(("grey", "colours seldom matter, and a third of the numbers is learnt from sooner"))
        if max(height, width) > NARROW:
            found.append(
                ("resize", f"networks for pictures were made for {NARROW} x {NARROW}; this is {width} x {height}")
            )
        found.append(("stack", "one picture shows no movement"))
    names = [row.name for row in seen.rows]
    if seen.is_named and any(map(PLACE.search, names)) and not any(map(SPEED.search, names)):
        found.append(("stack", "no entry is called a velocity; where speed matters, several observations show it"))
    if trial.scale is not None and _is_uneven(trial.scale):
        met = trial.scale[trial.scale > 0]
        found.append(("normalize", f"random play met entries up to {met.max():.3g}, others up to {met.min():.3g} only"))
    limit = env.spec.max_episode_steps if env.spec else None
    if limit is None and trial.cut:
        found.append(("max-steps", f"nothing ended {trial.cut} of {len(trial.returns)} episodes within {CAP:,} steps"))
    return found


def _is_picture(space: Space) -> bool:
    is_image = isinstance(space, spaces.Box) and space.dtype == np.uint8 and len(space.shape) == 3
    return is_image and space.shape[2] in (1, 3, 4)  # type: ignore[index]


def _is_uneven(scale: Any) -> bool:
    met = scale[scale > 0]
    return bool(met.size) and bool(met.max() > FAR or met.max() > UNEVEN * met.min())
