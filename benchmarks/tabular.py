"""Tabular learning: how long an update takes, beside the same loop in the style of a tutorial.

    python benchmarks/tabular.py                  # all of it, a few minutes, most of them the tutorial's
    python benchmarks/tabular.py --only updates   # or process, growth, live, peers

updates   Q-learning on the 9 x 9 grid with teleporters, 50,000 episodes, step size 0.1, discount 1, epsilon falling by
          2/50,000 an episode; whole and in process, numba imported and its cache filled before. The tutorial's side is
          a gymnasium.Env as such courses write it, a Q table in a dict, np.argmax over a list, np.random.choice. All
          take turns, second by second, so that a machine that is slow for a while is so for all. A C program is one
          of them, where there is a C compiler: the bars are those of a machine on which it takes 9 ns at most.
process   the same as a command, from the start of Python to its end, and the README's main job.
growth    seconds by updates, and by states x actions, over three decades: the exponent of a power law through them.
live      learning on an environment without a model: what a step costs beyond the environment's own step.
peers     one model by value iteration: quantecon and pymdptoolbox, where they are installed.

Ends with exit code 1 where a bar is missed. All ratios are of one run. An update is judged by the quickest of its runs,
for noise only adds to it; the median and the slowest stand beside it.
"""

import argparse
import atexit
import importlib.util
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from planning import grid

import envkit
from envkit.core.mdp import MDP
from envkit.core.model import Model, model_of
from envkit.core.policy import TablePolicy
from envkit.core.ref import EnvRef
from envkit.core.result import Result
from envkit.core.settings import settled
from envkit.tabular.exact import policy_return
from envkit.tabular.kernels import flattened, kernel, sweep
from envkit.tabular.solver import Problem
from envkit.workflows.algorithms import find_solver as find

EPISODES, OPTIMUM, REPEATS = 50_000, -11.0, 7
UPDATE_BARS = {"first": 12.0, "random": 25.0}  # nanoseconds, where the program in C takes C_UPDATE or less
C_UPDATE = 9.0
RATIO_BAR = 1000
PROCESS_BAR, MAIN_JOB_BAR = 2.0, 1.2  # seconds
GROWTH_BAR = 1.1  # the exponent; 1 is linear
LIVE_BAR = 3.0  # microseconds
SWEEPS = 20
NOBODY: Any = None  # in place of an environment: what is measured plays on the model alone
EXPERIMENT = {"step_size": 0.1, "discount": 1, "epsilon": "linear(1, 0, 50%)"}


def verdict(name: str, told: str, value: float, bar: float, *, least: bool = False) -> bool:
    """Prints one line; whether the bar is met."""
    met = bool(value >= bar if least else value <= bar)
    print(f"{name:34} {told}; bar {'at least ' if least else ''}{bar:g}: {'met' if met else 'MISSED'}", flush=True)
    return met


def learnt(model: Model, episodes: int, seed: int = 0, **told: Any) -> tuple[float, Result]:
    """(seconds, what came out) of the compiled loop."""
    solver = find("qlearning")
    settings = settled(solver.settings, EXPERIMENT | told)
    problem = Problem("the grid", model, NOBODY, seed, episodes, settings, engine="compiled")
    started = time.perf_counter()
    result = solver.solve(problem)
    return time.perf_counter() - started, result


# The tutorial's side


class TutorialGrid(gymnasium.Env[int, str]):
    """The grid as courses write it: actions by name, lists and dicts of cells, a picture that is kept up to date."""

    def __init__(self) -> None:
        self.rows = self.columns = 9
        self.grid = np.zeros((self.rows, self.columns))
        self.cells = list(range(self.rows * self.columns))
        self.free = [cell for cell in self.cells if cell != self.rows * self.columns - 1]
        self.moves = {"U": -self.columns, "D": self.columns, "L": -1, "R": 1}
        self.names = ["U", "D", "L", "R"]
        self.magic = {18: 54, 63: 14}
        self.observation_space: Any = spaces.Discrete(81)
        self.action_space: Any = spaces.Text(1, charset="UDLR")

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[int, dict[str, Any]]:  # noqa: ARG002
        super().reset(seed=seed)
        self.grid = np.zeros((self.rows, self.columns))
        self.place(0)
        return self.position, {}

    def place(self, cell: int) -> None:
        if hasattr(self, "position"):
            row, column = divmod(self.position, self.columns)
            self.grid[row][column] = 0
        self.position = cell
        row, column = divmod(cell, self.columns)
        self.grid[row][column] = 1

    def leaves(self, after: int, before: int) -> bool:
        if after not in self.cells:
            return True
        wraps = {before % self.columns, after % self.columns} == {0, self.columns - 1}
        return wraps and before // self.columns != after // self.columns

    def is_over(self, cell: int) -> bool:
        return cell in self.cells and cell not in self.free

    def step(self, action: str) -> tuple[int, float, bool, bool, dict[str, Any]]:
        after = self.position + self.moves[action]
        reward = 0.0 if self.is_over(after) else -1.0
        if self.leaves(after, self.position):
            return self.position, reward, self.is_over(self.position), False, {}
        self.place(self.magic.get(after, after))
        return self.position, reward, self.is_over(self.position), False, {}


def best_action(q: dict[tuple[int, str], float], state: int, actions: list[str]) -> str:
    return actions[int(np.argmax(np.array([q[state, action] for action in actions])))]


def in_tutorial_style(episodes: int, between: Callable[[], None]) -> tuple[float, int, float]:
    """(seconds, updates, return of the greedy policy).

    Args:
      between: called once a second, while the clock stands still.
    """
    env = TutorialGrid()
    np.random.seed(0)
    actions = env.names
    q = {(state, action): 0.0 for state in range(81) for action in actions}
    epsilon, updates, seconds = 1.0, 0, 0.0
    started = time.perf_counter()
    for _ in range(episodes):
        if time.perf_counter() > started + 1:
            seconds += time.perf_counter() - started
            between()
            started = time.perf_counter()
        state, _ = env.reset()
        over = False
        while not over:
            explores = np.random.random() < epsilon
            action = str(np.random.choice(actions)) if explores else best_action(q, state, actions)
            following, reward, over, _, _ = env.step(action)
            after = 0.0 if over else q[following, best_action(q, following, actions)]
            q[state, action] += 0.1 * (float(reward) + after - q[state, action])
            state = following
            updates += 1
        epsilon = epsilon - 2 / episodes if epsilon > 2 / episodes else 0.0
    seconds += time.perf_counter() - started
    state, earned = env.reset()[0], 0.0
    for _ in range(200):
        state, reward, over, _, _ = env.step(best_action(q, state, actions))
        earned += reward
        if over:
            break
    return seconds, updates, earned


# What is measured


def updates() -> bool:
    env = EnvRef.of("gridworld").make()
    model = model_of(env)
    assert model is not None
    in_c = program_in_c()
    runs: dict[str, list[tuple[float, Result]]] = {ties: [] for ties in UPDATE_BARS}
    peer: list[float] = []

    def once_each() -> None:
        for ties, done in runs.items():
            done.append(learnt(model, EPISODES, len(done), ties=ties))
        if in_c:
            peer.append(in_c(len(peer)))

    once_each()
    for done in runs.values():
        done.clear()  # that warmed up
    seconds, count, earned = in_tutorial_style(EPISODES, once_each)
    met, slower = [], max(1.0, min(peer, default=0.0) / C_UPDATE)
    for ties, bar in UPDATE_BARS.items():
        each = [1e9 * seconds / result.steps for seconds, result in runs[ties]]
        worst = min(_greedy(model, result) for _, result in runs[ties])
        met.append(verdict(f"Q-learning, ties {ties}", f"{spread(each)}, greedy {worst:g}", min(each), bar * slower))
        met.append(worst == OPTIMUM)
    if peer:
        print(f"{'the same in C, ties first':34} {spread(peer)}")
    print(f"{'tutorial style':34} {seconds:.1f} s, {1e9 * seconds / count:,.0f} ns an update, greedy {earned:g}")
    ratio = seconds / statistics.median(seconds for seconds, _ in runs["first"])
    return verdict("ratio of the whole experiments", f"{ratio:,.0f}", ratio, RATIO_BAR, least=True) and all(met)


def spread(nanoseconds: list[float]) -> str:
    middle = statistics.median(nanoseconds)
    return f"{min(nanoseconds):.1f} to {max(nanoseconds):.1f} ns an update, median {middle:.1f} of {len(nanoseconds)}"


def program_in_c() -> Callable[[int], float] | None:
    """seed -> nanoseconds an update of qlearning.c; None without a compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        print("no C compiler (cc): left out")
        return None
    program = Path(tempfile.mkdtemp()) / "qlearning"
    atexit.register(shutil.rmtree, program.parent)
    subprocess.run([compiler, "-O2", "-o", program, Path(__file__).with_name("qlearning.c")], check=True)

    def run(seed: int) -> float:
        nanoseconds, greedy = subprocess.check_output([program, str(EPISODES), str(seed)], text=True).split()
        assert float(greedy) == OPTIMUM
        return float(nanoseconds)

    return run


def _greedy(model: Model, result: Result) -> float:
    assert isinstance(result.policy, TablePolicy)
    return policy_return(model.mdp, result.policy.action) or float("nan")


def process() -> bool:
    program = [sys.executable, "-c", "from envkit.cli.main import main; main()", "solve", "gridworld", "--no-plots"]
    whole = [f"--set={name}={value}" for name, value in EXPERIMENT.items()]
    met = []
    for name, more, bar in (
        ("50,000 episodes as a command", ["--episodes", str(EPISODES), *whole], PROCESS_BAR),
        ("the README's main job", [], MAIN_JOB_BAR),
    ):
        with tempfile.TemporaryDirectory() as folder:
            times = []
            for _ in range(REPEATS + 1):
                started = time.perf_counter()
                subprocess.run(
                    [*program, "--algo", "qlearning", *more], cwd=folder, check=True, stdout=subprocess.DEVNULL,
                    env={**os.environ, "SDL_VIDEODRIVER": "dummy"},
                )  # fmt: skip
                times.append(time.perf_counter() - started)
        middle = statistics.median(times[1:])
        told = f"{middle:.2f} s, median of {REPEATS}, {min(times[1:]):.2f} to {max(times[1:]):.2f}"
        met.append(verdict(name, told, middle, bar))
    return all(met)


def growth() -> bool:
    model = Model(envkit.mdp("gridworld"))
    learnt(model, 1000)

    def by_updates(episodes: int) -> tuple[float, float]:
        runs = [learnt(model, episodes, seed) for seed in range(3)]
        seconds, result = min(runs, key=lambda run: run[0])
        return float(result.steps), seconds

    def by_pairs(size: int) -> tuple[float, float]:
        """The compiled sweep alone: how many are needed, and what comes before and after, is another matter."""
        flat, value, sweeps, times = flattened(grid(size, 0.2), 0.99), np.zeros(size * size), kernel(sweep), []
        for _ in range(4):
            started = time.perf_counter()
            for number in range(SWEEPS):
                sweeps(flat, value, number % 2 == 1)
            times.append(time.perf_counter() - started)
        return 4.0 * size * size, min(times[1:])

    return all([
        _growth("Q-learning by updates", by_updates, (10_000, 100_000, 1_000_000, 10_000_000), "updates"),
        _growth(f"{SWEEPS} sweeps by states x actions", by_pairs, (32, 100, 316, 1000), "pairs"),
    ])  # fmt: skip


def _growth(name: str, measure: Callable[[int], tuple[float, float]], sizes: tuple[int, ...], unit: str) -> bool:
    points = [measure(size) for size in sizes]
    told = ", ".join(f"{count:.1e} {unit} {seconds:.3f} s" for count, seconds in points)
    logs = np.log(np.array(points))
    exponent = float(np.polyfit(logs[:, 0], logs[:, 1], 1)[0])
    return verdict(name, f"{told}: exponent {exponent:.2f}", exponent, GROWTH_BAR)


class Walk(gymnasium.Env[int, int]):
    """Twenty places in a row and no model: as little of its own as an environment can have."""

    observation_space: Any = spaces.Discrete(20)
    action_space: Any = spaces.Discrete(2)

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[int, dict[str, Any]]:  # noqa: ARG002
        super().reset(seed=seed)
        self.place = 10
        return 10, {}

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        self.place += 1 if action else -1
        return self.place, float(self.place == 19), self.place in (0, 19), False, {}


def live() -> bool:
    env, solver, beyond, own = Walk(), find("qlearning"), [], []
    settings = settled(solver.settings, {"step_size": 0.1, "epsilon": 0.5})
    for seed in range(REPEATS):
        started = time.perf_counter()
        result = solver.solve(Problem("walk", None, env, seed, 3000, settings))
        seconds = time.perf_counter() - started
        actions = np.random.default_rng(seed).integers(2, size=result.steps).tolist()
        started = time.perf_counter()
        env.reset(seed=0)
        for action in actions:
            _, _, terminated, truncated, _ = env.step(action)
            if terminated or truncated:
                env.reset()
        bare = time.perf_counter() - started
        own.append(1e6 * bare / result.steps)
        beyond.append(1e6 * (seconds - bare) / result.steps)
    middle = statistics.median(beyond)
    told = f"{middle:.2f} us a step beyond the environment's own {statistics.median(own):.2f}, its learning included"
    return verdict("learning without a model", told, middle, LIVE_BAR)


def peers() -> bool:
    size, discount, tolerance = 100, 0.99, 1e-6
    mdp = grid(size, 0.0)
    solver, ours = find("value-iteration"), []
    for _ in range(REPEATS + 1):
        told = settled(solver.settings, {"discount": discount, "tolerance": tolerance})
        started = time.perf_counter()
        solver.solve(Problem("the grid", Model(mdp), NOBODY, 0, None, told))
        ours.append(time.perf_counter() - started)
    print(f"{size} x {size}, value iteration: the kit {1000 * statistics.median(ours[1:]):.2f} ms")
    for name, solve in (("quantecon", by_quantecon), ("mdptoolbox", by_mdptoolbox)):
        if importlib.util.find_spec(name) is None:
            print(f"{name} is not installed: left out")
            continue
        seconds = solve(mdp, discount, tolerance)
        print(f"{name:34} {seconds:.3f} s, ratio {seconds / statistics.median(ours[1:]):,.0f}")
    return True


def by_quantecon(mdp: MDP, discount: float, tolerance: float) -> float:
    from planning import by_quantecon as planned

    del discount, tolerance  # the same there
    return float(planned(mdp)[0])


def by_mdptoolbox(mdp: MDP, discount: float, tolerance: float) -> float:
    from mdptoolbox.mdp import ValueIteration
    from scipy import sparse

    states, over = np.arange(mdp.num_states), mdp.num_states  # where everything ends, for nothing
    moves = []
    for action in range(mdp.num_actions):
        column = np.where(mdp.terminated[:, action, 0], over, mdp.next_state[:, action, 0])
        rows, columns = np.append(states, over), np.append(column, over)
        moves.append(sparse.csr_matrix((np.ones(over + 1), (rows, columns)), shape=(over + 1, over + 1)))
    rewards = np.vstack([mdp.expected_reward, np.zeros((1, mdp.num_actions))])
    problem = ValueIteration(moves, rewards, discount, epsilon=tolerance, max_iter=100_000)
    started = time.perf_counter()
    problem.run()
    return time.perf_counter() - started


PARTS = {part.__name__: part for part in (updates, process, growth, live, peers)}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", choices=PARTS, action="append", help="a part; repeatable")
    given = parser.parse_args()
    met = [PARTS[name]() for name in given.only or PARTS]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
