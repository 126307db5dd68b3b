"""A memory that keeps each picture once: what is drawn from it is the same as from Stable-Baselines3's, to the bit."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra deep")
pytest.importorskip("stable_baselines3", reason="needs the extra deep")

from gymnasium import spaces
from stable_baselines3.common.buffers import ReplayBuffer

from envkit.deep.frames import BLOCK, FrameReplayBuffer, PrioritizedFrameReplayBuffer
from envkit.deep.q_learning import PrioritizedReplayBuffer
from envkit.runs.arrays import unpacked
from envkit.workflows.solve import resume, solve

KINDS = [(ReplayBuffer, FrameReplayBuffer), (PrioritizedReplayBuffer, PrioritizedFrameReplayBuffer)]
ACTIONS = spaces.Discrete(3)


def game(shape, *, moved, seed, padded):
    """Yields (observation, next observation, whether it ended): a stack that moves by `moved` pictures a step."""
    draw = np.random.default_rng(seed)

    def new(count):
        return draw.integers(256, size=(count, *shape[1:]), dtype=np.uint8)

    while True:
        stack = (
            np.concatenate([np.zeros((shape[0] - moved, *shape[1:]), np.uint8), new(moved)])
            if padded
            else new(shape[0])
        )
        for time in range(1, 40):
            over = draw.random() < 0.1 or time == 39
            still = draw.random() < 0.1  # nothing moves for a while
            after = stack if still else np.concatenate([stack[moved:], new(moved)])
            yield stack, after, over
            stack = after
            if over and draw.random() < 0.7:
                break  # else it was a life: the game goes on where it stands


def filled(memory, shape, steps, **how):
    games = [game(shape, seed=row, **how) for row in range(memory.n_envs)]
    draw = np.random.default_rng(9)
    for _ in range(steps):
        before, after, over = map(np.array, zip(*map(next, games), strict=True))
        actions, paid = draw.integers(3, size=memory.n_envs), draw.random(memory.n_envs)
        infos = [{"TimeLimit.truncated": bool(draw.random() < 0.1)} for _ in range(memory.n_envs)]
        memory.add(before, after, actions, paid, over, infos)
    return memory


def drawn(memory, times=20):
    np.random.seed(3)
    return [[part.numpy() for part in memory.sample(16) if part is not None] for _ in range(times)]


def same(one, other):
    rows = zip(drawn(one), drawn(other), strict=True)
    return all(
        np.array_equal(a, b) and a.dtype == b.dtype for ours, theirs in rows for a, b in zip(ours, theirs, strict=True)
    )


@pytest.mark.parametrize(("plain", "once"), KINDS)
@pytest.mark.parametrize("envs", [1, 3])
@pytest.mark.parametrize("steps", [7, 100, 1000])
@pytest.mark.parametrize(
    ("shape", "moved", "padded"),
    [((4, 8, 6), 1, True), ((4, 8, 6), 4, False), ((12, 5, 5), 3, True), ((1, 5, 5), 1, False)],
)
def test_what_is_drawn_is_the_same(plain, once, envs, steps, shape, moved, padded):
    space = spaces.Box(0, 255, shape, np.uint8)
    memories = [kind(300, space, ACTIONS, "cpu", envs) for kind in (plain, once)]
    for memory in memories:
        filled(memory, shape, steps, moved=moved, padded=padded)
    assert same(*memories)


def test_it_takes_a_seventh_and_does_not_grow():
    space = spaces.Box(0, 255, (4, 84, 84), np.uint8)
    memory = filled(FrameReplayBuffer(2000, space, ACTIONS, "cpu", 2), (4, 84, 84), 1000, moved=1, padded=True)
    full = memory.nbytes
    plain = 2 * 2000 * 4 * 84 * 84
    assert full < 0.2 * plain  # games of some twenty steps, each of which begins with four pictures
    filled(memory, (4, 84, 84), 3000, moved=1, padded=True)
    assert memory.nbytes < 1.1 * full + 4 * BLOCK * 84 * 84


@pytest.mark.parametrize("steps", [40, 1000])
def test_it_is_kept_and_brought_back(steps):
    from envkit.deep import replay

    space = spaces.Box(0, 255, (4, 8, 6), np.uint8)
    memory = filled(FrameReplayBuffer(300, space, ACTIONS, "cpu", 2), (4, 8, 6), steps, moved=1, padded=True)
    found = replay.kept(memory)
    again = FrameReplayBuffer(300, space, ACTIONS, "cpu", 2)
    replay.restore(again, found)
    assert same(memory, again)
    for one in (memory, again):
        filled(one, (4, 8, 6), 200, moved=1, padded=True)
    assert same(memory, again)


@pytest.fixture
def _games(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(Path(__file__).parent)


def alike(one, other):
    ours, theirs = (unpacked(Path(run) / "policy.npz") for run in (one, other))
    return all(np.array_equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.usefixtures("_games")
@pytest.mark.parametrize("memory", ["uniform", "prioritized"])
def test_a_training_is_the_same_with_it_and_goes_on_bit_for_bit(memory, monkeypatch):
    from envkit.deep import off_policy

    given = {
        "env_kwargs": {"sees": "image"},
        "eval_every": 0,
        "eval_episodes": 1,
        "learning_starts": 40,
        "replay": memory,
    }
    given |= {"buffer_size": 150, "train_freq": 8, "batch_size": 8}
    solve("training_games:Corridor", "double-dqn", steps=240, run_dir="once", **given)
    solve("training_games:Corridor", "double-dqn", steps=160, run_dir="on", **given)
    run = resume("on", steps=80)
    assert "gone on with: exact" in run.notes
    assert alike("once", "on")
    monkeypatch.setattr(off_policy, "_keeps_pictures_once", lambda *_: False)
    solve("training_games:Corridor", "double-dqn", steps=240, run_dir="twice", **given)
    assert alike("once", "twice")


@pytest.mark.parametrize(
    ("name", "shape", "kept"),
    [
        ("CarRacing-v3", (96, 96, 3), 2.0),  # nobody knows whether colours stay
        ("CarRacing-v3 with grey stack=4", (96, 96, 4), 1.25 / 4),
        ("CarRacing-v3 with stack=4", (96, 96, 12), 1.25 / 4),
        ("ALE/Pong-v5 with atari", (4, 84, 84), 1.25 / 4),
        ("own.py:FourChannels", (4, 84, 84), 2.0),
    ],
)
def test_the_memory_that_is_stated_is_never_less_than_may_be_taken(name, shape, kept):
    from types import SimpleNamespace

    from envkit.core.ref import EnvRef
    from envkit.deep.off_policy import _observations_a_step

    space = spaces.Box(0, 255, shape, np.uint8)
    assert _observations_a_step(space, SimpleNamespace(ref=EnvRef(name))) == kept
