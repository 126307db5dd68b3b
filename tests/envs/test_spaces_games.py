"""The rules of each game of the tour, a sentence each."""

import copy

import gymnasium
import numpy as np
import pytest
from gymnasium.error import InvalidAction, ResetNeeded

from envkit.authoring.canvas import Canvas
from envkit.core.catalogue import bundled_ids
from envkit.envs.spaces import (
    bitflip,
    catch,
    cipher,
    courier,
    crane,
    golf,
    lift,
    mooring,
    nim,
    simon,
    translator,
    whack,
)
from envkit.envs.spaces.greenhouse import DRY, WET, Greenhouse

GAMES = [id for id in bundled_ids() if ".envs.spaces." in str(gymnasium.spec(id).entry_point)]


def started(game, seed=0):
    env = game()
    env.reset(seed=seed)
    return env


@pytest.mark.parametrize("id", GAMES)
def test_an_action_outside_the_space_is_refused_by_name_and_nothing_happens(id):
    env = gymnasium.make(id).unwrapped
    before = copy.deepcopy(env.reset(seed=0)[0])
    with pytest.raises(InvalidAction, match=rf"'west'.* of {type(env).__name__}: the action is not in .*sample\(\)"):
        env.step(np.array(["west"]))
    assert str(env.observe()) == str(before)


@pytest.mark.parametrize("id", GAMES)
@pytest.mark.parametrize("method", ["step", "render"])
def test_before_the_first_reset_there_is_nothing_to_do(id, method):
    env = gymnasium.make(id, render_mode="rgb_array").unwrapped
    arguments = [env.action_space.sample()] if method == "step" else []
    with pytest.raises(ResetNeeded, match=rf"{type(env).__name__}\.{method} was called before reset"):
        getattr(env, method)(*arguments)


@pytest.mark.parametrize("game", [nim.Nim, lift.Lift, catch.Catch, bitflip.BitFlip, simon.Simon, mooring.Mooring])
def test_what_is_over_stays_over_and_pays_nothing(game):
    env = started(game)
    over = False
    while not over:
        observation, _, over, _, _ = env.step(env.best_action(env.observe()))
    again, reward, terminated, truncated, _ = env.step(env.best_action(observation))
    assert (reward, terminated, truncated) == (0.0, True, False)
    assert str(again) == str(observation)


def test_taking_more_matches_than_there_are_takes_them_all_and_wins():
    env = started(nim.Nim)
    env.matches = 2
    assert env.step(2)[:3] == (0, 1.0, True)


def test_the_opponent_leaves_a_multiple_of_four_where_it_can():
    for left in range(1, 16):
        chances, rests = zip(*nim.replies(left), strict=True)
        assert sum(chances) == pytest.approx(1)
        assert rests == (left - left % 4,) if left % 4 else rests == tuple(left - take for take in (1, 2, 3))


@pytest.mark.parametrize(("floor", "action", "after"), [(5, 1, 5), (-2, -1, -2), (3, -1, 2), (-1, 1, 0), (4, 0, 4)])
def test_the_lift_moves_one_floor_and_stays_within_its_shaft(floor, action, after):
    env = started(lift.Lift)
    env.floor = floor
    observation, reward, terminated, _, _ = env.step(action)
    assert (observation, reward, terminated) == (after, 0.0 if after == 0 else -1.0, after == 0)


def test_the_quay_stops_the_boat_and_takes_its_speed():
    env = started(mooring.Mooring)
    for _ in range(12):
        observation = env.step(np.array([1, 0], np.float32))[0]
    assert observation[0] == 1
    assert observation[2] == 0


def test_full_thrust_from_quay_to_quay_stays_within_the_bounds_of_speed():
    env = started(mooring.Mooring)
    env.place, env.speed = np.array([-1.0, -1.0]), np.zeros(2)
    for _ in range(mooring.STEPS):
        observation = env.step(np.ones(2, np.float32))[0]
        assert observation in env.observation_space
        assert np.abs(observation[2:4]).max() < 0.8


def test_the_picture_says_where_apple_and_basket_are():
    for state in np.ndindex(8, 8, 8):
        assert catch.seen(catch.picture(state)) == state


def test_a_mole_that_was_missed_stays_up():
    env = started(whack.Whack)
    env.up = np.array([1, 1, 0, 0, 0], np.int8)
    observation, reward, *_ = env.step(np.array([0, 1, 1, 0, 0], np.int8))
    assert observation[0] == 1
    assert reward == 0  # one hit, one blow on an empty hole


@pytest.mark.parametrize(
    ("up", "hammers", "reward"), [([1, 1, 0, 0, 0], [1, 1, 0, 0, 0], 1), ([1, 0, 0, 0, 0], [1] * 5, -3)]
)
def test_hits_count_for_and_empty_blows_against(up, hammers, reward):
    assert whack.pay(up, hammers) == reward


def test_a_crate_travels_with_the_closed_hook_and_stays_where_it_is_let_go():
    env = started(crane.Crane)
    env.state = (0, 0, 1, 1, 0)
    assert env.step(np.array([2, 2, 1]))[0].tolist() == [1, 1, 1, 1, 1]
    assert env.step(np.array([2, 1, 1]))[0].tolist() == [2, 1, 2, 1, 1]
    observation, reward, terminated, *_ = env.step(np.array([1, 2, 0]))
    assert observation.tolist() == [2, 2, 2, 2, 0]
    assert (reward, terminated) == (-1.0, False)
    assert env.step(np.array([0, 0, 0]))[0].tolist() == [1, 1, 2, 2, 0]


def test_a_ball_past_the_hole_lies_as_far_as_it_went_past():
    env = started(golf.Golf)
    env.wind, env.distance = 1, 0.3
    (_, distance), reward, *_ = env.step((np.int64(2), np.array([-1], np.float32)))  # the driver's softest swing: 0.4
    assert distance == pytest.approx([0.1])
    assert reward == -1


def test_a_headwind_shortens_and_a_tailwind_lengthens_the_same_stroke():
    left = []
    for wind in range(3):
        env = started(golf.Golf)
        env.wind, env.distance = wind, 0.9
        left.append(float(env.step((np.int64(1), np.array([1], np.float32)))[0][1][0]))
    assert left == pytest.approx([0.45, 0.4, 0.35])


@pytest.mark.parametrize(("hour", "lamp", "reward"), [(12, 0, 1.0), (12, 1, 0.0), (0, 1, 1.0), (0, 0, 0.0)])
def test_the_wrong_light_pays_nothing(hour, lamp, reward):
    env = started(Greenhouse)
    env.hour, env.moisture = hour, np.full(3, 0.6)
    assert env.step({"lamp": np.int64(lamp), "valves": np.zeros(3, np.int8)})[1] == reward


def test_only_plants_within_the_band_are_well():
    env = started(Greenhouse)
    env.hour, env.moisture = 12, np.array([DRY, WET, 0.6])
    care = {"lamp": np.int64(0), "valves": np.array([0, 1, 0], np.int8)}  # the first falls dry, the second is drowned
    assert env.step(care)[1] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("answer", "reward"), [("key", 1.0), ("kez", 2 / 3), ("ekey", 0.0), ("keys", 0.75), ("k", 1 / 3)]
)
def test_letters_count_in_their_place_and_lengths_count_too(answer, reward):
    env = started(cipher.Cipher)
    env.word = "key"
    assert env.observe() == "nhb"
    assert env.step(answer)[1] == pytest.approx(reward)


def test_every_word_can_be_written_and_read_in_the_spaces():
    env = cipher.Cipher()
    for word in cipher.WORDS:
        assert word in env.action_space
        assert word.translate(cipher.ENCIPHER) in env.observation_space
        assert env.best_action(word.translate(cipher.ENCIPHER)) == word


def test_one_wrong_button_ends_the_tune():
    env = started(simon.Simon)
    env.tune[:2] = [2, 3]
    assert env.step((2,))[1:3] == (1.0, False)
    assert env.step((2, 1))[1:3] == (0.0, True)


@pytest.mark.parametrize("pressed", [(), (2, 2)])
def test_too_few_or_too_many_buttons_are_a_mistake(pressed):
    env = started(simon.Simon)
    env.tune[0] = 2
    assert env.step(pressed)[1:3] == (0.0, True)


def test_a_closed_road_cannot_be_ridden_and_is_not_in_the_graph():
    env = started(courier.Courier)
    env.state = (courier.LINKS.index((3, 4)), 3, 5)
    graph, reward, terminated, *_ = env.step(4)
    assert (reward, terminated) == (-1.0, False)
    assert [3, 4] not in graph.edge_links.tolist()
    assert len(graph.edges) == 2 * (len(courier.ROADS) - 1)
    assert graph.nodes[3].tolist() == [1, 0]


def test_the_courier_takes_the_detour_that_is_shortest():
    env = started(courier.Courier)
    env.state = (courier.LINKS.index((3, 4)), 3, 5)
    way, over = [3], False
    while not over:
        _, _, over, _, _ = env.step(env.best_action(env.observe()))
        way.append(env.state[1])
    assert way == [3, 0, 4, 5]


@pytest.mark.parametrize("number", range(16))
def test_every_number_can_be_written_in_both_notations_and_read_back(number):
    for notation in (translator.NUMBER, translator.BINARY):
        said = translator.write(notation, number)
        assert said in translator.Translator().action_space
        assert translator.read(said) == (notation, number)


def test_repeating_the_question_is_no_translation():
    env = started(translator.Translator)
    assert env.step(env.observe())[1] == 0
    assert env.step(env.best_action(env.observe()))[1] == 1


@pytest.mark.parametrize(
    ("asked", "said", "shown"),
    [
        ((translator.NUMBER, 1), (translator.NUMBER, 1), "1 is 0001, not 1"),
        ((translator.NUMBER, 1), (translator.BINARY, 8), "1 is 0001, not 1000"),
        ((translator.BINARY, 13), (translator.BINARY, 13), "1101 is 13, not 1101"),
        ((translator.NUMBER, 1), (translator.BINARY, 1), "1 = 0001"),
    ],
    ids=["repeated", "another", "repeated bits", "right"],
)
def test_the_picture_shows_a_wrong_answer_beside_the_right_one(monkeypatch, asked, said, shown):
    env = started(translator.Translator)
    env.notation, env.number = asked
    env.step(translator.write(*said))
    written = []
    monkeypatch.setattr(Canvas, "text", lambda self, text, *args, **kwargs: written.append(text))
    env.draw(Canvas(480, 320))
    assert written[-1] == shown


def test_rewards_can_be_computed_for_many_goals_at_once_and_agree_with_the_steps():
    env = started(bitflip.BitFlip)
    achieved, desired, rewards, over = [], [], [], False
    while not over:
        observation, reward, over, _, _ = env.step(env.best_action(env.observe()))
        achieved.append(observation["achieved_goal"])
        desired.append(observation["desired_goal"])
        rewards.append(reward)
    computed = env.compute_reward(np.array(achieved), np.array(desired), [{}] * len(rewards))
    assert computed.tolist() == rewards
    assert computed.dtype == np.float32
    assert env.compute_reward(achieved[-1], desired[-1], {}) == rewards[-1] == 0


def test_the_coins_never_lie_as_the_goal_wants_at_the_start():
    env = bitflip.BitFlip()
    starts = [env.reset(seed=seed)[0] for seed in range(300)]
    assert all((start["achieved_goal"] != start["desired_goal"]).any() for start in starts)


def test_texts_show_the_state():
    env = nim.Nim(render_mode="ansi")
    env.reset(seed=0)
    env.matches, env.said = 5, "I take 3"
    assert env.render() == "|||||            5 left. I take 3"
    shaft = lift.Lift(render_mode="ansi")
    shaft.reset(seed=0)
    shaft.floor = 1
    assert shaft.render().splitlines() == [
        "  5  | ",
        "  4  | ",
        "  3  | ",
        "  2  | ",
        "  1 [#]",
        "  0  |  <",
        " -1  | ",
        " -2  | ",
    ]
