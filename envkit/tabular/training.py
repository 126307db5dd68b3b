"""A learner's work from the problem to the result: on the finite model if there is one, else on the real environment.

**Defaults.** What is best depends on what is known beforehand. Where the model is deterministic, one look at an outcome
tells all, so the step size is 1 (0.3 where an algorithm learns from its own next action, which is random); elsewhere,
or without a model, it is the number of visits to the state and action to the power of -0.6. The number of episodes
grows with the pairs of state and action that can be reached: 4 for each and at least 1,000 where the model is
deterministic, else 100 for each and at least 20,000.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from envkit.core.drive import Driver
from envkit.core.errors import UsageError
from envkit.core.finite import MOST_ACTIONS, decode_of, key_of, size
from envkit.core.mdp import MDP
from envkit.core.model import no_model_text
from envkit.core.policy import Policy
from envkit.core.progress import Progress, silent
from envkit.core.result import Result
from envkit.core.schedule import UNITS, Schedule, constant
from envkit.core.settings import Setting
from envkit.tabular import live
from envkit.tabular.behaviours import Behaviour
from envkit.tabular.bellman import Floats
from envkit.tabular.course import Algorithm, Course, Scale, size_of
from envkit.tabular.flat import as_lists, flat_world
from envkit.tabular.infinite import optimum
from envkit.tabular.journal import MOST_JUDGED, Journal, Known
from envkit.tabular.loop import WORLD_DRAWS, Knobs
from envkit.tabular.planner import endless_text
from envkit.tabular.solver import Problem
from envkit.tabular.watched import Watched, watched

CAP = 10_000  # steps after which an episode without a limit is cut off, and bootstraps
BOUNDLESS = 1e100  # rewards whose sums may not be numbers any more; learning will refuse them
UNKNOWN_EPISODES = 20_000  # where there is no model to tell how large the problem is

SETTINGS = (
    Setting("discount", 0.99, "how much a reward one step later counts", 0, 1),
    Setting("step_size", None, "how far a value moves towards what was seen", 0, 1, open_low=True, scheduled=True),
    Setting("initial_value", 0.0, "what everything is thought to be worth before it is tried"),
)


@dataclass(frozen=True)
class Goal:
    """What is learnt, of which there are two kinds: what is best, and what a policy earns.

    Args:
      values: (q [S * A], twins, how many actions) -> what the states are thought to be worth, [S].
      known: (model, discount, what is watched) -> the truth; None where it is not finite.
      by_state: whether it is about states only, and what to do is given.
    """

    values: Callable[[Floats, Any, int], Floats]
    known: Callable[[MDP, float, Sequence[Watched]], Known | None]
    by_state: bool


@dataclass(frozen=True)
class Training:
    """A course with all that is around it.

    Args:
      name: of the algorithm.
      config: its hyper-parameters, as used.
      known: the truth, as far as it is known.
      meeting: what a policy needs to meet the environment: (state_of, decode).
    """

    problem: Problem
    name: str
    config: Mapping[str, Any]
    course: Course
    known: Known | None
    meeting: Any

    def run(self, policy: Callable[[], Policy]) -> float:
        """Goes through the course; returns the seconds that took."""
        started, course = time.perf_counter(), self.course

        def report() -> None:
            if self.problem.report is silent:  # what nobody hears need not be worked out: 2 % of a short experiment
                return
            told = Progress(course.done, course.episodes, course.steps, course.mean_return, policy)
            self.problem.report(told)

        course.run(report, self.problem.keeper)
        return time.perf_counter() - started

    def result(self, policy: Policy, seconds: float, *, values: Floats, q: Floats | None) -> Result:
        """Raises UsageError where values have grown beyond all numbers."""
        course, model = self.course, self.problem.model
        horizon = model.mdp.horizon if model else None
        if not (np.isfinite(values).all() and course.is_finite()):
            message = f"the values of {self.name} grew beyond all bounds; a smaller step_size or discount would help"
            raise UsageError(message)
        return Result(
            algorithm=self.name,
            policy=policy,
            config={**self.config, "episodes": course.episodes, "step_cap": horizon or CAP},
            steps=course.steps,
            seconds=seconds,
            values=values,
            q=q,
            visits=course.visits(),
            curve=course.curve(),
            exact=self.known.watched if self.known else {},
            frames=course.journal.frames(),
            notes=(*course.notes, *self._cut_notes(limited=horizon is not None)),
        )

    def _cut_notes(self, *, limited: bool) -> Iterator[str]:
        """Says it where episodes had no end of their own; a limit of the environment is its own affair."""
        cut, episodes = self.course.cut, self.course.episodes
        if cut and not limited:
            yield (
                f"{cut:,} of {episodes:,} training episodes were cut off after {CAP:,} steps; shorter ones, such as "
                "--wrap max-steps=200, leave time for more of them"
            )


def prepared(
    problem: Problem, name: str, algorithm: Algorithm, behaviour: Behaviour, config: Mapping[str, Any],
    settings: Mapping[str, Any], goal: Goal,
) -> Training:  # fmt: skip
    """Everything, before it begins.

    Args:
      config: the hyper-parameters as they are reported.
      settings: the same with what the loop needs besides.

    Raises:
      UsageError: there is nothing finite to be learnt: the model never ends, without limit and discount.
    """
    mdp = problem.model.mdp if problem.model else None
    episodes = problem.episodes or _episodes(mdp)
    own, initial = algorithm.own(settings), settings["initial_value"]
    actions = mdp.num_actions if mdp is not None else size(problem.env.action_space) or 0
    knobs = _knobs(algorithm, settings, settings[behaviour.knob], own, episodes)
    randomness, first_seed = np.random.SeedSequence(problem.seed).spawn(2)
    rng = np.random.Generator(np.random.SFC64(randomness))  # the quickest that NumPy has
    wanted = tuple(watched(text, problem.model, actions, by_state=goal.by_state) for text in problem.trace)
    judged = mdp is not None and mdp.available.size <= MOST_JUDGED and np.abs(mdp.reward).max() < BOUNDLESS
    endless = judged and mdp is not None and mdp.horizon is None and settings["discount"] == 1
    if endless and mdp is not None and not goal.by_state and optimum(mdp, 1.0) is None:
        raise UsageError(endless_text(problem.name))
    known = goal.known(mdp, settings["discount"], wanted) if mdp is not None and judged else None

    def journal(rows: int) -> Journal:
        return Journal(
            rows, knob="" if goal.by_state else behaviour.knob, known=known, wanted=wanted, found=found,
            learnt=lambda q, twins: goal.values(q, twins, actions), pictures=problem.pictures,
        )  # fmt: skip

    if mdp is not None and problem.model is not None:
        found: Callable[[Any], int] = int
        play = algorithm.loop(behaviour, knobs, actions, sure=mdp.probability.shape[2] == 1)
        tables = algorithm.tables(np.where(mdp.available, initial, -np.inf).ravel(), Scale(own, mdp.horizon or CAP))
        course = Course(
            play, flat_world(mdp, CAP), tables, knobs, actions,
            episodes=episodes, journal=journal, rng=rng, engine=problem.engine,
        )  # fmt: skip
        meeting: Any = (problem.model.state_of, problem.model.decode)
    else:
        world = _live_world(problem, algorithm, initial, own, int(first_seed.generate_state(1)[0]))
        play = algorithm.loop(behaviour, knobs, actions, begin=live.begin, advance=live.advance)
        found = world.number_of
        course = Course(play, world, world.tables, knobs, world.actions, episodes=episodes, journal=journal, rng=rng)
        meeting = (live.Lookup(world.key, world.numbers), world.decode)
    return Training(problem, name, config, course, known, meeting)


def step_size(algorithm: Algorithm, problem: Problem) -> Schedule:
    """The one that is given, or that suits the algorithm and the model."""
    given: Schedule | None = problem.settings["step_size"]
    mdp = problem.model.mdp if problem.model else None
    if given is None and algorithm.sure_step is not None and mdp is not None and mdp.is_deterministic:
        return constant(algorithm.sure_step)
    return given or algorithm.step_size


def _episodes(mdp: MDP | None) -> int:
    """How many episodes suit the size of the model; rounded up to one digit."""
    if mdp is None:
        return UNKNOWN_EPISODES
    pairs = int(mdp.available[mdp.reachable].sum())
    wanted = max(1_000, 4 * pairs) if mdp.is_deterministic else max(20_000, 100 * pairs)
    unit = int(10 ** (len(str(wanted)) - 1))
    return -(-wanted // unit) * unit


def _knobs(
    algorithm: Algorithm, settings: Mapping[str, Any], exploration: Schedule, own: list[float], episodes: int
) -> Knobs:
    step_size = settings["step_size"]
    return Knobs(
        settings["discount"],
        _rows(step_size, episodes), UNITS[step_size.unit],
        _rows(exploration, episodes), UNITS[exploration.unit],
        np.array(own), settings["ties"] == "random", WORLD_DRAWS + size_of(algorithm.draws, Scale(own, 0)),
    )  # fmt: skip


def _rows(schedule: Schedule, episodes: int) -> npt.NDArray[np.float64]:
    """The schedule as the loop takes it; how many steps or visits there will be, nobody knows."""
    return np.array(schedule.rows(episodes if schedule.unit == "episodes" else None))


def _live_world(problem: Problem, algorithm: Algorithm, initial: float, own: list[float], seed: int) -> live.LiveWorld:
    env = problem.env
    key, actions = key_of(env.observation_space), size(env.action_space)
    if key is None or actions is None or actions > MOST_ACTIONS:
        raise UsageError(no_model_text(problem.name, env))
    tables = as_lists(algorithm.tables(np.zeros(0), Scale(own, CAP)))
    return live.LiveWorld(
        Driver(env, problem.name), key, decode_of(env.action_space),
        tables=tables, actions=actions, value=initial, algorithm=algorithm, cap=CAP, seed=seed,
    )  # fmt: skip
