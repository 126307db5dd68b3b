"""Several episodes at once: the same episodes as one by one, each place its share, whatever plays them."""

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from envkit.core.errors import EnvironmentFailed, UsageError
from envkit.core.policy import FunctionPolicy, RandomPolicy
from envkit.core.ref import EnvRef
from envkit.workflows import at_once, judge
from envkit.workflows.evaluate import evaluate

HERE = __name__
SEEDS = range(3, 14)
RULES = {
    "shower": lambda seen: 2 if seen[0] < 0 else 0,
    "CartPole-v1": lambda seen: int(seen[2] + 0.2 * seen[3] > 0),
    "gridworld": lambda seen: int(seen) % 4,
}


class Uneven(gymnasium.Env):
    """Its episodes are 1 step in every second one, and else `long`; each step pays 1. `breaks` at the third one."""

    observation_space = spaces.Box(0, 9999, (1,), np.float32)
    action_space = spaces.Discrete(2)
    metadata = {"metrics": {"time": "steps"}}  # noqa: RUF012 - gymnasium's convention

    def __init__(self, long=9, breaks=False):
        self.long, self.breaks, self.number = long, breaks, -1

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.number += 1
        self.time = 0
        return np.zeros(1, np.float32), {}

    def step(self, action):
        self.time += 1
        if self.breaks and self.time == 3:
            raise RuntimeError("the spring broke")
        over = self.time == (1 if self.number % 2 else self.long)
        return np.full(1, self.time, np.float32), 1.0, over, False, {"time": self.time}


class Shown(Uneven):
    """Notes in which render modes it was made."""

    metadata = {"render_modes": ["human"], "render_fps": 60}  # noqa: RUF012 - gymnasium's convention
    modes = []  # noqa: RUF012 - of all of them

    def __init__(self, render_mode=None):
        super().__init__()
        self.render_mode = render_mode
        self.modes.append(render_mode)

    def render(self):
        return None


class Paid(gymnasium.RewardWrapper):
    def reward(self, reward):
        return reward * 10


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("count", [2, 5, 40])
def test_seeded_episodes_are_the_same_however_many_are_played_at_once(name, count):
    ref, policy = EnvRef.of(name), FunctionPolicy(RULES[name])
    alone = evaluate(policy, ref, episodes=0, seed=0, seeds=SEEDS, cap=60)
    many = evaluate(policy, ref, episodes=0, seed=0, seeds=SEEDS, cap=60, n_envs=count)
    assert np.array_equal(alone.returns, many.returns)
    assert np.array_equal(alone.lengths, many.lengths)
    assert alone.cut == many.cut
    assert alone.metrics.keys() == many.metrics.keys()
    assert all(np.array_equal(alone.metrics[name], many.metrics[name]) for name in alone.metrics)


@pytest.mark.parametrize("cap", [7, 300])
@pytest.mark.parametrize("name", ["shower", "gridworld", "drone"])
def test_an_environment_s_own_batch_plays_the_same_episodes(name, cap, monkeypatch):
    ref = EnvRef.of(name)
    env = ref.make()
    policy = FunctionPolicy(RULES.get(name, lambda _: env.action_space.low * 0))
    made = []
    monkeypatch.setattr(at_once, "_Own", lambda *given, own=at_once._Own: made.append(own(*given)) or made[-1])
    batch = evaluate(policy, ref, episodes=11, seed=5, cap=cap, n_envs=4)
    assert len(made) == 1
    monkeypatch.setattr(at_once, "without_batch", lambda _: "so that single ones are played")
    single = evaluate(policy, ref, episodes=11, seed=5, cap=cap, n_envs=4)
    assert np.array_equal(batch.returns, single.returns)
    assert np.array_equal(batch.lengths, single.lengths)
    assert batch.cut == single.cut
    assert batch.metrics.keys() == single.metrics.keys()


def test_short_episodes_are_not_favoured():
    played = evaluate(FunctionPolicy(lambda _: 0), EnvRef.of(Uneven, long=50), episodes=16, seed=0, n_envs=4)
    assert sorted(played.lengths.tolist()) == [1] * 8 + [50] * 8
    assert played.metrics["time"][:, 0].tolist() == played.lengths.tolist()


def test_what_is_too_long_is_cut_off_and_counted():
    played = evaluate(FunctionPolicy(lambda _: 0), EnvRef.of(Uneven, long=50), episodes=8, seed=0, n_envs=2, cap=6)
    assert sorted(played.lengths.tolist()) == [1] * 4 + [6] * 4
    assert (played.cut, played.cap) == (4, 6)


def test_returns_are_the_environment_s_own_beside_the_shaped_ones():
    ref = EnvRef.of(f"{HERE}:Uneven with {HERE}:Paid", long=5)
    played = evaluate(FunctionPolicy(lambda _: 0), ref, episodes=4, seed=0, n_envs=2)
    assert played.returns.tolist() == [5, 5, 1, 1]
    assert played.shaped.tolist() == [50, 50, 10, 10]


def test_the_same_call_plays_the_same():
    ref = EnvRef.of("CartPole-v1")
    space = ref.make().action_space
    one, other = (evaluate(RandomPolicy(space), ref, episodes=9, seed=4, n_envs=3).returns for _ in range(2))
    assert np.array_equal(one, other)
    assert len(set(one.tolist())) > 3


def test_what_fails_is_told():
    with pytest.raises(EnvironmentFailed, match="the spring broke"):
        evaluate(FunctionPolicy(lambda _: 0), EnvRef.of(Uneven, breaks=True), episodes=4, seed=0, n_envs=2)
    with pytest.raises(EnvironmentFailed, match="the policy cannot act upon what CartPole-v1 shows, such as"):
        evaluate(FunctionPolicy(lambda seen: seen["pole"]), EnvRef.of("CartPole-v1"), episodes=4, seed=0, n_envs=2)
    with pytest.raises(EnvironmentFailed, match=r"shower was given the action 'up', not one of Discrete"):
        evaluate(FunctionPolicy(lambda _: "up"), EnvRef.of("shower"), episodes=4, seed=0, n_envs=2)


def test_a_window_shows_one_episode_at_a_time():
    with pytest.raises(UsageError, match="render=human shows one episode at a time, so n_envs=3"):
        judge.judge("random", env=EnvRef.of("gridworld"), n_envs=3, render="human")
    with pytest.raises(UsageError, match=r"Uneven cannot be shown: it has no render mode 'human' \(its modes: none\)"):
        judge.judge("random", env=EnvRef.of(Uneven), render="human")


def test_a_window_shows_the_same_episodes(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    Shown.modes.clear()
    alone, shown = (
        judge.judge("random", env=EnvRef.of(Shown), episodes=5, seed=3, render=render).evaluation.returns.tolist()
        for render in (None, "human")
    )
    assert alone == shown
    assert "human" in Shown.modes
