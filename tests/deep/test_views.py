"""What a learner alone is shown: shorter episodes and smaller rewards, while all that is told is of whole games."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra deep")
pytest.importorskip("stable_baselines3", reason="needs the extra deep")

from stable_baselines3.common.vec_env import DummyVecEnv

from envkit.core.errors import ArtifactRefused, UsageError
from envkit.deep.monitored import Monitored
from envkit.deep.presets import preset
from envkit.deep.views import ViewedVecEnv
from envkit.runs.arrays import unpacked
from envkit.workflows.solve import configuration, resume, solve

BOTH = ("life-ends", "clip-rewards")
SHORT = {"n_steps": 16, "batch_size": 32, "n_epochs": 1, "learning_rate": 1e-3, "steps": 256, "n_envs": 2}
FEW = {"eval_episodes": 3, "eval_every": 0}


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(Path(__file__).parent)


def viewed(*makers, life_ends=True, clip_rewards=True):
    games = [lambda maker=maker: Monitored(maker(), "lives", 0) for maker in makers]
    return ViewedVecEnv(DummyVecEnv(games), life_ends=life_ends, clip_rewards=clip_rewards)


def played(vec, steps):
    """[(observations, rewards, ends, infos)] of so many steps."""
    vec.reset()
    return [vec.step(np.zeros(vec.num_envs, int)) for _ in range(steps)]


def test_a_life_lost_ends_an_episode_and_the_game_goes_on():
    from lives import Lives

    rows = played(viewed(Lives), 16)
    ends = [number + 1 for number, (_, _, dones, _) in enumerate(rows) if dones[0]]
    assert ends == [3, 5, 12, 14]  # of three lives, one won back; the last is lost with the game
    for end in (3, 5, 12):
        observations, _, _, (info,) = rows[end - 1]
        assert np.array_equal(info["terminal_observation"], observations[0])
        assert not info["TimeLimit.truncated"]
        assert "episode" not in info
    assert rows[13][0][0].tolist() == [0, 3]
    assert rows[13][3][0]["terminal_observation"].tolist() == [14, 0]


def test_the_learner_is_paid_signs_and_the_score_is_the_games():
    from lives import Lives

    rows = played(viewed(Lives), 14)
    assert [float(row[1][0]) for row in rows if row[1][0]] == [1, -1, 1]
    told = rows[13][3][0]["episode"]
    assert (told["r"], told["own"], told["l"]) == (1.0, 106.5, 14)


def test_one_without_the_other():
    from lives import Lives

    lives = played(viewed(Lives, clip_rewards=False), 14)
    assert [float(row[1][0]) for row in lives if row[1][0]] == [7, -0.5, 100]
    assert sum(row[2][0] for row in lives) == 4
    clipped = played(viewed(Lives, life_ends=False), 14)
    assert [number for number, row in enumerate(clipped) if row[2][0]] == [13]
    assert max(row[1][0] for row in clipped) == 1


def test_each_row_has_lives_of_its_own_and_a_cut_game_is_cut():
    from lives import Lives

    rows = played(viewed(Lives, lambda: Lives(cut=4)), 8)
    assert [row[2].tolist() for row in rows] == [
        [False, False], [False, False], [True, True], [False, True], [True, False], [False, False], [False, True],
        [False, True],
    ]  # fmt: skip
    assert rows[3][3][1]["TimeLimit.truncated"]
    assert rows[3][3][1]["episode"]["own"] == 6.5


def alike(one, other):
    ours, theirs = (unpacked(Path(run) / "policy.npz") for run in (one, other))
    return all(np.array_equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_training_goes_on_bit_for_bit_in_the_midst_of_a_game(processes):
    given = SHORT | FEW | {"views": BOTH, "processes": processes}
    whole = solve("lives:Lives", "ppo", run_dir="whole", **given | {"steps": 512})
    solve("lives:Lives", "ppo", run_dir="run", **given)
    on = resume("run", steps=256)
    assert "gone on with: exact" in on.notes
    assert alike("whole", "run")
    assert Path("whole/episodes.csv").read_text() == Path("run/episodes.csv").read_text()
    assert whole.evaluation.mean == 106.5
    assert {row[2] for row in whole.notebook.episodes} == {106.5}
    assert {row[3] for row in whole.notebook.episodes} == {1.0}


def test_the_views_change_what_is_learnt_from():
    solve("lives:Lives", "ppo", run_dir="with", views=BOTH, **SHORT | FEW)
    solve("lives:Lives", "ppo", run_dir="without", **SHORT | FEW)
    assert not alike("with", "without")
    assert Path("with/config.json").read_text().count("life-ends") == 1


def test_it_is_refused_where_there_are_no_lives_and_nothing_is_left_behind():
    with pytest.raises(UsageError, match="life-ends takes an info with 'lives', and after reset it is {}"):
        solve("lives:Deathless", "ppo", run_dir="run", views=BOTH, **SHORT | FEW)
    assert not Path("run").exists()


def test_a_preset_may_have_wrappers_and_views_and_what_is_given_counts_before_it():
    Path("own.toml").write_text('[ppo."CartPole-v1"]\nsteps = 64\nwrap = ["hide=1,3"]\nviews = ["clip-rewards"]\n')
    found = configuration("CartPole-v1", "ppo", preset="own.toml")
    assert (found["env"], found["views"]) == ("CartPole-v1 with hide=1,3", ["clip-rewards"])
    found = configuration("CartPole-v1 with stack=2", "ppo", preset="own.toml", views=())
    assert (found["env"], found["views"]) == ("CartPole-v1 with stack=2", [])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('views = ["lives"]', "views is ['lives'], not a list of life-ends and clip-rewards"),
        ("wrap = [4]", "wrap is [4], not a list of wrappers"),
        ('wrap = "atari"', "wrap is 'atari', not a list of wrappers"),
    ],
)
def test_a_preset_that_says_something_else_is_refused(line, said):
    Path("own.toml").write_text(f'[ppo."CartPole-v1"]\n{line}\n')
    with pytest.raises(ArtifactRefused) as refused:
        preset("ppo", ["CartPole-v1"], "own.toml")
    assert said in str(refused.value)
