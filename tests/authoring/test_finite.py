"""Environments that are written once as a list of outcomes."""

import copy
import pickle

import gymnasium
import numpy as np
import pytest
from gymnasium.error import InvalidAction, ResetNeeded
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from envkit.authoring.dynamics import Dynamics
from envkit.authoring.finite import FiniteBatch, FiniteEnv
from envkit.core.compare import first_difference
from envkit.core.mdp import MDP, Outcome
from envkit.tabular.infinite import optimum


class Corridor(FiniteEnv):
    """Five cells, two of them to begin in; a tenth of the steps slip. From cell 3 nobody goes back."""

    ACTION_NAMES = ("left", "right")
    metadata = {"render_modes": ["rgb_array"], "render_fps": 4}  # noqa: RUF012
    canvas_size = (100, 20)

    def starts(self):
        return [(0.25, "a"), (0.75, "b")]

    def outcomes(self, state, action):
        if state == "d" and action == 0:
            return []
        cell = "abcde".index(state)
        ahead = "abcde"[min(max(cell + (1 if action == 1 else -1), 0), 4)]
        return [Outcome(0.9, ahead, -1.0, ahead == "e"), Outcome(0.1, state, -2.0)]

    def draw(self, canvas):
        canvas.rect(20 * "abcde".index(self.state), 0, 20, 20, (0, 0, 0))


class CorridorBatch(FiniteBatch):
    single = Corridor


def test_it_keeps_gymnasiums_contract():
    check_env(Corridor(), skip_render_check=True)


def test_the_model_is_that_of_the_outcomes():
    model = Corridor().mdp()
    assert model.states == ["a", "b", "c", "d", "e"]
    assert model.start.tolist() == [0.25, 0.75, 0, 0, 0]
    assert model.available.tolist() == [[True, True]] * 3 + [[False, True]] + [[True, True]]
    found = optimum(model, 1.0)
    assert found.value[3] == pytest.approx(-(1 * 0.9 + 2 * 0.1) / 0.9)


def test_it_is_played_as_often_as_the_model_says():
    env, counts = Corridor(), {}
    env.reset(seed=0)
    first, slipped, steps = [], 0, 0
    for _ in range(3000):
        number, _ = env.reset()
        first.append(number)
        over = False
        while not over:
            before = number
            number, reward, over, _, _ = env.step(1)
            steps += 1
            slipped += number == before
            counts[reward] = counts.get(reward, 0) + 1
            assert (reward == -2.0) == (number == before)
    assert np.mean(np.array(first) == 0) == pytest.approx(0.25, abs=0.03)
    assert slipped / steps == pytest.approx(0.1, abs=0.015)


def test_a_mask_tells_which_actions_there_are_and_others_are_refused():
    env = Corridor()
    env.reset(seed=0)
    env.put(3)
    with pytest.raises(InvalidAction, match='left is not available in state d; info\\["action_mask"\\]'):
        env.step(0)
    while env.step(1)[0] == 3:
        pass
    env.put(2)
    assert env.step(1)[4]["action_mask"].tolist() in ([0, 1], [1, 1])


@pytest.mark.parametrize("action", [2, -1, "left", 1.5, None, np.array([1])])
def test_what_is_no_action_is_refused_with_those_that_are(action):
    env = Corridor()
    env.reset(seed=0)
    with pytest.raises(InvalidAction, match="the actions are 0 left, 1 right"):
        env.step(action)


def test_before_the_first_reset_there_is_no_state():
    env = Corridor()
    assert env.state is None
    with pytest.raises(ResetNeeded):
        env.step(0)


def test_after_the_end_nothing_moves():
    env = Corridor()
    env.reset(seed=0)
    env.put(3)
    while not env.step(1)[2]:
        pass
    generator = copy.deepcopy(env.np_random.bit_generator.state)
    assert env.step(1) == (4, 0.0, True, False, {"action_mask": pytest.approx(np.array([1, 1]))})
    assert env.np_random.bit_generator.state == generator


def test_it_is_copied_pickled_and_restored():
    env = Corridor()
    env.reset(seed=1)
    state = env.get_state()
    copies = [copy.deepcopy(env), pickle.loads(pickle.dumps(env))]
    after = [env.step(1) for _ in range(5)]
    for other in copies:
        assert first_difference([other.step(1) for _ in range(5)], after) is None
    env.set_state(state)
    assert first_difference([env.step(1) for _ in range(5)], after) is None


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_its_batch_plays_the_same_episodes(mode):
    limited = [lambda: gymnasium.wrappers.TimeLimit(Corridor(), 12)] * 6
    singles, batch = (
        SyncVectorEnv(limited, autoreset_mode=mode),
        CorridorBatch(6, max_episode_steps=12, autoreset_mode=mode),
    )
    assert first_difference(batch.reset(seed=4), singles.reset(seed=4)) is None
    rng = np.random.default_rng(0)
    for _ in range(200):
        mask = batch.info()["action_mask"]
        actions = np.where(mask[:, 0] == 1, rng.random(6) < 0.6, 1).astype(np.int64)
        mine, theirs = batch.step(actions), singles.step(actions)
        assert first_difference(mine[:4], theirs[:4]) is None
        assert first_difference(mine[4]["action_mask"], theirs[4]["action_mask"]) is None


@pytest.mark.parametrize("number", [5, -1, "c", 1.5])
def test_a_state_that_is_none_is_refused(number):
    env = Corridor()
    env.reset(seed=0)
    with pytest.raises(ValueError, match="state number .*, not one from 0 to 4; give it what get_state returned"):
        env.set_state(env.get_state() | {"number": number})


def test_its_batch_is_rendered_row_by_row():
    batch = CorridorBatch(3, render_mode="rgb_array")
    batch.reset(seed=0)
    frames = batch.render()
    for frame, number in zip(frames, batch.number, strict=True):
        assert (frame[0, ::20, 0] == 0).argmax() == number
    batch.close()


def test_outcomes_that_cannot_be_are_never_drawn():
    model = MDP(
        next_state=np.array([[[0, 1, 2, 0]]] * 3),
        probability=np.array([[[0.0, 0.5, 0.5, 0.0]]] * 3),
        reward=np.zeros((3, 1, 4)),
        terminated=np.zeros((3, 1, 4), bool),
        available=np.ones((3, 1), bool),
        start=np.array([0.0, 1.0, 0.0]),
    )
    dynamics = Dynamics(model)
    numbers = np.array([0.0, 0.25, np.nextafter(0.5, 0), 0.5, np.nextafter(1, 0)])
    assert [dynamics.move(0, 0, lambda n=n: n)[0] for n in numbers] == [1, 1, 1, 2, 2]
    assert dynamics.begin(lambda: 0.99) == 1
    many = dynamics.move_all(np.zeros(5, np.int64), np.zeros(5, np.int64), lambda: numbers)
    assert many[0].tolist() == [1, 1, 1, 2, 2]


def test_what_the_author_forgot_is_named():
    class Nothing(FiniteEnv):
        ACTION_NAMES = ("on",)

    with pytest.raises(NotImplementedError, match="Nothing has to define starts"):
        Nothing()
