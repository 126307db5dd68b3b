"""From an algorithm's update to a solver: on the finite model if there is one, else on the real environment.

**Defaults.** Epsilon falls from 1 to 0 over nine tenths of the episodes. What else is best depends on what is known
beforehand. Where the model is deterministic, one look at an outcome tells all, so the step size is 1 (0.3 where an
algorithm learns from its own next action, which is random); elsewhere, or without a model, it is the number of visits
to the state and action to the power of -0.6. The number of episodes grows with the pairs of state and action that can
be reached: 4 for each and at least 1,000 where the model is deterministic, else 100 for each and at least 20,000.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from envkit.core.drive import Driver
from envkit.core.errors import UsageError
from envkit.core.finite import MOST_ACTIONS, decode_of, key_of, size
from envkit.core.mdp import MDP
from envkit.core.model import no_model_text
from envkit.core.policy import MixedPolicy, Policy, TablePolicy
from envkit.core.progress import Progress
from envkit.core.result import Result
from envkit.core.schedule import UNITS, Schedule, Share, constant, linear
from envkit.tabular import live
from envkit.tabular.behaviours import BEHAVIOURS, Behaviour
from envkit.tabular.bellman import Floats
from envkit.tabular.course import Algorithm, Course, Scale, size_of
from envkit.tabular.evaluation import evaluate_policy
from envkit.tabular.flat import as_lists, flat_world
from envkit.tabular.infinite import optimum
from envkit.tabular.journal import MOST_JUDGED, Journal, Known
from envkit.tabular.loop import WORLD_DRAWS, Knobs
from envkit.tabular.settings import Setting
from envkit.tabular.solver import Problem, Solver
from envkit.tabular.watched import Watched, exact_values, watched

CAP = 10_000  # steps after which an episode without a limit is cut off, and bootstraps
BOUNDLESS = 1e100  # rewards whose sums may not be numbers any more; learning will refuse them
UNKNOWN_EPISODES = 20_000  # where there is no model to tell how large the problem is

DISCOUNT = Setting("discount", 0.99, "how much a reward one step later counts", 0, 1)
STEP_SIZE = Setting(
    "step_size",
    None,
    "how far a value moves towards what was seen",
    0,
    1,
    open_low=True,
    scheduled=True,
)
INITIAL = Setting("initial_value", 0.0, "what everything is thought to be worth before it is tried")
SETTINGS = (
    DISCOUNT,
    STEP_SIZE,
    Setting("behaviour", None, "how it explores, by default as the knob that is given", choices=tuple(BEHAVIOURS)),
    Setting("epsilon", None, "the chance of exploring", 0, 1, scheduled=True),
    Setting("temperature", None, "of softmax: what difference of values matters", 0, scheduled=True),
    Setting("bonus", None, "of ucb: what trying what was tried less is worth", 0, scheduled=True),
    INITIAL,
    Setting("ties", "random", "which of equally good actions is taken", choices=("random", "first")),
)
FALLING = linear(1.0, 0.0, Share(0.9))
EXPLORATION = {"epsilon": FALLING, "temperature": FALLING, "bonus": constant(1.0)}


def learner(name: str, summary: str, algorithm: Algorithm) -> Solver:
    """The solver of an algorithm for control: it learns what to do."""

    def solve(problem: Problem) -> Result:
        started = time.perf_counter()
        behaviour, config = _behaviour(problem.settings)
        config |= _step_size(algorithm, problem, config)
        course, known, meeting = _course(problem, algorithm, behaviour, config, learnt=_best, known_of=_optimal)

        def policy() -> Policy:
            return TablePolicy(course.table().argmax(axis=1), *meeting)

        _run(problem, course, policy)
        q = course.table()
        _refuse_boundless(name, course.is_finite())
        return _result(problem, name, course, config, started, policy(), known, values=q.max(axis=1), q=q)

    return Solver(name, summary, needs_model=False, settings=(*SETTINGS, *algorithm.settings), solve=solve)


def predictor(name: str, summary: str, algorithm: Algorithm) -> Solver:
    """The solver of an algorithm for prediction: it learns what a policy earns, here that of choosing at random.

    What each state is worth it keeps at the state's row of `twins`.
    """

    def solve(problem: Problem) -> Result:
        started = time.perf_counter()
        config = dict(problem.settings)
        config |= _step_size(algorithm, problem, config)
        settings = {**config, "epsilon": constant(1.0), "ties": "first"}
        behaviour = BEHAVIOURS["epsilon-greedy"]
        course, known, meeting = _course(problem, algorithm, behaviour, settings, learnt=_own, known_of=_earned)

        def policy() -> Policy:
            mdp, states = problem.model.mdp if problem.model else None, len(course.tables.q) // course.actions
            return MixedPolicy(_at_random(mdp, states, course.actions), *meeting)

        _run(problem, course, policy)
        values = _own(np.array(course.tables.q), course.tables.twins, course.actions)
        _refuse_boundless(name, bool(np.isfinite(values).all()))
        return _result(problem, name, course, config, started, policy(), known, values=values, q=None)

    settings = (DISCOUNT, STEP_SIZE, INITIAL, *algorithm.settings)
    return Solver(name, summary, needs_model=False, settings=settings, solve=solve, predicts=True)


def _best(q: Floats, twins: Any, actions: int) -> Floats:  # noqa: ARG001 - see `_own`
    """[S]: what the states are worth if the best is done."""
    return np.asarray(q.reshape(-1, actions).max(axis=1))


def _own(q: Floats, twins: Any, actions: int) -> Floats:  # noqa: ARG001 - see `_best`
    """[S]: what a predictor thinks the states are worth."""
    return np.array(twins[::actions], float)


def _optimal(mdp: MDP, discount: float, wanted: Sequence[Watched]) -> Known | None:
    """What a learner of control would find if it found the optimum."""
    best = optimum(mdp.unlimited, discount)
    return Known(best.value, mdp.reachable, exact_values(wanted, best.value, best.q)) if best else None


def _earned(mdp: MDP, discount: float, wanted: Sequence[Watched]) -> Known | None:
    """What a predictor would find if it found what choosing at random earns."""
    chances = _at_random(mdp, mdp.num_states, mdp.num_actions)
    try:
        value = evaluate_policy(mdp.unlimited, chances, discount=discount, moments=1).value
    except UsageError:  # it may go on for ever
        return None
    return Known(value, mdp.reachable, exact_values(wanted, value, value))


def _at_random(mdp: MDP | None, states: int, actions: int) -> Floats:
    """[S, A]: the chances of a policy that takes any available action, each as likely as the others."""
    available = mdp.available if mdp else np.ones((states, actions), bool)
    return np.asarray(available / available.sum(axis=1, keepdims=True))


def _run(problem: Problem, course: Course, policy: Callable[[], Policy]) -> None:
    def report() -> None:
        problem.report(Progress(course.done, course.episodes, course.steps, course.mean_return, policy))

    course.run(report, problem.keeper)


def _result(
    problem: Problem, name: str, course: Course, config: Mapping[str, Any], started: float, policy: Policy,
    known: Known | None, *, values: Floats, q: Floats | None,
) -> Result:  # fmt: skip
    horizon = problem.model.mdp.horizon if problem.model else None
    return Result(
        algorithm=name,
        policy=policy,
        config={**config, "episodes": course.episodes, "step_cap": horizon or CAP},
        steps=course.steps,
        seconds=time.perf_counter() - started,
        values=values,
        q=q,
        visits=course.visits(),
        curve=course.curve(),
        exact=known.watched if known else {},
        frames=course.journal.frames(),
        notes=(*course.notes, *_cut_notes(course, course.episodes, limited=horizon is not None)),
    )


def _refuse_boundless(name: str, is_finite: bool) -> None:
    if not is_finite:
        raise UsageError(f"the values of {name} grew beyond all bounds; a smaller step_size or discount would help")


def _cut_notes(course: Course, episodes: int, *, limited: bool) -> Iterator[str]:
    """Says it where episodes had no end of their own; a limit of the environment is its own affair."""
    if course.cut and not limited:
        yield f"{course.cut:,} of {episodes:,} training episodes were cut off after {CAP:,} steps"


def _behaviour(settings: Mapping[str, Any]) -> tuple[Behaviour, dict[str, Any]]:
    """How it explores, and the settings with those that this leaves without a meaning taken out.

    Raises:
      UsageError: where a knob of another behaviour is given.
    """
    given = [behaviour for behaviour in BEHAVIOURS.values() if settings[behaviour.knob] is not None]
    name = settings["behaviour"] or (given[0].name if given else "epsilon-greedy")
    for other in given:
        if other.name != name:
            own = BEHAVIOURS[name].knob
            raise UsageError(f"{other.knob} is the knob of {other.name}; the behaviour is {name}, whose knob is {own}")
    behaviour = BEHAVIOURS[name]
    exploration = settings[behaviour.knob] or EXPLORATION[behaviour.knob]
    if exploration.unit == "visits":
        raise UsageError(
            f"{behaviour.knob} is {exploration}, but only the step size can go by the visits to a state and action; "
            f"{behaviour.knob} goes by episodes or steps"
        )
    config = {key: value for key, value in settings.items() if key not in EXPLORATION}
    config |= {"behaviour": name, behaviour.knob: exploration}
    return behaviour, config


def _step_size(algorithm: Algorithm, problem: Problem, config: Mapping[str, Any]) -> dict[str, Any]:
    """The step size that suits the algorithm and the model, where none is given."""
    if config["step_size"] is not None:
        return {}
    mdp = problem.model.mdp if problem.model else None
    if algorithm.sure_step is not None and mdp is not None and mdp.is_deterministic:
        return {"step_size": constant(algorithm.sure_step)}
    return {"step_size": algorithm.step_size}


def _episodes(mdp: MDP | None) -> int:
    """How many episodes suit the size of the model; rounded up to one digit."""
    if mdp is None:
        return UNKNOWN_EPISODES
    pairs = int(mdp.available[mdp.reachable].sum())
    wanted = max(1_000, 4 * pairs) if mdp.is_deterministic else max(20_000, 100 * pairs)
    unit = int(10 ** (len(str(wanted)) - 1))
    return -(-wanted // unit) * unit


def _course(
    problem: Problem, algorithm: Algorithm, behaviour: Behaviour, config: Mapping[str, Any], *,
    learnt: Callable[[Floats, Any, int], Floats], known_of: Callable[[MDP, float, Sequence[Watched]], Known | None],
) -> tuple[Course, Known | None, Any]:  # fmt: skip
    """The course before it begins, the truth, and what a policy needs to meet the environment: (state_of, decode)."""
    mdp = problem.model.mdp if problem.model else None
    episodes = problem.episodes or _episodes(mdp)
    own, initial = algorithm.own(config), config["initial_value"]
    step_size, exploration = config["step_size"], config[behaviour.knob]
    knobs = Knobs(
        config["discount"],
        _rows(step_size, episodes), UNITS[step_size.unit],
        _rows(exploration, episodes), UNITS[exploration.unit],
        np.array(own), config["ties"] == "random", WORLD_DRAWS + size_of(algorithm.draws, Scale(own, 0)),
    )  # fmt: skip
    randomness, first_seed = np.random.SeedSequence(problem.seed).spawn(2)
    rng = np.random.Generator(np.random.SFC64(randomness))  # the quickest that NumPy has
    knob = behaviour.knob if behaviour.knob in problem.settings else ""
    actions = mdp.num_actions if mdp is not None else size(problem.env.action_space) or 0
    wanted = tuple(watched(text, problem.model, actions, by_state=not knob) for text in problem.trace)
    judged = mdp is not None and mdp.available.size <= MOST_JUDGED and np.abs(mdp.reward).max() < BOUNDLESS
    known = known_of(mdp, config["discount"], wanted) if mdp is not None and judged else None

    def journal(rows: int) -> Journal:
        return Journal(
            rows, knob=knob, learnt=lambda q, twins: learnt(q, twins, actions), known=known, wanted=wanted,
            found=found, pictures=problem.pictures,
        )  # fmt: skip

    if mdp is not None and problem.model is not None:
        found: Callable[[Any], int] = int
        tables = algorithm.tables(np.where(mdp.available, initial, -np.inf).ravel(), Scale(own, mdp.horizon or CAP))
        course = Course(
            algorithm.loop(behaviour, actions), flat_world(mdp, CAP), tables, knobs, actions,
            episodes=episodes, journal=journal, rng=rng, engine=problem.engine,
        )  # fmt: skip
        meeting: Any = (problem.model.state_of, problem.model.decode)
    else:
        world = _live_world(problem, algorithm, initial, own, int(first_seed.generate_state(1)[0]))
        play = algorithm.loop(behaviour, actions, begin=live.begin, advance=live.advance)
        found = world.number_of
        course = Course(play, world, world.tables, knobs, world.actions, episodes=episodes, journal=journal, rng=rng)
        meeting = (live.Lookup(world.key, world.numbers), world.decode)
    return course, known, meeting


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
