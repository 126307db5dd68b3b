"""From an algorithm's update to a solver: on the finite model if there is one, else on the real environment.

**Defaults.** Epsilon falls from 1 to 0 over nine tenths of the episodes. What else is best depends on what is known
beforehand. Where the model is deterministic, one look at an outcome tells all, so the step size is 1 (for SARSA 0.3: it
learns from its own next action, which is random); elsewhere, or without a model, the step size is the number of visits
to the state and action to the power of -0.6. The number of episodes grows with the pairs of state and action that can
be reached: 4 for each and at least 1,000 where the model is deterministic, else 100 for each and at least 20,000.
"""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from envkit.core.drive import Driver
from envkit.core.errors import UsageError
from envkit.core.finite import MOST_ACTIONS, decode_of, key_of, size
from envkit.core.mdp import MDP
from envkit.core.model import no_model_text
from envkit.core.policy import TablePolicy
from envkit.core.result import Result
from envkit.tabular import live
from envkit.tabular.course import Algorithm, Course
from envkit.tabular.flat import flat_world
from envkit.tabular.loop import Knobs, Tables
from envkit.tabular.settings import Setting
from envkit.tabular.solver import Problem, Solver

CAP = 10_000  # steps after which an episode without a limit is cut off, and bootstraps
UNKNOWN_EPISODES = 20_000  # where there is no model to tell how large the problem is

SETTINGS = (
    Setting("discount", 0.99, "how much a reward one step later counts", 0, 1),
    Setting("step_size", None, "how far a value moves towards what was seen", 0, 1, open_low=True),
    Setting("step_size_power", None, "the step size is divided by this power of the visits; 0 keeps it constant", 0, 1),
    Setting("epsilon", 1.0, "the chance of exploring at first", 0, 1),
    Setting("epsilon_final", 0.0, "the chance of exploring in the end", 0, 1),
    Setting("epsilon_fraction", 0.9, "the share of the episodes over which epsilon falls", 0, 1),
    Setting("initial_value", 0.0, "what every action is thought to be worth before it is tried"),
    Setting("ties", "random", "which of equally good actions is taken", choices=("random", "first")),
)


def learner(name: str, summary: str, algorithm: Algorithm) -> Solver:
    """The solver of an algorithm."""

    def solve(problem: Problem) -> Result:
        started = time.perf_counter()
        mdp = problem.model.mdp if problem.model else None
        config = {**problem.settings, **_chosen(algorithm, mdp, problem.settings)}
        episodes = problem.episodes or _episodes(mdp)
        course, policy_parts = _course(problem, algorithm, config, episodes)
        course.run(lambda done, steps, mean: problem.report(done, steps, mean, episodes))
        q = course.table()
        policy = TablePolicy(q.argmax(axis=1), *policy_parts)
        if not course.is_finite():
            raise UsageError(f"the values of {name} grew beyond all bounds; a smaller step_size or discount would help")
        return Result(
            algorithm=name,
            policy=policy,
            config={**config, "episodes": episodes, "step_cap": (mdp.horizon if mdp else None) or CAP},
            steps=int(course.steps),
            seconds=time.perf_counter() - started,
            values=q.max(axis=1),
            q=q,
            curve=course.curve(),
            notes=(*course.notes, *_cut_notes(course, episodes, limited=mdp is not None and mdp.horizon is not None)),
        )

    return Solver(name, summary, needs_model=False, settings=SETTINGS, solve=solve)


def _cut_notes(course: Course, episodes: int, *, limited: bool) -> Iterator[str]:
    """Says it where episodes had no end of their own; a limit of the environment is its own affair."""
    if course.cut and not limited:
        yield f"{course.cut:,} of {episodes:,} training episodes were cut off after {CAP:,} steps"


def _chosen(algorithm: Algorithm, mdp: MDP | None, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The defaults that depend on the algorithm and the model, where nothing was given."""
    own = {"step_size": 1.0, "step_size_power": 0.6}
    if mdp is not None and mdp.is_deterministic:
        # What SARSA learns from is random even then: its own next action.
        own = {"step_size": 0.3 if algorithm.on_policy else 1.0, "step_size_power": 0.0}
    if settings["step_size"] is not None:
        own["step_size_power"] = 0.0  # who names a step size means it to stay
    return {name: value for name, value in own.items() if settings[name] is None}


def _episodes(mdp: MDP | None) -> int:
    """How many episodes suit the size of the model; rounded up to one digit."""
    if mdp is None:
        return UNKNOWN_EPISODES
    pairs = int(mdp.available[mdp.reachable].sum())
    wanted = max(1_000, 4 * pairs) if mdp.is_deterministic else max(20_000, 100 * pairs)
    unit = int(10 ** (len(str(wanted)) - 1))
    return -(-wanted // unit) * unit


def _course(problem: Problem, algorithm: Algorithm, config: Mapping[str, Any], episodes: int) -> tuple[Course, Any]:
    """The course, and what its policy needs to meet the environment: (state_of, decode)."""
    knobs = Knobs(
        config["discount"], config["step_size"], config["step_size_power"], config["epsilon"], config["epsilon_final"],
        config["epsilon_fraction"] * episodes, config["ties"] == "random",
    )  # fmt: skip
    randomness, first_seed = np.random.SeedSequence(problem.seed).spawn(2)
    rng = np.random.Generator(np.random.SFC64(randomness))  # the quickest that NumPy has
    initial = config["initial_value"]
    if problem.model is not None:
        mdp = problem.model.mdp
        q = np.where(mdp.available, initial, -np.inf).ravel()
        tables = Tables(q, np.repeat(q, algorithm.memory), np.zeros(len(q), np.int64))
        course = Course(
            algorithm.loop(), flat_world(mdp, CAP), tables, knobs, mdp.num_actions,
            episodes=episodes, rng=rng, engine=problem.engine,
        )  # fmt: skip
        return course, (problem.model.state_of, problem.model.decode)
    world = _live_world(problem, (initial, algorithm.memory), int(first_seed.generate_state(1)[0]))
    play = algorithm.loop(begin=live.begin, advance=live.advance)
    course = Course(play, world, world.tables, knobs, world.actions, episodes=episodes, rng=rng)
    return course, (live.Lookup(world.key, world.numbers), world.decode)


def _live_world(problem: Problem, fresh: tuple[float, int], seed: int) -> live.LiveWorld:
    env = problem.env
    key, actions = key_of(env.observation_space), size(env.action_space)
    if key is None or actions is None or actions > MOST_ACTIONS:
        raise UsageError(no_model_text(problem.name, env))
    return live.LiveWorld(
        Driver(env, problem.name), key, decode_of(env.action_space), tables=Tables([], [], []), actions=actions,
        fresh=fresh, cap=CAP, seed=seed,
    )  # fmt: skip
