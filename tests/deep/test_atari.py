"""Atari games: the wrapper and ale-py's batch show the same, by the rules of Gymnasium's and SB3's preprocessing."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra deep")
pytest.importorskip("stable_baselines3", reason="needs the extra deep")
pytest.importorskip("cv2", reason="needs the extra atari")
pytest.importorskip("ale_py", reason="needs the extra atari")

import ale_py
import gymnasium
from gymnasium.wrappers import AtariPreprocessing, FrameStackObservation

from envkit.authoring.wrappers import atari
from envkit.core.batches import batch, without_batch
from envkit.core.errors import UsageError
from envkit.core.ref import EnvRef
from envkit.deep.native import NativeVecEnv
from envkit.deep.views import ViewedVecEnv
from envkit.workflows.solve import configuration, solve

gymnasium.register_envs(ale_py)
STILL = {"repeat_action_probability": 0.0}
GAMES = ["ALE/Breakout-v5", "ALE/Pong-v5", "ALE/SpaceInvaders-v5", "ALE/Freeway-v5", "ALE/Backgammon-v5"]


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def at_once(monkeypatch):
    """Games begin without idle frames, the number of which each engine draws its own way."""
    monkeypatch.setattr(atari, "IDLE", 0)


def ref_of(game, **more):
    return EnvRef(f"{game} with atari", {**(STILL if "v5" in game else {}), **more})


@pytest.mark.parametrize("game", [*GAMES, "BreakoutNoFrameskip-v4"])
def test_the_batch_shows_what_the_wrapper_shows_and_both_what_gymnasium_does(game, at_once):
    ref = ref_of(game, max_num_frames_per_episode=1600)
    one, many = ref.make(), batch(ref, 2)
    bare = gymnasium.make(game, frameskip=1, max_num_frames_per_episode=1600, **(STILL if "v5" in game else {}))
    judge = FrameStackObservation(AtariPreprocessing(bare, noop_max=0), 4, padding_type="zero")
    fire = "FIRE" in bare.unwrapped.get_action_meanings() and bare.unwrapped.get_action_meanings().index("FIRE")
    draw = np.random.default_rng(0)
    shown, info = one.reset(seed=3)
    assert np.array_equal(shown, judge.reset(seed=3)[0])
    assert np.array_equal(shown, many.reset(seed=3)[0][0])
    ends, begins = 0, fire is not False
    for _ in range(450):
        actions = draw.integers(one.action_space.n, size=2)
        lives = info["lives"]
        shown, paid, terminated, truncated, info = one.step(actions[0])
        wanted = judge.step(fire if begins else actions[0])
        seen, rewards, dones, cuts, infos = many.step(actions)
        assert np.array_equal(shown, wanted[0])
        assert (paid, terminated, truncated, info["lives"]) == (*wanted[1:4], wanted[4]["lives"])
        assert (rewards[0], dones[0], cuts[0]) == (paid, terminated, truncated)
        begins = fire is not False and info["lives"] < lives
        if terminated or truncated:
            ends += 1
            assert np.array_equal(infos["final_obs"][0], shown)
            shown, info = one.reset()
            judge.reset()
            begins = fire is not False
        assert np.array_equal(seen[0], shown)
        assert infos["lives"][0] == info["lives"]
    assert ends


def test_lives_clipping_and_fire_are_as_stable_baselines3_has_them(at_once):
    from stable_baselines3.common.atari_wrappers import AtariWrapper

    core = gymnasium.make("BreakoutNoFrameskip-v4")
    theirs = AtariWrapper(core, noop_max=0)
    pressed = []
    played = core.env.step

    def noted(action):
        pressed.append(int(action))
        return played(action)

    core.env.step = noted
    ref = ref_of("BreakoutNoFrameskip-v4")
    ours = ViewedVecEnv(NativeVecEnv(ref, 1), life_ends=True, clip_rewards=True)
    ours.venv.env = ours.venv.env.env  # it is told each button, so that none is pressed in the midst of theirs
    ours.seed(0)
    ours.reset()
    theirs.reset(seed=0)
    draw, ends, paid = np.random.default_rng(1), 0, 0.0

    def follow():
        """Presses what they have pressed, four frames a button; returns what came of the last one."""
        buttons = pressed[::4]
        pressed.clear()
        for button in buttons:
            told = ours.step(np.array([button]))
        return buttons, told

    buttons, _ = follow()
    assert buttons == [1, 2]
    for _ in range(600):
        _, reward, terminated, _, _ = theirs.step(int(draw.integers(4)))
        _, (_, rewards, dones, _) = follow()
        assert (rewards[0], dones[0]) == (reward, terminated)
        paid += reward
        if terminated:
            ends += 1
            theirs.reset()
            buttons, _ = follow()
            assert 1 in buttons[:2]  # the first button of a life is FIRE, theirs after an idle one
    assert ends > 5
    assert paid > 3


def test_fire_is_pressed_first_in_each_life_and_else_what_was_chosen():
    pressed, env = [], ref_of("ALE/Breakout-v5").make()
    core = env.unwrapped
    played = core.step
    core.step = lambda action: pressed.append(int(action)) or played(action)
    _, info = env.reset(seed=0)
    begins, ends, core_begins = True, 0, len(pressed)
    assert set(pressed) <= {0}  # the idle frames
    while ends < 2:
        pressed.clear()
        lives = info["lives"]
        *_, terminated, truncated, info = env.step(3)
        assert set(pressed) == {1 if begins else 3}
        begins = info["lives"] < lives
        if terminated or truncated:
            ends, begins = ends + 1, True
            _, info = env.reset()
    assert core_begins <= 30


def test_ids_keep_their_own_stickiness_and_no_frame_is_skipped_twice():
    for game, sticky in (("ALE/Pong-v5", 0.25), ("PongNoFrameskip-v4", 0.0)):
        core = EnvRef(f"{game} with atari").make().unwrapped
        assert core._frameskip == 1
        assert core.ale.getFloat("repeat_action_probability") == sticky
    env = EnvRef("ALE/Pong-v5 with atari", STILL).make()
    _, first = env.reset(seed=0)
    *_, second = env.step(0)
    assert second["frame_number"] - first["frame_number"] == 4


@pytest.mark.parametrize(
    ("name", "kwargs", "said"),
    [
        ("Breakout-v0", {}, "atari lets an action last 4 frames, and Breakout-v0 skips (2, 5) by itself"),
        ("ALE/Breakout-v5", {"frameskip": 2}, "ALE/Breakout-v5 skips 2 by itself"),
        ("CartPole-v1", {}, "atari takes a game of ale-py, such as ALE/Breakout-v5"),
        ("ALE/Breakout-v5", {"obs_type": "ram"}, "atari takes pictures, and the observation is Box(0, 255, (128,)"),
    ],
)
def test_what_it_cannot_take_is_refused(name, kwargs, said):
    with pytest.raises(UsageError) as refused:
        EnvRef(f"{name} with atari", kwargs).make()
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("name", "kwargs", "said"),
    [
        ("ALE/Breakout-v5 with atari", {}, ""),
        ("PongNoFrameskip-v4 with atari", {}, ""),
        ("Breakout-v0 with atari", {}, "Breakout-v0 is none"),
        ("CartPole-v1 with atari", {}, "CartPole-v1 is none"),
        ("ALE/Breakout-v5 with atari", {"frameskip": 2}, "leave frameskip out"),
        ("ALE/Breakout-v5 with atari", {"mode": 4}, "ale-py's batch takes no mode"),
        ("ALE/Breakout-v5 with atari stack=2", {}, "in wrappers, which take single environments"),
    ],
)
def test_which_games_have_a_batch(name, kwargs, said):
    why = without_batch(EnvRef(name, kwargs))
    assert said in why
    assert bool(said) == bool(why)


@pytest.mark.parametrize("game", ["ALE/Breakout-v5", "ALE/Freeway-v5"])
@pytest.mark.parametrize("seed", [7, 2**32 - 1, [5, 2**31]])
def test_any_seed_begins_the_same_games_again(game, seed):
    games = batch(EnvRef(f"{game} with atari"), 2)
    draw = np.random.default_rng(0)
    actions = draw.integers(3, size=(60, 2))

    def played():
        begun = games.reset(seed=seed)[0]
        return [begun, *(games.step(one)[0] for one in actions)]

    assert all(np.array_equal(one, other) for one, other in zip(played(), played(), strict=True))


def test_some_of_the_games_are_begun_again_and_the_others_go_on():
    games, twins = (batch(ref_of("ALE/Breakout-v5"), 2) for _ in range(2))
    for one in (games, twins):
        one.reset(seed=3)
        for _ in range(5):
            one.step(np.array([2, 3]))
    mask = np.array([True, False])
    games.reset(options={"reset_mask": mask}, seed=8)
    fresh = batch(ref_of("ALE/Breakout-v5"), 1)
    fresh.reset(seed=8)
    for _ in range(5):
        rows = games.step(np.array([0, 3]))[0]
        assert np.array_equal(rows[1], twins.step(np.array([2, 3]))[0][1])
        assert np.array_equal(rows[0], fresh.step(np.array([0]))[0][0])  # FIRE came first


def test_every_game_has_the_preset_and_numbers_have_none():
    for game in ("ALE/Pong-v5", "QbertNoFrameskip-v4"):
        found = configuration(game, "ppo")
        assert found["env"] == f"{game} with atari"
        assert (found["views"], found["batch"], found["n_envs"]) == (["life-ends", "clip-rewards"], True, 8)
    found = configuration("ALE/Pong-v5", "ppo", env_kwargs={"obs_type": "ram"})
    assert (found["env"], found["views"], found["n_envs"]) == ("ALE/Pong-v5", [], 1)


def test_it_is_trained_and_the_scores_are_whole_games():
    run = solve(
        "ALE/Breakout-v5", "ppo", steps=512, n_envs=4, n_steps=64, batch_size=128, n_epochs=1, eval_every=0,
        eval_episodes=1, env_kwargs={"max_num_frames_per_episode": 400}, run_dir="run",
    )  # fmt: skip
    lengths = [row[4] for row in run.notebook.episodes]
    assert len(lengths) == 4  # whole games, not lives
    assert all(90 < length <= 100 for length in lengths)
    assert Path("run/policy.npz").is_file()
    assert solve(
        "ALE/Pong-v5", "ppo", steps=256, n_steps=128, batch_size=64, n_epochs=1, eval_every=0, eval_episodes=1,
        env_kwargs={"obs_type": "ram", "max_num_frames_per_episode": 400},
    ).steps == 256  # fmt: skip
