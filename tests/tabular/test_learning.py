import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from tabular_models import build, random_model, teleport_grid, three_states

from envkit.core.drive import Driver
from envkit.core.errors import EnvironmentFailed, UsageError
from envkit.core.model import Model, model_of
from envkit.core.settings import settled
from envkit.tabular import course
from envkit.tabular.exact import policy_return
from envkit.tabular.learner import learner
from envkit.tabular.live import Lookup
from envkit.tabular.solver import Problem
from envkit.workflows.algorithms import find_solver as find
from envkit.workflows.algorithms import solvers

CONTROL = [name for name, solver in solvers().items() if "behaviour" in {setting.name for setting in solver.settings}]
PREDICTION = ["monte-carlo-prediction", "td0"]
LEARNERS = CONTROL + PREDICTION
# Averages remember their beginnings, when what was still to come was thought to be worth nothing.
SLACK = dict.fromkeys(LEARNERS, 1e-3) | {"monte-carlo": 0.3, "monte-carlo-prediction": 0.1, "td0": 0.3}

SHORTER = "; shorter ones, such as --wrap max-steps=200, leave time for more of them"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory, monkeypatch):
    """Compiled code is kept for this run of the tests, and nowhere else."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


def learn(mdp, algorithm, *, env=None, seed=0, episodes=None, engine="auto", **settings):
    solver = find(algorithm)
    model = None if mdp is None else Model(mdp)
    return solver.solve(
        Problem("the example", model, env, seed, episodes, settled(solver.settings, settings), engine=engine)
    )


class Chain(gymnasium.Env):
    """Walk right from 0 to 3; left goes back; 1 for arriving. Deterministic, with a model of its own."""

    observation_space = spaces.Discrete(4)
    action_space = spaces.Discrete(2)

    def __init__(self):
        self.met = [0]  # states, in the order in which they were seen first

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place = 0
        return 0, {}

    def step(self, action):
        self.place = max(self.place + (1 if action else -1), 0)
        if self.place not in self.met:
            self.met.append(self.place)
        return self.place, float(self.place == 3), self.place == 3, False, {}

    def mdp(self):
        chances = {
            place: {
                action: [(1.0, after := max(place + (1 if action else -1), 0), float(after == 3), after == 3)]
                for action in (0, 1)
            }
            for place in range(3)
        }
        return build(chances, 2, states=range(4))


# The loop


@pytest.mark.parametrize(("horizon", "value"), [(1, 2.0), (7, 2.0)])
@pytest.mark.parametrize("algorithm", LEARNERS)
def test_what_the_clock_cuts_off_is_worth_what_would_have_followed(algorithm, horizon, value):
    """A reward of 1 for ever at discount 1/2 is worth 2, however early the clock strikes."""
    mdp = build({0: {0: [(1.0, 0, 1.0, False)]}}, 1, horizon=horizon)
    assert learn(mdp, algorithm, episodes=400, discount=0.5).values == pytest.approx(
        np.array([value]), abs=SLACK[algorithm]
    )


@pytest.mark.parametrize("algorithm", LEARNERS)
def test_what_terminates_is_worth_its_reward_alone(algorithm):
    mdp = build({0: {0: [(1.0, 0, 1.0, True)]}}, 1)
    assert learn(mdp, algorithm, episodes=50, discount=0.5, step_size=1).values == pytest.approx(np.array([1.0]))


@pytest.mark.parametrize(("ties", "counts"), [("first", [4000, 0, 0, 0]), ("random", [1000] * 4)])
def test_equal_actions_are_taken_at_random_or_the_first_as_told(ties, counts):
    taken = []

    def spy(tables, knobs, place, *rest):
        taken.append(place)
        return rest[-1]

    solver = learner("spy", "", course.Algorithm(spy))
    mdp = build({0: {action: [(1.0, 0, 0.0, True)] for action in range(4)}}, 4)
    values = settled(solver.settings, {"ties": ties, "epsilon": 0})
    solver.solve(Problem("the example", Model(mdp), None, 0, 4000, values, engine="python"))
    assert np.bincount(taken, minlength=4) == pytest.approx(np.array(counts), abs=150 if ties == "random" else 0)


@pytest.mark.parametrize("knob", ["epsilon", "temperature", "bonus"])
def test_exploring_does_not_go_by_visits(knob):
    with pytest.raises(UsageError, match=rf"{knob} is power\(1, 1\) by visits, but only the step size can go by"):
        learn(teleport_grid(), "qlearning", episodes=5, **{knob: "1/n"})


@pytest.mark.parametrize("setting", ["epsilon", "step_size"])
def test_a_share_of_all_steps_is_refused_for_nobody_knows_how_many_there_will_be(setting):
    with pytest.raises(UsageError, match="is a share of all steps, and nobody knows how many"):
        learn(teleport_grid(), "qlearning", episodes=5, **{setting: "linear(1, 0.1, 90%) by steps"})


def test_a_schedule_by_steps_is_followed_step_by_step():
    """Twelve ticks of exploring: over two hundred steps at most twelve draws go to it, and then none."""
    mdp = build({0: {action: [(1.0, 0, float(action), False)] for action in range(2)}}, 2, horizon=50)
    told = {"episodes": 4, "discount": 0, "initial_value": -1, "step_size": 1}
    early = learn(mdp, "qlearning", epsilon="hold(1, 12) then 0 by steps", **told)
    assert early.curve["mean_return"][1:].tolist() == [50, 50, 50]
    assert 38 <= early.curve["mean_return"][0] < 50


def test_unavailable_actions_are_never_taken():
    result = learn(three_states(horizon=50), "qlearning", episodes=300)
    assert np.isneginf(result.q).tolist() == [[False] * 3, [False, True, False], [True, False, True]]
    assert result.policy.action[2] == 1


def test_outcomes_come_as_often_as_the_model_says():
    """With a step size of 1 / visits, the value of an action is the plain mean of what it paid."""
    chances = {0: {0: [(0.2, 0, 1.0, True), (0.5, 0, 10.0, True), (0.3, 0, 100.0, True)]}}
    result = learn(build(chances, 1), "qlearning", episodes=20_000, step_size="1/n")
    assert result.values[0] == pytest.approx(0.2 + 5 + 30, rel=0.03)


def test_episodes_start_where_the_model_says():
    mdp = random_model(3, states=4)
    result = learn(mdp, "qlearning", episodes=2_000, discount=0, step_size="1/n")
    expected = np.where(mdp.available, mdp.expected_reward, -np.inf)
    assert result.q == pytest.approx(expected, abs=0.25)


# One source, three ways


@pytest.mark.parametrize("algorithm", LEARNERS)
def test_compiled_and_plain_python_give_the_same_bits(algorithm):
    mdp = random_model(1, states=8, horizon=20, ending=0.05)
    plain, fast = (learn(mdp, algorithm, seed=5, episodes=500, engine=engine) for engine in ("python", "compiled"))
    assert plain.values.tobytes() == fast.values.tobytes()
    assert plain.curve.rows.tobytes() == fast.curve.rows.tobytes()
    assert plain.steps == fast.steps > 500


def test_going_over_to_compiled_code_halfway_changes_nothing(monkeypatch):
    mdp = random_model(2, states=8, horizon=20)
    plain = learn(mdp, "qlearning", episodes=2_000, engine="python")
    monkeypatch.setattr(course, "FIRST_LOOK", 0.0)
    for repaid in ("REPAID", "REPAID_ONCE", "REPAID_UNKEPT"):
        monkeypatch.setattr(course, repaid, -1.0)
    calls = []
    compile_ = course.Course._compile

    def spy(self):
        calls.append((int(self.diary.clock[3]), self.is_compiled))
        compile_(self)

    monkeypatch.setattr(course.Course, "_compile", spy)
    assert learn(mdp, "qlearning", episodes=2_000).q.tobytes() == plain.q.tobytes()
    ((episode, was_compiled),) = calls
    assert 0 < episode < 2_000
    assert not was_compiled


@pytest.mark.parametrize("algorithm", LEARNERS)
def test_the_real_environment_gives_the_same_as_its_model_where_it_is_deterministic(algorithm):
    env = Chain()
    # Both are told the step size: without a model nobody knows that one step tells all.
    told = {"episodes": 60, "step_size": 0.5, "seed": 3}
    on_model = learn(env.mdp(), algorithm, **told)
    on_env = learn(None, algorithm, env=env, **told)
    met = [env.met.index(place) for place in range(3)]
    assert on_env.values[met].tobytes() == on_model.values[:3].tobytes()
    assert on_env.steps == on_model.steps


def test_another_seed_gives_other_episodes_and_the_same_seed_the_same():
    runs = [learn(teleport_grid(), "qlearning", seed=seed, episodes=50).q.tobytes() for seed in (0, 0, 1)]
    assert runs[0] == runs[1] != runs[2]


def test_an_observation_that_was_never_met_is_answered_with_a_stated_action():
    result = learn(None, "qlearning", env=Chain(), episodes=2)
    assert result.policy.state_of(17) == -1
    assert result.policy.start(np.random.default_rng(0)).act(17, {}) == result.policy.unknown


@pytest.mark.parametrize(
    ("space", "observation"),
    [
        (spaces.MultiDiscrete([3, 2]), np.array([2, 1])),
        (spaces.MultiBinary(3), np.array([1, 0, 1], np.int8)),
        (spaces.Tuple((spaces.Discrete(2), spaces.MultiBinary(2))), (1, np.array([0, 1], np.int8))),
        (spaces.Dict({"a": spaces.Discrete(2), "b": spaces.Text(3)}), {"a": np.int64(1), "b": "ab"}),
    ],
    ids=["MultiDiscrete", "MultiBinary", "Tuple", "Dict"],
)
def test_learning_takes_every_space_whose_values_can_be_told_apart(space, observation):
    class Single(gymnasium.Env):
        observation_space = space
        action_space = spaces.MultiDiscrete([2, 2])

        def reset(self, *, seed=None, options=None):
            return observation, {}

        def step(self, action):
            return observation, float(action[0] * 2 + action[1]), True, False, {}

    result = learn(None, "qlearning", env=Single(), episodes=200)
    assert isinstance(result.policy.state_of, Lookup)
    assert result.policy.start(np.random.default_rng(0)).act(observation, {}).tolist() == [1, 1]


def test_an_endless_space_is_refused_with_what_to_do():
    known = (
        r"its observation is continuous, a Box of 4 numbers \(float32\), which no table can hold.*ObservationWrapper"
    )
    with pytest.raises(UsageError, match=known):
        learn(None, "qlearning", env=gymnasium.make("CartPole-v1"))


def test_endless_actions_are_refused_too():
    class Steering(Chain):
        action_space = spaces.Box(-1, 1, (1,))

    with pytest.raises(UsageError, match=r"its action is continuous, a Box of 1 number .*ActionWrapper"):
        learn(None, "sarsa", env=Steering())


def test_an_observation_outside_its_space_is_the_environments_fault():
    class Nothing(Chain):
        def reset(self, *, seed=None, options=None):
            return None, {}

    with pytest.raises(EnvironmentFailed, match=r"returned the observation None, which is not of Discrete\(4\)"):
        learn(None, "qlearning", env=Nothing())


def test_a_step_that_raises_is_told_with_episode_step_and_action():
    class Breaks(Chain):
        def step(self, action):
            if self.place == 1:
                raise KeyError("lost")
            return super().step(1)

    with pytest.raises(
        EnvironmentFailed, match=r"step\([01]\) of the example, episode 0, step 1, raised KeyError: 'lost'"
    ):
        learn(None, "qlearning", env=Breaks())


def test_a_reward_that_is_no_number_is_the_environments_fault():
    env = Chain()
    env.step = lambda action: (0, float("nan"), False, False, {})
    driver = Driver(env, "chain")
    driver.reset(seed=1)
    with pytest.raises(EnvironmentFailed, match=r"step\(1\) of chain, episode 0, step 0, returned the reward nan"):
        driver.step(1)


def test_an_episode_that_nothing_ends_is_cut_off(monkeypatch):
    monkeypatch.setattr("envkit.tabular.training.CAP", 25)
    endless = build({0: {0: [(1.0, 0, -1.0, False)]}}, 1)
    result = learn(endless, "qlearning", episodes=4)
    assert result.steps == 100
    assert result.notes == ("4 of 4 training episodes were cut off after 25 steps" + SHORTER,)


def test_what_the_environments_own_limit_ends_is_not_called_cut_off(monkeypatch):
    monkeypatch.setattr("envkit.tabular.training.CAP", 25)
    limited = build({0: {0: [(1.0, 0, -1.0, False)]}}, 1, horizon=10)
    assert learn(limited, "qlearning", episodes=4).notes == ()


@pytest.mark.parametrize(
    ("limit", "notes"), [(10, ()), (None, ("3 of 3 training episodes were cut off after 25 steps" + SHORTER,))]
)
def test_cut_episodes_of_the_real_environment_are_counted_too(monkeypatch, limit, notes):
    class Still(Chain):
        def step(self, action):
            self.time = getattr(self, "time", 0) + 1
            return 0, 0.0, False, limit is not None and self.time % limit == 0, {}

    monkeypatch.setattr("envkit.tabular.training.CAP", 25)
    assert learn(None, "qlearning", env=Still(), episodes=3).notes == notes


def test_a_reward_that_cannot_be_squared_is_no_model_s():
    with pytest.raises(
        UsageError, match=r"reward\[0, 0, 0\] is 1e[+]308, too large to reckon with; 1 of 1 are like it"
    ):
        build({0: {0: [(1.0, 0, 1e308, False)]}}, 1, horizon=10)


def test_values_that_grow_beyond_all_numbers_are_told(monkeypatch):
    monkeypatch.setattr("envkit.core.mdp.LARGEST_REWARD", np.inf)  # with others it would take too many steps
    mdp = build({0: {0: [(1.0, 0, 1e308, False)]}}, 1, horizon=10)
    with pytest.raises(UsageError, match="grew beyond all bounds; a smaller step_size or discount"):
        learn(mdp, "qlearning", episodes=10, discount=1, engine="python")


# The defaults


@pytest.mark.parametrize("seed", range(21))
def test_by_default_qlearning_finds_the_shortest_way_through_the_grid(seed):
    mdp = teleport_grid()
    assert policy_return(mdp, learn(mdp, "qlearning", seed=seed).policy.action) == -11.0


@pytest.mark.parametrize(
    ("name", "algorithm", "least"),
    [
        ("Taxi-v4", "qlearning", 7.43),
        ("Taxi-v4", "sarsa", 7.43),
        ("FrozenLake-v1", "qlearning", 0.70),
        ("FrozenLake-v1", "sarsa", 0.70),
        ("CliffWalking-v1", "qlearning", -13.0),
        ("CliffWalking-v1", "sarsa", -17.0),  # the safe way, further from the cliff
    ],
)
def test_by_default_the_learners_come_close_to_the_optimum_of_toy_text(name, algorithm, least):
    model = model_of(gymnasium.make(name))
    result = find(algorithm).solve(Problem(name, model, None, 0, None, settled(find(algorithm).settings, {})))
    assert policy_return(model.mdp, result.policy.action) >= least
