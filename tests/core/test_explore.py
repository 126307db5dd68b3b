import random
import threading

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from envkit.core.errors import EnvironmentFailed, NoFiniteModel, UsageError
from envkit.core.explore import explore
from envkit.core.model import model_of
from envkit.envs.gridworld import GridWorld
from envkit.envs.shower import ShowerEnv
from envkit.tabular.bellman import backward_induction
from envkit.tabular.infinite import total_optimum


class Line(gymnasium.Env):
    """Walk from 0 to the end, -1 a step; a step to the left of 0 stays there."""

    observation_space = spaces.Discrete(5)
    action_space = spaces.Discrete(2)

    def __init__(self):
        self.place = None

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place = 0
        return self.place, {}

    def step(self, action):
        if self.place == 4:
            raise RuntimeError("the episode is over")
        self.place = max(0, self.place + self.move(action))
        return self.place, -1.0, self.place == 4, False, {}

    def move(self, action):
        return 1 if action else -1


class Locked(Line):
    """Cannot be copied."""

    def __init__(self):
        super().__init__()
        self.lock = threading.Lock()


class Slipping:
    """Every fourth move goes the other way."""

    def move(self, action):
        return super().move(action) if self.chance() < 0.75 else super().move(1 - action)

    def chance(self):
        return self.np_random.random()


def optimum(mdp):
    value = backward_induction(mdp, 1.0).value if mdp.horizon else total_optimum(mdp).value
    return float(mdp.start @ value)


def rows(mdp, state_of=int):
    """{(state, action): {(next state, reward, terminated): probability}} of all states that are gone on from."""
    found = {}
    for state in np.flatnonzero(mdp.reachable):
        for action in np.flatnonzero(mdp.available[state]):
            row = found.setdefault((state_of(mdp.state_name(state)), int(action)), {})
            for k in np.flatnonzero(mdp.probability[state, action]):
                place = (state, action, k)
                after = state_of(mdp.state_name(mdp.next_state[place]))
                move = (after, float(mdp.reward[place]), bool(mdp.terminated[place]))
                row[move] = row.get(move, 0) + mdp.probability[place]
    return found


def walk_moves(found, state=1):
    """The chance of going right from a place of a line, by the action."""
    mdp, number = found.model.mdp, found.model.state_of(state)
    right = mdp.next_state[number] == found.model.state_of(state + 1)
    return (mdp.probability[number] * right).sum(axis=1)


# Without chance.


@pytest.mark.parametrize(
    ("name", "kwargs"),
    [("FrozenLake-v1", {"is_slippery": False}), ("FrozenLake8x8-v1", {"is_slippery": False}), ("CliffWalking-v1", {})],
)
def test_without_chance_the_model_is_the_environments_own_table(name, kwargs):
    env = gymnasium.make(name, **kwargs)
    found, table = explore(env, name), model_of(env).mdp
    assert rows(found.model.mdp) == rows(table)
    assert found.is_exact
    assert found.model.mdp.horizon == table.horizon


def test_taxis_masked_actions_are_not_available_and_the_others_are_its_table():
    env = gymnasium.make("Taxi-v4")
    found, table = explore(env, "Taxi-v4"), rows(model_of(env).mdp)
    core = env.unwrapped
    for (state, action), row in rows(found.model.mdp).items():
        assert row == table[state, action]
        assert core.action_mask(state)[action]
    assert found.is_exact
    assert optimum(found.model.mdp) == pytest.approx(7.93)
    assert (found.model.mdp.start > 0).sum() == 300


def test_the_cliff_is_walked_along_in_thirteen_steps():
    assert optimum(explore(gymnasium.make("CliffWalking-v1"), "cliff").model.mdp) == pytest.approx(-13)


def test_a_gridworld_that_hides_its_model_is_solved_all_the_same():
    class Hidden(GridWorld):
        mdp = None

    found = explore(Hidden(), "grid")
    assert optimum(found.model.mdp.limited(200)) == pytest.approx(-11)
    assert found.is_exact
    assert rows(found.model.mdp) == rows(GridWorld().mdp(), lambda name: int(np.ravel_multi_index(eval(name), (9, 9))))


def test_a_state_is_named_by_its_observation_and_found_again_by_it():
    found = explore(Line(), "line")
    assert list(found.model.mdp.state_names) == ["0", "1", "2", "3", "4"]
    assert [found.model.state_of(np.int64(place)) for place in range(5)] == list(range(5))
    assert found.model.state_of(77) == -1
    assert found.counts[:4].min() >= 3
    assert found.counts[4].max() == 0


def test_observations_of_many_numbers_and_actions_of_several_parts_are_told_apart():
    class Plane(gymnasium.Env):
        observation_space = spaces.MultiDiscrete([3, 3])
        action_space = spaces.Tuple([spaces.Discrete(2), spaces.Discrete(2, start=-1)])

        def reset(self, *, seed=None, options=None):
            self.place = np.zeros(2, int)
            return self.place.copy(), {}

        def step(self, action):
            axis, move = action
            self.place[axis] = np.clip(self.place[axis] + (1 if move == 0 else -1), 0, 2)
            return self.place.copy(), -1.0, bool(self.place.sum() == 4), False, {}

    found = explore(Plane(), "plane")
    assert found.model.mdp.num_states == 9
    assert found.model.mdp.state_names[0] == "[0, 0]"
    assert optimum(found.model.mdp) == -4
    assert found.model.decode(3) == (1, 0)


def test_a_masked_action_is_never_tried():
    class Masked(Line):
        def mask(self):
            return {"action_mask": np.array([self.place > 0, 1], np.int8)}

        def reset(self, *, seed=None, options=None):
            return super().reset(seed=seed)[0], self.mask()

        def step(self, action):
            if not self.mask()["action_mask"][action]:
                raise ValueError("not now")
            return (*super().step(action)[:4], self.mask())

    found = explore(Masked(), "masked")
    assert not found.model.mdp.available[0, 0]
    assert found.model.mdp.available[1:4].all()
    assert optimum(found.model.mdp) == -4


# With chance.


def test_slippery_ice_is_estimated_with_a_warning():
    found = explore(gymnasium.make("FrozenLake-v1"), "ice", tries=500)
    assert optimum(found.model.mdp) == pytest.approx(0.744190, abs=0.04)
    assert not found.is_exact
    assert set(found.counts[found.counts > 0]) == {500}
    assert "the model is estimated by copies of it, each pair tried 500 times" in found.notes[0]
    assert "known to about ±0.022" in found.notes[0]
    assert len(found.notes) == 1


def test_blackjacks_cards_have_their_chances_though_one_lies_face_down():
    found = explore(gymnasium.make("Blackjack-v1"), "blackjack", tries=40)
    mdp = found.model.mdp
    hard = [found.model.state_of((20, dealer, 0)) for dealer in range(1, 11)]
    busts = (mdp.probability * mdp.terminated)[hard, 1].sum(axis=1).mean()
    assert busts == pytest.approx(12 / 13, abs=0.04)  # all but an ace
    assert any("something has a part that the observation does not show" in note for note in found.notes)
    wins = mdp.expected_reward[[found.model.state_of((20, dealer, 0)) for dealer in range(2, 11)], 0].mean()
    assert wins == pytest.approx(0.66, abs=0.08)  # standing on 20, as tables of the game say
    assert optimum(mdp) == pytest.approx(-0.04, abs=0.05)


@pytest.mark.parametrize(("noise", "exact", "best"), [("none", True, 9.428571), ("after", False, 9.142872)])
def test_a_shower_is_modelled_with_its_own_clock_as_time_limit(noise, exact, best):
    class Felt(gymnasium.ObservationWrapper):
        def __init__(self, env):
            super().__init__(env)
            self.observation_space = spaces.Discrete(200)

        def observation(self, observation):
            return self.env.unwrapped.state_of(observation)

    env = ShowerEnv(length=10, noise=noise)
    found = explore(Felt(env), "shower", tries=100)
    assert found.is_exact is exact
    assert found.model.mdp.horizon == 10
    assert any("it truncates every episode after 10 steps" in note for note in found.notes)
    own = env.mdp()
    assert best == pytest.approx(optimum(own), abs=1e-4)
    assert optimum(found.model.mdp) == pytest.approx(best, abs=1e-5 if exact else 0.15)


@pytest.mark.parametrize("base", [Line, Locked])
def test_a_slip_has_its_chance_whichever_way_back_there_is(base):
    class Ice(Slipping, base):
        pass

    found = explore(Ice(), "ice", tries=400)
    assert walk_moves(found) == pytest.approx([0.25, 0.75], abs=0.08)
    assert not found.is_exact


@pytest.mark.parametrize("draw", [random.random, np.random.random], ids=["random", "numpy"])
def test_chance_from_the_global_generators_is_seen_and_they_are_left_as_they_were(draw):
    class Global(Slipping, Line):
        def chance(self):
            return draw()

    before = random.getstate(), np.random.get_state()[1].tolist()
    found = explore(Global(), "global", tries=400)
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before
    assert walk_moves(found) == pytest.approx([0.25, 0.75], abs=0.08)


@pytest.mark.parametrize("make", [random.Random, np.random.RandomState, np.random.default_rng])
def test_a_generator_of_ones_own_that_no_reset_seeds_is_renewed_too(make):
    class Own(Slipping, Line):
        def __init__(self):
            super().__init__()
            self.dice = [make(7)]

        def chance(self):
            return self.dice[0].random()

    assert walk_moves(explore(Own(), "own", tries=400)) == pytest.approx([0.25, 0.75], abs=0.08)


def test_the_first_states_have_their_frequencies():
    class Loaded(Line):
        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            self.place = int(self.np_random.choice(4, p=[0.1, 0.2, 0.3, 0.4]))
            return self.place, {}

    found = explore(Loaded(), "loaded")
    start = dict(zip(found.model.mdp.state_names, found.model.mdp.start, strict=True))
    assert [start[str(place)] for place in range(5)] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0], abs=0.08)
    assert not found.is_exact
    assert "how likely each is is estimated" in found.notes[1]


def test_rewards_without_end_are_averaged():
    class Paying(Line):
        def step(self, action):
            after, _, *rest = super().step(action)
            return after, self.np_random.normal(5.0), *rest

    mdp = explore(Paying(), "paying", tries=200).model.mdp
    assert mdp.probability.shape[2] == 1
    assert mdp.expected_reward[1] == pytest.approx([5, 5], abs=0.4)


@pytest.mark.parametrize("name", ["FrozenLake-v1", "CliffWalking-v1"])
def test_the_same_seed_gives_the_same_model(name):
    one, other = (explore(gymnasium.make(name), name, tries=20, seed=3) for _ in range(2))
    assert (one.notes, one.steps, one.resets) == (other.notes, other.steps, other.resets)
    assert np.array_equal(one.counts, other.counts)
    assert np.array_equal(one.model.mdp.probability, other.model.mdp.probability)
    assert np.array_equal(one.model.mdp.next_state, other.model.mdp.next_state)


# Ways back.


def test_an_environment_that_cannot_be_copied_is_played_again_from_a_reset():
    found = explore(Locked(), "locked")
    assert found.is_exact
    assert rows(found.model.mdp) == rows(explore(Line(), "line").model.mdp)
    assert found.notes[0].startswith("every action was tried in every state, by playing the same actions again")
    assert "copies of it cannot be trusted: TypeError: cannot pickle" in found.notes[1]


def test_a_copy_that_shares_its_state_is_found_out():
    class Shared(Line):
        where = [0]  # noqa: RUF012 - that is the fault

        @property
        def place(self):
            return self.where[0]

        @place.setter
        def place(self, place):
            self.where[0] = place

    found = explore(Shared(), "shared")
    assert rows(found.model.mdp) == rows(explore(Line(), "line").model.mdp)
    assert "copies of it cannot be trusted" in found.notes[1]


def test_a_copy_that_is_made_anew_is_found_out():
    class Anew(gymnasium.utils.EzPickle, Line):
        def __init__(self):
            Line.__init__(self)
            gymnasium.utils.EzPickle.__init__(self)

    found = explore(Anew(), "anew")
    assert rows(found.model.mdp) == rows(explore(Line(), "line").model.mdp)
    assert "copies of it cannot be trusted" in found.notes[1]


@pytest.mark.parametrize("wrapped", [False, True])
def test_an_environments_own_way_back_is_taken(wrapped):
    class Keeping(Slipping, Locked):
        calls = 0

        def get_state(self):
            return {"place": self.place, "dice": self.np_random.bit_generator.state}  # chance too is set back

        def set_state(self, state):
            type(self).calls += 1
            self.place, self.np_random.bit_generator.state = state["place"], state["dice"]

    env = Keeping()
    found = explore(gymnasium.wrappers.TransformReward(env, abs) if wrapped else env, "keeping", tries=400)
    assert Keeping.calls > 1000
    assert walk_moves(found) == pytest.approx([0.25, 0.75], abs=0.08)
    assert "estimated by get_state() and set_state()" in found.notes[0]
    assert set(found.model.mdp.reward[found.counts > 0].ravel()) <= {-1.0 if not wrapped else 1.0, 0.0}


def test_a_table_that_changes_late_is_not_taken_for_constant():
    class Worn(Line):
        observation_space = spaces.Discrete(8000)

        def __init__(self):
            super().__init__()
            self.fresh = np.arange(4000)
            self.worn = self.fresh.copy()

        def reset(self, *, seed=None, options=None):
            self.worn[:] = self.fresh
            return super().reset(seed=seed)

        def step(self, action):
            place = self.place
            after = super().step(action)
            if place == 3 and action == 0:
                self.worn[:] = self.fresh + 4000  # from here on all looks different
            return int(self.worn[self.place]), *after[1:]

    found = explore(Worn(), "worn", most_states=20_000)
    assert found.is_exact
    assert optimum(found.model.mdp) == -4
    assert "4002" in found.model.mdp.state_names


def test_the_callers_environment_is_left_where_it_is_if_it_can_be_copied():
    env = gymnasium.make("FrozenLake-v1", is_slippery=False, max_episode_steps=5)
    env.reset(seed=0)
    env.step(1)
    found = explore(env, "ice")
    assert found.model.mdp.horizon == 5
    assert optimum(found.model.mdp) == 0  # six steps would be needed
    assert env.step(1)[0] == 8
    assert [env.step(0)[3] for _ in range(3)] == [False, False, True]


def test_a_time_limit_below_other_wrappers_is_no_end_and_stays_in_force():
    env = gymnasium.wrappers.TransformReward(gymnasium.wrappers.TimeLimit(Line(), 2), lambda reward: 2 * reward)
    found = explore(env, "limited")
    assert found.model.mdp.num_states == 5
    assert optimum(found.model.mdp) == -4  # of two steps; the goal is four away
    assert not any("truncat" in note for note in found.notes)
    env.reset(seed=0)
    assert [env.step(0)[3] for _ in range(2)] == [False, True]


# Refusals and warnings.


def test_a_hidden_clock_is_refused():
    class Tiring(Line):
        def reset(self, *, seed=None, options=None):
            self.time = 0
            return super().reset(seed=seed)

        def move(self, action):
            self.time += 1
            return super().move(action) if self.time < 7 else -1

    for base in (Tiring, type("Both", (Tiring, Locked), {})):
        with pytest.raises(
            NoFiniteModel, match=r"the observation of tired does not tell its states apart: action 1 in "
        ):
            explore(base(), "tired")


def test_what_was_drawn_at_the_reset_and_is_not_shown_is_refused():
    class Guess(gymnasium.Env):
        observation_space, action_space = spaces.Discrete(1), spaces.Discrete(3)

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            self.secret = int(self.np_random.integers(3))
            return 0, {}

        def step(self, action):
            return 0, float(action == self.secret), bool(action == self.secret), False, {}

    with pytest.raises(NoFiniteModel, match=r"action 0 in 0 .* on one visit and .* on another"):
        explore(Guess(), "guess")


def test_something_hidden_among_chance_is_told():
    class Coin(Slipping, Line):
        def reset(self, *, seed=None, options=None):
            answer = super().reset(seed=seed)
            self.coin = float(self.np_random.integers(2))
            return answer

        def step(self, action):
            after, reward, terminated, truncated, info = super().step(action)
            return after, self.coin if terminated else reward, terminated, truncated, info

        def move(self, action):
            return 1 if self.place == 3 else super().move(action)

    notes = explore(Coin(), "coin").notes
    assert any("something has a part that the observation does not show" in note for note in notes)


def test_what_ends_by_itself_without_a_clock_goes_on_in_the_model():
    class Fence(Line):
        def step(self, action):
            after, reward, terminated, _, info = super().step(action)
            return after, reward, terminated, bool(after == 2 and action == 0), info

    found = explore(Fence(), "fence")
    assert any("which ends nothing in the model" in note for note in found.notes)
    assert optimum(found.model.mdp) == -4


def test_a_state_in_which_an_episode_is_always_cut_off_is_worth_nothing():
    class Edge(Line):
        def step(self, action):
            after, reward, *_ = super().step(action)
            return after, reward, False, after == 4, {}

    found = explore(Edge(), "edge")
    assert any("1 state, 4 the first, came up only where an episode was truncated" in note for note in found.notes)
    assert optimum(found.model.mdp) == -4


@pytest.mark.parametrize(
    ("observation", "action", "said"),
    [
        (spaces.Box(0, 1, (2,)), spaces.Discrete(2), "pond cannot be explored: its observation is continuous, a Box"),
        (spaces.Discrete(2), spaces.Box(0, 1, (2,)), "pond cannot be explored: its action is continuous, a Box"),
        (spaces.Discrete(2), spaces.MultiBinary(20), "pond cannot be explored: its action has 1,048,576 values"),
    ],
)
def test_what_no_table_can_hold_is_refused_before_anything_is_played(observation, action, said):
    env = gymnasium.Env()
    env.observation_space, env.action_space = observation, action
    with pytest.raises(NoFiniteModel, match=said):
        explore(env, "pond")


class Endless(gymnasium.Env):
    observation_space, action_space = spaces.Discrete(10**9), spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        self.place = 0
        return 0, {}

    def step(self, action):
        self.place += 1 + int(action)
        return self.place, 0.0, False, False, {}


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ({"most_states": 50}, "endless has more than 50 states: 50 states and .* raise most_states"),
        ({"most_steps": 400}, "exploring endless takes more than 400 steps, in which .* raise most_steps"),
        ({"most_steps": 7}, "exploring endless takes more than 7 steps, in which 0 states"),
        ({"tries": 0}, "tries is 0, but it has to be 1 or more"),
    ],
    ids=["states", "steps", "at once", "tries"],
)
def test_a_limit_says_how_far_it_came_and_what_to_do(limit, said):
    with pytest.raises(UsageError, match=said):
        explore(Endless(), "endless", **limit)


@pytest.mark.parametrize("base", [Line, Locked])
def test_a_reward_that_is_no_finite_number_is_refused(base):
    class Infinite(base):
        def step(self, action):
            after, reward, *rest = super().step(action)
            return after, np.nan if after == 3 else reward, *rest

    with pytest.raises(EnvironmentFailed, match=r"step\(1\) of infinite.* returned the reward nan"):
        explore(Infinite(), "infinite")


@pytest.mark.parametrize("base", [Line, Locked])
def test_an_error_of_the_environment_is_its_own(base):
    class Failing(base):
        def move(self, action):
            return super().move(action) if self.place < 3 else 1 / 0

    with pytest.raises(EnvironmentFailed, match=r"step\(\d\) of failing.* raised ZeroDivisionError"):
        explore(Failing(), "failing")


def test_an_observation_that_is_none_is_the_environments_fault():
    class Lost(Line):
        def step(self, action):
            return None, *super().step(action)[1:]

    with pytest.raises(EnvironmentFailed, match="lost returned the observation None, which is not of its"):
        explore(Lost(), "lost")


def test_progress_is_reported():
    told = []
    explore(gymnasium.make("FrozenLake-v1"), "ice", report=lambda steps, states: told.append((steps, states)))
    assert told == sorted(told)
    assert [steps for steps, _ in told] == [1000, 2000, 3000, 4000]
    assert told[-1][1] == 16
