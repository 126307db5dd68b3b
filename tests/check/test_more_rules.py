"""Where faults hide beyond the examples of the rules' pages, and what only looks like them."""

# ruff: noqa: RUF012 - metadata is a class attribute by Gymnasium's convention

import contextlib
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest

from envkit.check import engine
from envkit.check.api import check
from envkit.check.budget import Budget
from envkit.check.lamp import Lamp
from envkit.check.model import CannotJudge
from envkit.check.probes.rollouts import Rollouts
from envkit.check.probes.search import Search
from envkit.check.subject import Subject, copied
from envkit.core.finding import Severity
from envkit.core.ref import EnvRef
from envkit.core.trace import Call, Trace

MODELLED = Path(__file__).parents[1] / "zoo" / "faults_model.py"
RULES = {rule.code: rule for rule in engine.all_rules()}


def findings(env, code):
    """What one rule says, from the rollouts and the probes that it needs."""
    subject = Subject(EnvRef.of(env), Budget())
    look = subject.open("first look").env
    subject.action_space, subject.observation_space = copied(look.action_space), copied(look.observation_space)
    rule, evidence = RULES[code], {}
    probes = [probe for probe in engine.all_probes() if probe.evidence in (Rollouts, *rule.needs)]
    for probe in sorted(probes, key=lambda probe: probe.evidence is not Rollouts):
        evidence[probe.evidence] = probe.run(subject)
    return engine.judged(rule, evidence)


class Walk(gym.Env):
    """Nine places in a row; the goal is the last one. The number of steps is shown, and limited to 60."""

    metadata = {"render_modes": ["rgb_array"], "render_fps": 4}

    def __init__(self, render_mode=None):
        self.observation_space = gym.spaces.Box(0, 60, (2,), np.float32)
        self.action_space = gym.spaces.Discrete(2)
        self.render_mode = render_mode
        self.place = self.time = 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place, self.time = int(self.np_random.integers(3)), 0
        return self.observe(), {}

    def step(self, action):
        self.time += 1
        self.place = min(max(self.place + (1 if action == 1 else -1), 0), 8)
        over = self.over()
        return self.observe(), self.reward(over), over, self.time >= 60, self.info(over)

    def over(self):
        return self.place == 8

    def reward(self, over):
        return 1.0 if over else 0.0

    def info(self, over):
        return {}

    def observe(self):
        return np.array([self.place, self.time], np.float32)

    def render(self):
        frame = np.zeros((8, 9, 3), np.uint8)
        frame[:, self.place] = 255
        return frame


# --- after the end ---


class ForgetsQuietly(Walk):
    """Stands at the goal, and says so once."""

    def over(self):
        arrived = self.place == 8 and self.time_of_arrival in (None, self.time)
        self.time_of_arrival = self.time if self.place == 8 else None
        self.place = 8 if arrived else self.place
        return arrived

    def reset(self, *, seed=None, options=None):
        self.time_of_arrival = None
        return super().reset(seed=seed)

    def step(self, action):
        return super().step(1 if self.time_of_arrival is not None else action)


class ForgetsItsLimit(Walk):
    late = False

    def step(self, action):
        result = super().step(action)
        truncated, self.late = self.time >= 60 and not self.late, self.time >= 60
        return *result[:3], truncated, {}

    def reset(self, *, seed=None, options=None):
        self.late = False
        return super().reset(seed=seed)


class EndIsAnEvent(Walk):
    """Terminated is the step that arrives; whoever goes on simply walks on."""

    def step(self, action):
        before = self.place
        observation, _, _, truncated, info = super().step(action)
        arrived = self.place == 8 and before == 7
        return observation, float(arrived), arrived, truncated, info


def test_an_end_that_is_forgotten_is_seen_though_the_environment_goes_on():
    assert [finding.severity for finding in findings(ForgetsQuietly, "EK510")] == [Severity.WARNING]
    assert "truncated=False" in findings(ForgetsItsLimit, "EK510")[0].message


def test_a_goal_that_can_be_left_again_is_no_forgotten_end():
    assert all(findings(env, "EK510") == [] for env in (Walk, Lamp, EndIsAnEvent))


class PaysForStanding(Walk):
    def step(self, action):
        return super().step(1 if self.place == 8 else action)


class PaysAlways(Walk):
    def reward(self, over):
        return 1.0


def test_the_goal_is_paid_again_only_where_it_is_more_than_is_paid_on_the_way():
    assert len(findings(PaysForStanding, "EK511")) == 1
    assert findings(PaysAlways, "EK511") == []
    assert findings(Walk, "EK511") == []


class RestartsByAHelper(Walk):
    def begin(self):
        self.place, self.time = int(self.np_random.integers(3)), 0

    def step(self, action):
        observation, reward, terminated, truncated, info = super().step(action)
        if terminated or truncated:
            self.begin()
            observation = self.observe()
        return observation, reward, terminated, truncated, info


class HomeIsTheGoal(Walk):
    """Out to the fifth place and back: the goal is where the walk began."""

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place, self.been = 0, False
        return self.observe(), {}

    def observe(self):
        return np.array([self.place, 0], np.float32)

    def over(self):
        self.been = self.been or self.place == 3
        return self.been and self.place == 0


def test_a_restart_that_does_not_call_reset_is_seen_by_the_clock_that_goes_back():
    found = findings(RestartsByAHelper, "EK512")
    assert len(found) == 1
    assert "with which episodes begin" in found[0].message


def test_a_goal_at_the_start_is_no_restart():
    assert findings(HomeIsTheGoal, "EK512") == []


class StopsAtTwenty(Walk):
    """No exception: the clock of the world stops."""

    def step(self, action):
        if self.time >= 20:
            self.time += 1
            return self.seen.copy(), 0.0, False, self.time >= 60, {}
        return super().step(action)

    def over(self):
        return False

    def observe(self):
        self.seen = super().observe()
        return self.seen.copy()


class WaitsAtTheGoal(Walk):
    """Whoever is at the goal stays there, and the limit ends the episode."""

    def step(self, action):
        return super().step(1 if self.place == 8 else action)

    def over(self):
        return False

    def reward(self, over):
        return 0.0

    def observe(self):
        return np.array([self.place, 0], np.float32)


class RefusesToCount(Walk):
    """A wall is found out by an exception."""

    def step(self, action):
        with contextlib.suppress(IndexError):
            (None,)[1 if self.place == 0 else 0]
        return super().step(action)


def test_a_world_that_stops_at_the_same_step_is_frozen_and_one_that_waits_is_not():
    assert "from step 21 on" in findings(StopsAtTwenty, "EK514")[0].message
    assert findings(WaitsAtTheGoal, "EK514") == []
    assert findings(RefusesToCount, "EK514") == []


# --- rewards and infos ---


class Reach(Walk):
    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        box = gym.spaces.Box(0, 60, (1,), np.float32)
        keys = ("observation", "achieved_goal", "desired_goal")
        self.observation_space = gym.spaces.Dict(dict.fromkeys(keys, box))

    def observe(self):
        here = np.array([self.place], np.float32)
        return {"observation": here, "achieved_goal": here.copy(), "desired_goal": np.array([8], np.float32)}

    def compute_reward(self, achieved_goal, desired_goal, info):
        return (np.abs(achieved_goal - desired_goal)[..., 0] < 0.5).astype(np.float64)


class ReachWithBonus(Reach):
    def reward(self, over):
        return 2.0 if over else 0.0


class ReachOneByOne(Reach):
    def compute_reward(self, achieved_goal, desired_goal, info):
        return 1.0 if abs(float(achieved_goal.item()) - float(desired_goal.item())) < 0.5 else 0.0


def test_compute_reward_is_compared_at_the_end_too_and_in_a_batch():
    assert findings(Reach, "EK508") == []
    assert [finding.severity for finding in findings(ReachWithBonus, "EK508")] == [Severity.ERROR]
    assert [finding.severity for finding in findings(ReachOneByOne, "EK508")] == [Severity.WARNING]


class ShapeAtTheEnd(Walk):
    def info(self, over):
        return {"deep": {"trail": np.zeros(4 if over else 3)}}


class Diary(Walk):
    def info(self, over):
        return {"diary": list(range(self.time))}


class SometimesNone(Walk):
    def info(self, over):
        return {"winner": "walker" if over else None} | ({"bonus": 1.5} if over else {})


def test_infos_may_come_and_go_but_not_change_their_shape():
    assert [finding.severity for finding in findings(ShapeAtTheEnd, "EK509")] == [Severity.ERROR]
    assert [finding.severity for finding in findings(Diary, "EK509")] == [Severity.WARNING]
    assert findings(SometimesNone, "EK509") == []


# --- actions ---


class OneSwitchIsDead(Walk):
    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.action_space = gym.spaces.MultiDiscrete([2, 3])

    def step(self, action):
        return super().step(action[0])


class WaitsForItsMoment(Walk):
    """Two actions, to pick up and to put down, which do nothing where nothing lies."""

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.action_space = gym.spaces.Discrete(4)

    def observe(self):
        return np.array([self.place, 0], np.float32)

    def step(self, action):
        place = self.place
        result = super().step(action)
        if action >= 2:
            self.place = place
            return self.observe(), 0.0, False, result[3], {}
        return result


def test_an_entry_of_the_action_that_is_not_read_is_named():
    assert "entry 1" in findings(OneSwitchIsDead, "EK904")[0].message
    assert findings(Walk, "EK904") == []
    assert findings(WaitsForItsMoment, "EK904") == []


class WritesToTheAction(Walk):
    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.action_space = gym.spaces.Box(-1, 1, (1,), np.float32)

    def step(self, action):
        np.clip(action, -1, 1, out=action)
        return super().step(int(action[0] > 0))


def test_an_array_that_must_not_be_written_to_is_a_warning_and_an_int_an_error():
    assert [finding.severity for finding in findings(WritesToTheAction, "EK507")] == [Severity.WARNING]
    assert findings(Walk, "EK507") == []


# --- spaces, observations, frames ---


class WiderAtTheTenth(Walk):
    resets = 0

    def reset(self, *, seed=None, options=None):
        self.resets += 1
        if self.resets == 10:
            self.observation_space = gym.spaces.Box(0, 99, (2,), np.float32)
        return super().reset(seed=seed)


class WiderAtTheGoal(Walk):
    def over(self):
        if self.place == 8:
            self.action_space = gym.spaces.Discrete(3)
        return self.place == 8


class Unlike(gym.Space):
    """A space without a comparison of its own."""

    def __init__(self):
        super().__init__((2,), np.float32)

    def sample(self, mask=None, probability=None):
        return np.zeros(2, np.float32)

    def contains(self, x):
        return isinstance(x, np.ndarray)


class ShowsAForeignSpace(Walk):
    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.observation_space = Unlike()


@pytest.mark.parametrize(("env", "name"), [(WiderAtTheTenth, "observation_space"), (WiderAtTheGoal, "action_space")])
def test_a_space_is_watched_through_all_that_is_played(env, name):
    assert [finding.kind for finding in findings(env, "EK105")] == [name]


def test_a_space_that_cannot_be_compared_has_not_changed():
    assert findings(ShowsAForeignSpace, "EK105") == []


class FlagThatIsNeverSet(Walk):
    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.observation_space = gym.spaces.Box(0, np.array([60, 60, 1], np.float32), dtype=np.float32)

    def observe(self):
        return np.append(super().observe(), np.float32(0))


class SpeedThatIsNeverRead(Walk):
    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.observation_space = gym.spaces.Box(np.array([0, 0, -5], np.float32), 60, dtype=np.float32)

    def observe(self):
        return np.append(super().observe(), np.float32(0))


def test_a_signed_entry_that_is_always_zero_is_a_warning_and_a_flag_is_not():
    assert [f.severity for f in findings(SpeedThatIsNeverRead, "EK903")] == [Severity.WARNING]
    assert all(f.severity < Severity.WARNING for f in findings(FlagThatIsNeverSet, "EK903"))
    assert findings(Walk, "EK903") == []


class FinalObservationIsABound(Walk):
    def step(self, action):
        observation, *rest = super().step(action)
        return (self.observation_space.low if rest[1] or rest[2] else observation), *rest


def test_a_bound_that_is_handed_out_at_the_end_is_found():
    assert [finding.kind or finding.severity for finding in findings(FinalObservationIsABound, "EK608")] == [
        Severity.ERROR
    ]


class OneCanvas(Walk):
    def render(self):
        self.canvas = getattr(self, "canvas", np.zeros((8, 9, 3), np.uint8))
        self.canvas[:] = super().render()
        return self.canvas


class TallerEachTime(Walk):
    made = 0

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        type(self).made += 1
        self.height = 8 + type(self).made

    def render(self):
        return np.repeat(super().render()[:1], self.height, axis=0)


def test_frames_are_compared_with_what_becomes_of_them_and_with_other_instances():
    assert [finding.severity for finding in findings(OneCanvas, "EK606")] == [Severity.ERROR]
    assert "two instances" in findings(TallerEachTime, "EK703")[0].message
    assert all(findings(Walk, code) == [] for code in ("EK606", "EK607", "EK703", "EK708", "EK709"))


# --- models, limits, rewards ---


class Tabled(gym.Env):
    """Three places in a row, and the table that says so."""

    paid_at_the_end = 1.0

    def __init__(self):
        self.observation_space, self.action_space = gym.spaces.Discrete(3), gym.spaces.Discrete(2)
        self.initial_state_distrib = np.array([1.0, 0.0, 0.0])
        self.P = {s: {a: [(1.0, min(s + a, 2), 1.0, s + a >= 2)] for a in (0, 1)} for s in range(3)}

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place = self.steps = 0
        return 0, {}

    def step(self, action):
        self.steps += 1
        self.place = min(self.place + int(action), 2)
        over = self.over()
        return self.place, self.paid_at_the_end if over else 1.0, over, self.steps >= 30, {}

    def over(self):
        return self.place == 2


class EndsOneTooEarly(Tabled):
    def over(self):
        return self.place >= 1


class PaysLess(Tabled):
    paid_at_the_end = 0.25


@pytest.mark.parametrize(("env", "kinds"), [(Tabled, []), (EndsOneTooEarly, ["terminated"]), (PaysLess, ["reward"])])
def test_a_model_is_compared_in_state_reward_and_end(env, kinds):
    assert [finding.kind for finding in findings(env, "EK911")] == kinds


def test_what_a_constructor_was_given_is_told_where_it_raises():
    given = check(EnvRef.of("gridworld", slip=7), isolation=False, select=["EK101"]).findings
    assert given[0].fix.startswith("give something else than slip=7, or mend ")


class SumsToLess(Tabled):
    def __init__(self):
        super().__init__()
        self.P[1][0] = [(0.5, 1, 1.0, False)]


def test_a_model_whose_odds_do_not_sum_to_1_is_told():
    (finding,) = findings(SumsToLess, "EK911")
    assert finding.kind == "malformed"
    assert "0.5" in finding.message
    assert finding.program.splitlines()[-1].startswith("envkit.mdp(")


class Coins(gym.Env):
    """A coin a step, with odds of its own in each of two places; the table says 0.5 everywhere."""

    observation_space, action_space = gym.spaces.Discrete(2), gym.spaces.Discrete(2)
    initial_state_distrib = np.array([0.5, 0.5])
    odds, begin = (0.5, 0.5), 0.5

    def __init__(self):
        self.P = {state: {0: self.row(), 1: [(1.0, state, 0.0, True)]} for state in (0, 1)}

    def row(self):
        return [(0.25, place, reward, False) for place in (0, 1) for reward in (1.0, 0.0)]

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place = int(self.np_random.random() < self.begin)
        return self.place, {}

    def step(self, action):
        if action == 1:
            return self.place, 0.0, True, False, {}
        paid = float(self.np_random.random() < self.odds[self.place])
        self.place = int(self.np_random.random() < 0.5)
        return self.place, paid, False, False, {}


class CoinsOfOnePlace(Coins):
    odds = (0.5, 0.95)


class CoinsBeginLeft(Coins):
    begin = 0.25


class CoinsHardlyOff(Coins):
    odds = (0.5, 0.51)


@pytest.mark.parametrize(
    ("env", "kinds"), [(Coins, []), (CoinsOfOnePlace, ["odds"]), (CoinsBeginLeft, ["start"]), (CoinsHardlyOff, [])]
)
def test_how_often_things_happen_is_compared_with_the_model(env, kinds):
    assert [finding.kind for finding in findings(env, "EK918")] == kinds


@pytest.mark.parametrize(
    ("name", "told"), [("RiverCarriesMore", 0.3), ("RiverBeginsAfloat", 0.2), ("RiverFishIsRarer", None)]
)
def test_the_program_of_wrong_odds_prints_what_happened_and_what_was_told(capsys, name, told):
    (finding,) = check(f"{MODELLED}:{name}", isolation=False, select=["EK918"]).findings
    exec(finding.program, {})
    happened, expected = map(float, capsys.readouterr().out.split())
    assert told is None or round(expected, 9) == told
    assert abs(happened / expected - 1) > 0.05


class FirstStepPays(Walk):
    def reward(self, over):
        return 1.0 if self.time == 1 else 0.0


def test_rewards_that_dry_up_are_told_from_rare_ones():
    assert "first reward is paid" in findings(FirstStepPays, "EK905")[0].message
    assert findings(Walk, "EK905") == []


def limited(steps):
    def make(render_mode=None):
        return gym.make(
            gym.envs.registration.EnvSpec("Walk-v0", entry_point=Walk, max_episode_steps=steps), render_mode=render_mode
        )

    return make


def test_an_own_limit_below_the_registered_one_is_a_warning():
    assert len(findings(limited(200), "EK112")) == 1
    assert findings(limited(60), "EK112") == []
    assert findings(limited(20), "EK112") == []
    assert findings(Walk, "EK112") == []


WALKED = (Call("make", {}), Call("reset", {"seed": 0}, (0, {}), (0, {})))


def test_what_says_nothing_is_not_judged():
    numbers = gym.spaces.Box(0, 1, (2,), np.float32)
    with pytest.raises(CannotJudge, match="too few"):
        list(RULES["EK913"].check(Rollouts((Trace("", WALKED),), numbers, gym.spaces.Discrete(2))))


def test_what_has_no_entries_needs_no_observations():
    picture = gym.spaces.Dict({"picture": gym.spaces.Box(0, 255, (96, 96, 3), np.uint8)})
    evidence = Rollouts((Trace("", WALKED),), picture, gym.spaces.Discrete(2))
    assert list(RULES["EK913"].check(evidence)) == []
    assert list(RULES["EK903"].check(evidence, Search(()))) == []


class KeepsHandingOutOneArray(Lamp):
    def observe(self):
        self.shown = getattr(self, "shown", np.zeros(2, np.float32))
        self.shown[:] = super().observe()
        return self.shown


def test_the_program_of_what_changes_later_runs(capsys):
    finding = next(f for f in check(KeepsHandingOutOneArray, isolation=False, select=["EK603"]).findings)
    kept = finding.program.splitlines()[-5]
    assert kept.startswith("kept = env.")
    assert "print" not in kept
    exec(finding.program, {})
    before, after = capsys.readouterr().out.splitlines()
    assert before != after


class RenderTakesTime(Lamp):
    def render(self):
        self.steps += 1
        return super().render()


def test_the_program_of_rendering_that_interferes_shows_both_sides(capsys):
    finding = next(f for f in check(RenderTakesTime, isolation=False, select=["EK705"]).findings)
    assert "for mode in (None, 'rgb_array'):" in finding.program
    exec(finding.program, {})
    silent, shown = capsys.readouterr().out.splitlines()
    assert silent.removeprefix("None") != shown.removeprefix("rgb_array")


class Square(gym.Env):
    """Two rows and columns, a move that turns both, and a table that knows of no such move."""

    observation_space = gym.spaces.MultiDiscrete([2, 2])
    action_space = gym.spaces.Discrete(1)
    initial_state_distrib = np.array([1.0, 0.0, 0.0, 0.0])

    def __init__(self):
        self.P = {state: {0: [(1.0, (state + 1) % 4, 1.0, state == 2)]} for state in range(4)}

    def state_of(self, observation):
        return 2 * int(observation[0]) + int(observation[1])

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.state = 0
        return np.zeros(2, np.int64), {}

    def step(self, action):
        self.state = {0: 1, 1: 3, 3: 3}[self.state]
        return np.array(divmod(self.state, 2)), 1.0, self.state == 3, False, {}


def test_what_a_model_calls_impossible_is_told_by_observations_too():
    (finding,) = check(Square, isolation=False, select=["EK911"], budget="quick").findings
    assert "in state 1, action 0 led to state 3, which the model calls impossible" in finding.message
    assert "(observed array([0, 1], int64), then array([1, 1], int64))" in finding.message
