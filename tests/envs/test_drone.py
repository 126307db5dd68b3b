"""The drone: its physics, its rings, and a pilot who can fly it."""

import numpy as np
import pytest
from gymnasium.error import InvalidAction

from envkit.envs.drone import CRASH, GRAVITY, LOWEST, THROUGH, TICK, DroneBatch, DroneEnv, pilot


def flown(env, act, seed):
    observation, info = env.reset(seed=seed)
    paid, over = 0.0, False
    while not over:
        observation, reward, terminated, truncated, info = env.step(act(observation))
        paid, over = paid + reward, terminated or truncated
    return paid, terminated, info["rings"]


def test_the_pilot_flies_through_seven_rings_and_hardly_ever_crashes():
    paid, crashed, rings = zip(*(flown(DroneEnv(), pilot, seed) for seed in range(40)), strict=True)
    assert np.mean(rings) > 6.8
    assert np.mean(paid) > 84
    assert sum(crashed) <= 2


def test_the_card_names_what_the_pilot_gets():
    assert "about 90, that is seven rings" in __import__("envkit.envs.drone", fromlist=["x"]).__doc__


def test_rotors_at_nought_carry_the_weight_and_off_let_it_fall():
    env = DroneEnv()
    env.reset(seed=0)
    for _ in range(50):
        hovering = env.step(np.zeros(2, np.float32))[0]
    assert hovering[2:4].tolist() == [0.0, 0.0]
    falling = env.step(np.full(2, -1, np.float32))[0]
    assert falling[3] == pytest.approx(-TICK * GRAVITY)


def test_more_thrust_on_the_right_tilts_and_moves_it_to_the_left():
    env = DroneEnv()
    env.reset(seed=0)
    for _ in range(10):
        seen = env.step(np.array([-0.1, 0.1], np.float32))[0]
    assert seen[4] > 0
    assert seen[2] < 0


def test_a_crash_ends_it_and_costs():
    env = DroneEnv()
    before, _ = env.reset(seed=3)
    rewards, terminated = [], False
    while not terminated:
        after, reward, terminated, _, _ = env.step(np.full(2, -1, np.float32))
        rewards.append(reward)
    nearer = float(np.hypot(*before[:2]) - np.hypot(*after[:2]))
    assert sum(rewards) == pytest.approx(nearer + CRASH, abs=1e-4)
    assert env.step(np.zeros(2, np.float32))[1:4] == (0.0, True, False)


def test_a_ring_that_was_flown_through_pays_and_hangs_elsewhere():
    batch = DroneBatch(1)
    batch.reset(seed=0)
    batch.ring[0] = batch.place[0] + [0.1, 0.1]
    _, rewards, _, _, infos = batch.step(np.zeros((1, 2), np.float32))
    assert rewards[0] == pytest.approx(THROUGH)
    assert infos["rings"].tolist() == [1]
    assert np.abs(batch.ring[0]).max() > 0.3


def test_no_flight_leaves_the_bounds_of_the_observation():
    batch = DroneBatch(512)
    observations, _ = batch.reset(seed=0)
    rng = np.random.default_rng(0)
    least, most = observations.min(axis=0), observations.max(axis=0)
    held = rng.choice([-1.0, 0.0, 1.0], (512, 2)).astype(np.float32)
    for step in range(600):
        if step % 9 == 0:
            turned = rng.random(512) < 0.5
            held[turned] = rng.choice([-1.0, -0.1, 0.1, 1.0], (int(turned.sum()), 2))
        observations = batch.step(held)[0]
        least, most = np.minimum(least, observations.min(axis=0)), np.maximum(most, observations.max(axis=0))
    assert (least >= LOWEST).all()
    assert (most <= batch.single_observation_space.high).all()
    assert most[3] > 5  # it was flown hard


@pytest.mark.parametrize("action", [np.zeros(3, np.float32), np.full(2, 1.5, np.float32), 1, "up", np.full(2, np.nan)])
def test_what_is_no_action_is_refused(action):
    env = DroneEnv()
    env.reset(seed=0)
    with pytest.raises(InvalidAction, match="the action is not in Box"):
        env.step(action)


def test_a_length_that_is_none_is_refused():
    with pytest.raises(ValueError, match="length is 0"):
        DroneEnv(0)
