"""envkit replay on episodes: the same, or where not; shown, filmed, and refused where the file is damaged."""

import json
from pathlib import Path

import numpy as np
import pytest

from envkit.cli.main import run
from envkit.core import catalogue
from envkit.core.policy import RandomPolicy
from envkit.core.ref import EnvRef
from envkit.runs.transcripts import load, save
from envkit.workflows.episodes import episode
from envkit.workflows.replay import replay
from envkit.workflows.scribe import Scribe


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def played(id, *, seeds=(3, None), cap=40, **kwargs):
    """A transcript of random play."""
    ref = EnvRef.of(id, **kwargs)
    env = ref.make()
    scribe, rng = Scribe(env, id, "random"), np.random.default_rng(1)
    for seed in seeds:
        for _ in episode(RandomPolicy(env.action_space), scribe, rng, seed=seed, cap=cap):
            pass
    env.close()
    return scribe.transcript(ref)


@pytest.fixture
def game():
    save(Path("game.json"), played("gridworld", seeds=(0,), cap=5))
    return json.loads(Path("game.json").read_text())


def changed(data, change):
    change(data)
    Path("game.json").write_text(json.dumps(data))


GYMNASIUM = [
    "CartPole-v1",
    "FrozenLake-v1",
    "Taxi-v4",
    "Blackjack-v1",
    "MountainCarContinuous-v0",
    "Acrobot-v1",
    "Pendulum-v1",
]


@pytest.mark.parametrize("id", [*catalogue.bundled_ids(), *GYMNASIUM])
def test_every_episode_comes_out_bit_for_bit_from_its_file(id):
    transcript = played(id)
    save(Path("episodes.json"), transcript)
    again = replay(load(Path("episodes.json")))
    assert again.same, str(again)
    assert (again.steps, again.episodes, again.unknown) == (transcript.steps, 2, 0)
    assert transcript.steps >= 2


def test_it_says_so(game, capsys):
    assert run(["replay", "game.json"]) == 0
    assert capsys.readouterr().out == "game.json: the same, 5 steps\n"


def test_arguments_come_back_too(capsys):
    save(Path("g.json"), played("gridworld", rows=3, columns=4, teleporters={1: 6}, slip=0.5))
    assert run(["replay", "g.json"]) == 0
    assert load(Path("g.json")).ref.kwargs == {"rows": 3, "columns": 4, "teleporters": {1: 6}, "slip": 0.5}


def test_it_names_the_step_and_all_that_differs(game, capsys):
    def change(data):
        step = data["episodes"][0]["steps"][3]
        step["observation"] += 1
        step["reward"], step["terminated"] = -0.5, True
        data["versions"]["numpy"] = "1.0"

    changed(game, change)
    assert run(["replay", "game.json"]) == 1
    told = capsys.readouterr().out.splitlines()
    action = game["episodes"][0]["steps"][3]["action"]
    assert (
        told[0]
        == f"game.json: differs at step 4 of episode 0, action {action['value']}, after 3 steps that are the same"
    )
    assert told[1].startswith("  observation is ")
    assert told[2:4] == [
        "  reward is -0.5 in the file and -1 in the replay",
        "  terminated is True in the file and False in the replay",
    ]
    assert told[4] == f"  numpy was 1.0 then and is {np.__version__} now"


def test_a_reset_may_differ_and_so_may_another_environment(game, capsys):
    changed(game, lambda data: data["episodes"][0].update(observation=7))
    assert run(["replay", "game.json"]) == 1
    assert "differs at the reset of episode 0, after 0 steps that are the same" in capsys.readouterr().out
    save(Path("lake.json"), played("FrozenLake-v1", seeds=(0,), is_slippery=False))
    assert run(["replay", "lake.json", "--env", "FrozenLake-v1"]) == 1


def test_an_environment_that_fails_is_told_with_its_place(game, capsys):
    changed(game, lambda data: data["episodes"][0]["steps"][1].update(action=9))
    assert run(["replay", "game.json"]) == 3
    assert "step(9) of gridworld, episode 0, step 1, raised InvalidAction" in capsys.readouterr().err


def test_it_is_shown_as_text_and_as_a_film(game, capsys, monkeypatch):
    image = pytest.importorskip("PIL.Image")
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    assert run(["replay", "game.json", "--text"]) == 0
    out = capsys.readouterr().out
    assert out.count("@") == 6
    assert out.endswith("game.json: the same, 5 steps\n")
    assert run(["replay", "game.json", "--output", "game.gif"]) == 0
    assert capsys.readouterr().out == "game.gif: 10 frames, the last of an episode held\ngame.json: the same, 5 steps\n"
    transcript = load(Path("game.json"))
    env = transcript.ref.make(render_mode="rgb_array")
    env.reset(seed=transcript.episodes[0].seed)
    frames = [env.render()]
    for action in transcript.episodes[0].actions:
        env.step(action)
        frames.append(env.render())
    with image.open("game.gif") as film:
        shown = []
        for number in range(film.n_frames):
            film.seek(number)
            shown += [np.asarray(film.convert("RGB"))] * round(film.info["duration"] / 120)
    for frame, still in zip(frames, shown, strict=False):
        assert np.abs(still.astype(int) - frame).mean() < 2


@pytest.mark.parametrize(
    ("argv", "code", "message"),
    [
        (["absent.json"], 2, "cannot read absent.json: No such file or directory; write it with"),
        (["game.json", "--only", "EK101"], 2, "--only is for the findings of a report, and game.json holds episodes"),
        (["game.json", "--output", "a.gif", "--render"], 2, "--output makes a film; without it --render shows"),
        (["game.json", "--output", "a.avi"], 2, "a.avi ends with '.avi'"),
        (["game.json", "--env", "nowhere"], 2, "no environment is called 'nowhere'"),
        (["cut.json"], 4, "cut.json: it is no JSON; `envkit play ENV --record cut.json` writes episodes"),
        (["newer.json"], 4, "newer.json: the episodes have schema 9; this envkit reads 1"),
        (["rubbish.json"], 4, "rubbish.json is no JSON; `envkit check ENV --output report.json` writes a report"),
        (["other.json"], 4, "other.json: this is no report of envkit's: it says no schema"),
        (["other.json", "--render"], 2, "--render is for episodes, and other.json holds none"),
        (["evil.json"], 4, "Python's own modules hold no environments"),
    ],
)
def test_what_cannot_be_replayed_is_one_clear_line(game, capsys, argv, code, message):
    text = Path("game.json").read_text()
    Path("cut.json").write_text(text[: len(text) // 2])
    Path("newer.json").write_text(text.replace('"schema": 1', '"schema": 9'))
    Path("rubbish.json").write_bytes(b"\x80\x04\x95")
    Path("other.json").write_text("[1, 2]")
    Path("evil.json").write_text(text.replace('"gridworld"', '"os:abort"'))
    assert run(["replay", *argv]) == code
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
    assert "Traceback" not in err


def test_a_file_that_cannot_be_written_leaves_the_old_one(game):
    from envkit.core.errors import StorageFailed, UsageError

    before = Path("game.json").read_bytes()
    odd = load(Path("game.json"))
    object.__setattr__(odd.ref, "kwargs", {"layout": object()})
    with pytest.raises(
        UsageError, match="game.json cannot be written: of the episodes of gridworld, object has no JSON"
    ):
        save(Path("game.json"), odd)
    with pytest.raises(StorageFailed):
        save(Path("absent/game.json"), load(Path("game.json")))
    assert Path("game.json").read_bytes() == before
    assert [path.name for path in Path().iterdir()] == ["game.json"]
