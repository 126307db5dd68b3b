"""Shower against the exact answers: its optima, its baselines, and its model against its steps."""

import itertools
from collections import Counter

import numpy as np
import pytest
from gymnasium.error import InvalidAction, ResetNeeded

from envkit.envs import shower
from envkit.envs.shower import ShowerEnv

COLDER, HOLD, WARMER = range(3)


def expected_return(mdp, choose):
    """Backward induction over the horizon; `choose` turns q [S, A] into values [S]."""
    value = np.zeros(mdp.num_states)
    for _ in range(mdp.horizon):
        value = choose((mdp.probability * (mdp.reward + value[mdp.next_state])).sum(axis=2))
    return float(mdp.start @ value)


def best(q):
    return q.max(axis=1)


def at_random(q):
    return q.mean(axis=1)


def holding(q):
    return q[:, HOLD]


def degrees(observation):
    """The deviation that an observation shows."""
    return 3 * float(observation[0]) / (1 - abs(float(observation[0])))


def play(env, policy, seed):
    """(first temperature, return) of an episode."""
    observation, info = env.reset(seed=seed)
    start, total, over = info["temperature"], 0.0, False
    while not over:
        observation, reward, terminated, over, info = env.step(policy(observation))
        assert not terminated
        total += reward
    return start, total


@pytest.mark.parametrize(
    ("noise", "optimum", "random", "hold"),
    [("none", 416 / 7, -28.82, -60 / 7), ("after", 414 / 7, -35.27, -28.32), ("before", 59.0, -35.56, -28.82)],
    ids=["quiet", "noise after the reward", "noise before the reward"],
)
def test_the_model_has_the_exact_optimum_and_baselines(noise, optimum, random, hold):
    mdp = ShowerEnv(noise=noise).mdp()
    assert expected_return(mdp, best) == pytest.approx(optimum, abs=1e-9)
    assert expected_return(mdp, at_random) == pytest.approx(random, abs=0.005)
    assert expected_return(mdp, holding) == pytest.approx(hold, abs=0.005)


@pytest.mark.parametrize(("noise", "optimum"), [("none", 58.8571), ("after", 58.5), ("before", 19.3571)])
def test_a_band_without_39_is_harder(noise, optimum):
    mdp = ShowerEnv(noise=noise, comfort=(37, 38)).mdp()
    assert expected_return(mdp, best) == pytest.approx(optimum, abs=5e-5)


def test_the_card_states_the_computed_numbers():
    models = [ShowerEnv(noise=noise).mdp() for noise in shower.NOISES]
    for mdp in models:
        assert f"{expected_return(mdp, best):.4f}" in shower.__doc__
        assert f"{expected_return(mdp, holding):.2f}" in shower.__doc__


def test_an_outside_reward_of_nothing_pays_only_what_is_comfortable():
    mdp = ShowerEnv(outside_reward=0).mdp()
    # 35 and 41 lose one second each: (5 * 60 + 2 * 59) / 7
    assert expected_return(mdp, best) == pytest.approx(418 / 7)


def test_steering_to_38_gets_the_optimum_from_every_start():
    env = ShowerEnv()
    returns = dict(play(env, lambda o: [WARMER, HOLD, COLDER][1 + int(np.sign(o[0]))], seed) for seed in range(80))
    assert returns == {35: 58, 36: 60, 37: 60, 38: 60, 39: 60, 40: 60, 41: 58}


def test_a_hand_on_the_continuous_tap_gets_the_optimum_on_average():
    env = ShowerEnv(tap="continuous")
    returns = dict(play(env, lambda o: np.array([np.clip(-degrees(o), -1, 1)], np.float32), seed) for seed in range(80))
    assert sorted(returns) == [35, 36, 37, 38, 39, 40, 41]
    assert np.mean(list(returns.values())) == pytest.approx(416 / 7)


def test_the_continuous_tap_has_no_finite_model():
    assert ShowerEnv(tap="continuous").mdp() is None


@pytest.mark.parametrize("noise", shower.NOISES)
@pytest.mark.parametrize("temperature", [36, 37, 39, 40])
@pytest.mark.parametrize("action", [COLDER, HOLD, WARMER])
def test_a_step_has_the_distribution_of_its_model(noise, temperature, action):
    env = ShowerEnv(noise=noise)
    mdp = env.mdp()
    env.reset(seed=temperature)
    state = mdp.state_names.index(f"{temperature} C")
    counts, draws = Counter(), 900
    for _ in range(draws):
        env.temperature, env.history = temperature, [temperature]
        observation, reward, _, _, _ = env.step(action)
        counts[env.state_of(observation), reward] += 1
    model = Counter()
    for k, chance in enumerate(mdp.probability[state, action]):
        model[int(mdp.next_state[state, action, k]), float(mdp.reward[state, action, k])] += chance
    assert counts.keys() == {outcome for outcome, chance in model.items() if chance > 0}
    for outcome, count in counts.items():  # within five standard deviations
        chance = model[outcome]
        assert abs(count - draws * chance) <= 5 * np.sqrt(draws * chance * (1 - chance))


@pytest.mark.parametrize(
    "settings", [{}, {"noise": "before"}, {"comfort": (37, 38)}, {"length": 2400, "noise": "after"}], ids=str
)
def test_an_observation_shows_its_state_whatever_the_temperature(settings):
    env = ShowerEnv(**settings)
    env.reset(seed=0)
    names = env.mdp().state_names
    for state, name in enumerate(names):
        env.temperature = int(name.removesuffix(" C"))
        observation = env._observation()
        assert env.observation_space.contains(observation)
        assert env.state_of(observation) == state


def test_no_episode_gets_beyond_the_models_states():
    for noise, action in itertools.product(shower.NOISES, (COLDER, WARMER)):
        env = ShowerEnv(noise=noise, length=20)
        names = env.mdp().state_names
        for seed in range(20):
            env.reset(seed=seed)
            for _ in range(20):
                observation, *_, info = env.step(action)
                assert names[env.state_of(observation)] == f"{info['temperature']} C"


def test_the_clock_runs_from_one_to_nothing():
    env = ShowerEnv(length=4)
    clock = [float(env.reset(seed=0)[0][1])] + [float(env.step(HOLD)[0][1]) for _ in range(4)]
    assert clock == [1, 0.75, 0.5, 0.25, 0]


def test_the_end_is_a_truncation_and_a_step_after_it_changes_nothing():
    env = ShowerEnv(length=2)
    env.reset(seed=0)
    assert [env.step(WARMER)[2:4] for _ in range(2)] == [(False, False), (False, True)]
    before = env.temperature
    _, reward, terminated, truncated, _ = env.step(WARMER)
    assert (reward, terminated, truncated, env.temperature) == (0.0, False, True, before)


def test_all_starts_are_equally_likely_and_no_other_occurs():
    env = ShowerEnv()
    env.reset(seed=0)
    starts = Counter(env.reset()[1]["temperature"] for _ in range(2100))
    assert sorted(starts) == [35, 36, 37, 38, 39, 40, 41]
    assert all(abs(count - 300) < 5 * 16 for count in starts.values())  # sqrt(2100 * 6 / 49) is 16


def test_info_is_plain_numbers():
    for settings in ({}, {"tap": "continuous"}):
        env = ShowerEnv(**settings)
        _, info = env.reset(seed=0)
        assert {type(value) for value in info.values()} <= {int, float}
        assert info["seconds_left"] == 60


def test_the_callers_action_is_neither_kept_nor_changed():
    env = ShowerEnv(tap="continuous")
    env.reset(seed=0)
    action = np.array([0.5], np.float32)
    observation, *_ = env.step(action)
    kept = observation.copy()
    assert action.tolist() == [0.5]
    action[0] = -1
    np.testing.assert_array_equal(env._observation(), kept)


@pytest.mark.parametrize("action", [np.int64(2), np.int32(2), np.array(2), 2], ids=repr)
def test_every_kind_of_two_is_warmer(action):
    env = ShowerEnv()
    start = env.reset(seed=0)[1]["temperature"]
    assert env.step(action)[4]["temperature"] == start + 1


@pytest.mark.parametrize(
    ("tap", "action", "said"),
    [
        ("buttons", 3, r"step\(3\) of ShowerEnv: the actions are 0 colder, 1 hold, 2 warmer"),
        ("buttons", -1, r"step\(-1\) of ShowerEnv"),
        ("buttons", 1.0, r"step\(1\) of ShowerEnv"),
        ("buttons", None, r"step\(None\) of ShowerEnv"),
        ("continuous", np.array([1.5], np.float32), r"takes an array of one number from -1 to 1"),
        ("continuous", np.array([np.nan], np.float32), "takes an array of one number"),
        ("continuous", np.zeros(2, np.float32), "takes an array of one number"),
        ("continuous", "on", "takes an array of one number"),
    ],
)
def test_an_action_outside_the_space_is_refused(tap, action, said):
    env = ShowerEnv(tap=tap)
    env.reset(seed=0)
    with pytest.raises(InvalidAction, match=said):
        env.step(action)


def test_a_step_before_the_first_reset_says_what_to_call():
    with pytest.raises(ResetNeeded, match=r"ShowerEnv.step was called before reset: call env.reset\(seed=0\) first"):
        ShowerEnv().step(HOLD)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"length": 0}, "length is 0, not a whole number of 1 or more"),
        ({"start_spread": -1}, "start_spread is -1, not a whole number of 0 or more"),
        ({"comfort": (39, 37)}, "comfort is (39, 37), its ends the wrong way round"),
        ({"outside_reward": float("nan")}, "outside_reward is nan, not a finite number"),
        ({"noise": "some"}, "noise is 'some', not one of none, after, before"),
        ({"tap": "lever"}, "tap is 'lever', not one of buttons, continuous"),
        ({"length": 6000}, "length 6000 and start_spread 3 allow for 6003 degrees on either side of 38"),
        ({"render_mode": "ansi"}, "render_mode 'ansi' is not one that ShowerEnv offers"),
    ],
)
def test_wrong_arguments_are_named(settings, said):
    with pytest.raises(ValueError) as refused:
        ShowerEnv(**settings)
    assert said in str(refused.value)


def test_a_frame_shows_the_temperature_the_clock_and_the_past():
    env = ShowerEnv(render_mode="rgb_array", start_spread=0)
    env.reset(seed=0)
    frames = [env.render()]
    for action in (WARMER, COLDER):
        env.step(action)
        frames.append(env.render())
    assert frames[0].shape == (400, 600, 3)
    changed = (frames[0] != frames[2]).any(axis=2)  # 38 degrees both times, two seconds apart
    assert not changed[20:80, 400:].any()  # the digits
    assert changed[105:125, 400:].any()  # the time that is left
    assert changed[160:350, 400:].any()  # the history
    assert (frames[0] != frames[1])[60:350, 300:330].any()  # the thermometer


@pytest.mark.parametrize("temperature", [-200, 31.4, 38, 44.04, 200])
def test_every_temperature_can_be_drawn(temperature):
    env = ShowerEnv(render_mode="rgb_array", comfort=(20, 56), length=500)
    env.reset(seed=0)
    env.temperature = temperature
    env.history += [temperature] * 500
    assert env.render().shape == (400, 600, 3)
