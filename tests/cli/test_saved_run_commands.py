"""envkit eval, plot and record: what is done with the run of `envkit solve`."""

import csv
import json
import sys
from pathlib import Path

import pytest

from envkit.cli.main import run


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "lake"
    args = ["--algo", "qlearning", "--episodes", "300", "--trace", "0,1", "--no-plots", "--run-dir", str(folder)]
    assert run(["solve", "FrozenLake-v1", *args, "--env-kwargs", "is_slippery=false"]) == 0
    return folder


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_eval_says_what_a_policy_is_worth(lake, capsys):
    assert run(["eval", str(lake), "--episodes", "20", "--csv", "episodes.csv"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert f"FrozenLake-v1 {lake} (qlearning) seed 0" in text
    assert "mean return 1 ± 0 mean and deviation of 20 episodes; 95 % interval 1 to 1" in text
    assert "exact optimum 1 over all policies" in text
    assert "solved yes the environment calls it so from a return of 0.7" in text
    assert len(Path("episodes.csv").read_text().splitlines()) == 21


def test_eval_prints_json_too(lake, capsys):
    assert run(["eval", str(lake), "--format", "json", "--env", "FrozenLake-v1"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["schema"], record["episodes"], record["optimal_return"]) == (
        1,
        100,
        pytest.approx(0.74419, abs=1e-5),
    )


def test_plot_names_the_files_it_has_written(lake, capsys):
    pytest.importorskip("matplotlib")
    assert run(["plot", str(lake), "--out", ".", "--kind", "svg"]) == 0
    assert capsys.readouterr().out.splitlines() == ["curve.svg", "trace.svg", "grid.svg"]
    assert run(["plot", str(lake), "--animate", "--output", "film.gif"]) == 0
    assert capsys.readouterr().out == "film.gif\n"
    assert Path("film.gif").read_bytes().startswith(b"GIF89a")


def test_record_says_what_was_played(lake, capsys):
    pytest.importorskip("PIL")
    assert run(["record", str(lake), "--output", "lake.gif", "--fps", "10"]) == 0
    assert capsys.readouterr().out == "lake.gif: 12 frames, 10 a second, the last of an episode held; return 1\n"
    assert Path("lake.gif").is_file()


def test_record_plays_any_environment_at_random_and_keeps_the_episodes(capsys):
    pytest.importorskip("PIL")
    assert (
        run(["record", "CartPole-v1", "--max-steps", "5", "--episodes", "2", "--seed", "3", "--episode", "c.json"]) == 0
    )
    out = capsys.readouterr().out.splitlines()
    assert (
        out[0]
        == "CartPole-v1.gif: 62 frames, 50 a second, the last of an episode held; return 5, 5; cut off after 5 steps: 2"
    )
    assert out[1] == "c.json: 2 episodes, 10 steps; `envkit replay c.json` plays it again"
    assert json.loads(Path("c.json").read_text())["episodes"][1]["player"] == "random"
    assert run(["replay", "c.json"]) == 0
    assert capsys.readouterr().out == "c.json: the same, 10 steps of 2 episodes\n"


def test_record_plays_the_policy_of_a_run_on_an_environment(lake, capsys):
    pytest.importorskip("PIL")
    args = ["--policy", str(lake), "--env-kwargs", "is_slippery=false", "--episode", "l.json", "--output", "l.gif"]
    assert run(["record", "FrozenLake-v1", *args]) == 0
    assert capsys.readouterr().out.startswith("l.gif: 9 frames, 4 a second, the last of an episode held; return 1\n")
    assert json.loads(Path("l.json").read_text())["env_kwargs"] == {"is_slippery": False}
    assert run(["replay", "l.json"]) == 0


def test_a_film_in_which_nothing_is_to_be_seen_is_said_to_be_so(capsys):
    pytest.importorskip("PIL")
    Path("dark.py").write_text(
        "import gymnasium, numpy\n\n"
        "class Dark(gymnasium.Env):\n"
        '    metadata = {"render_modes": ["rgb_array"]}\n'
        "    action_space = observation_space = gymnasium.spaces.Discrete(2)\n"
        "    def __init__(self, render_mode=None):\n        self.render_mode = render_mode\n"
        "    def reset(self, *, seed=None, options=None):\n        return 0, {}\n"
        "    def step(self, action):\n        return 0, 1.0, True, False, {}\n"
        "    def render(self):\n        return numpy.full((9, 9, 3), 7, 'uint8')\n"
    )
    assert run(["record", "dark.py:Dark"]) == 0
    printed = capsys.readouterr()
    assert printed.err == "envkit: warning: Dark.gif shows nothing: all frames are of one and the same colour\n"
    assert printed.out.startswith("Dark.gif: ")


def test_a_missing_encoder_is_told_before_anything_is_played(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    monkeypatch.setattr("gymnasium.envs.classic_control.CartPoleEnv.step", lambda self, action: 1 / 0)
    assert run(["record", "CartPole-v1", "--output", "a.mp4"]) == 2
    assert "an MP4 needs imageio_ffmpeg: pip install" in capsys.readouterr().err


def test_play_keeps_what_it_shows(lake, capsys, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    assert run(["play", "--policy", str(lake), "--text", "--record", "l.json", "--max-steps", "3"]) == 0
    out = capsys.readouterr().out
    assert "episode 0: return 0 after 3 steps, cut off\n" in out
    assert json.loads(Path("l.json").read_text())["episodes"][0]["player"] == f"policy {lake}"


def test_play_shows_it_as_text(lake, capsys, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    assert run(["play", "--policy", str(lake), "--text"]) == 0
    out = capsys.readouterr().out
    assert out.count("SFFF") + out.count("FFF") >= 6
    assert out.endswith("episode 0: return 1 after 6 steps, terminated\n")


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["eval", "nowhere"], 2, "`envkit list` shows all; nor is it the directory of a run"),
        (["plot", "nowhere"], 2, "nowhere is not the directory of a run"),
        (["record", "nowhere"], 2, "`envkit list` shows all; nor is it the directory of a run"),
        (["record", "."], 2, ". is not the directory of a run: it has no config.json"),
        (["record", "LAKE", "--policy", "random"], 2, "--policy is for an environment, and"),
        (["record", "LAKE", "--env-kwargs", "a=1"], 2, "--env-kwargs is for an environment, and"),
        (["record", "LAKE", "--env", "Taxi-v4"], 4, "does not fit: it should hold one of 6 actions"),
        (
            ["record", "gridworld", "--env", "Taxi-v4"],
            2,
            "gridworld is the environment, so --env Taxi-v4 has no meaning",
        ),
        (
            ["watch", "gridworld", "--env", "Taxi-v4"],
            2,
            "gridworld is the environment, so --env Taxi-v4 has no meaning",
        ),
        (["watch", "LAKE", "--wrap", "max-steps=3"], 2, "--wrap is for an environment, and"),
        (["record", "FrozenLake-v1", "--policy", "nowhere"], 2, "nowhere is not the directory of a run"),
        (["record", "Taxi-v4", "--policy", "LAKE"], 4, "does not fit: it should hold one of 6 actions"),
        (
            ["record", "gridworld", "--episode", "game.gif"],
            2,
            "game.gif ends with '.gif'; episodes are kept in a .json",
        ),
        (["record", "gridworld", "--episode", "no/a.json"], 2, "no/a.json cannot be written: there is no folder no"),
        (
            ["eval", "LAKE", "--env", "Taxi-v4"],
            4,
            "does not fit: it should hold one of 6 actions for each of 500 states",
        ),
        (["eval", "LAKE", "--env-kwargs", "a=1"], 2, "takes no argument 'a'"),
        (["record", "LAKE", "--output", "lake"], 2, "lake has no ending; a recording is a .gif or an .mp4"),
        (["eval", "LAKE", "--csv", "absent/e.csv"], 5, "cannot write absent/e.csv"),
        (
            ["plot", "LAKE", "--output", "a.gif"],
            2,
            "a.gif ends with '.gif'; a picture is a .png, a .svg, a .pdf, and --animate makes a film",
        ),
        (["plot", "LAKE", "--animate", "--out", "."], 2, "--animate writes one film"),
        (["record", "LAKE", "--output", "a.txt"], 2, "a.txt ends with '.txt'; a recording is a .gif or an .mp4"),
        (["play", "--policy", "nowhere"], 2, "nowhere is not the directory of a run"),
        (["play", "--policy", "LAKE", "--env-kwargs", "a=1"], 2, "--env-kwargs are for the environment that is named"),
        (["play", "envkit.check.lamp:Lamp", "--policy", "LAKE"], 4, "the environment offers none"),
        (["solve", "FrozenLake-v1", "--trace", "99"], 2, "'99' names the state '99', and states are numbered 0 to 15"),
        (["solve", "FrozenLake-v1", "--tries", "9"], 2, "--tries 9 is of --explore"),
        (["solve", "gridworld", "--watch", "--seeds", "2"], 2, "--watch shows one run"),
        (["solve", "envkit.check.lamp:Lamp", "--watch"], 2, "cannot be watched: it has no render mode 'human'"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(lake, capsys, args, code, message):
    assert run([str(lake) if arg == "LAKE" else arg for arg in args]) == code
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
    assert "Traceback" not in err


def test_a_planner_without_a_grid_has_nothing_to_draw(capsys):
    pytest.importorskip("matplotlib")
    assert run(["solve", "shower", "--algo", "value-iteration", "--run-dir", "run", "--eval-episodes", "1"]) == 0
    assert run(["plot", "run"]) == 2
    assert "run has nothing to draw: it planned, watched no value" in capsys.readouterr().err


def test_pictures_are_drawn_at_the_end_of_a_run(capsys):
    pytest.importorskip("matplotlib")
    assert run(["solve", "gridworld", "--algo", "qlearning", "--episodes", "50", "--run-dir", "run"]) == 0
    assert {"curve.png", "curve.svg", "grid.png", "grid.svg"} <= {path.name for path in Path("run").iterdir()}


def test_eval_writes_returns_lengths_and_metrics_for_tensorboard(tmp_path):
    accumulators = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator", reason="tensorboard is not installed"
    )
    args = ["--algo", "value-iteration", "--no-plots", "--run-dir", "tap", "--quiet"]
    assert run(["solve", "shower", *args]) == 0
    assert run(["eval", "tap", "--episodes", "5", "--tensorboard", "events", "--csv", "episodes.csv"]) == 0
    events = accumulators.EventAccumulator("events")
    events.Reload()
    parts = ("last", "mean", "min", "max")
    tags = ["eval/length", "eval/return", *(f"metrics/temperature/{part}" for part in parts)]
    assert sorted(events.Tags()["scalars"]) == sorted(tags)
    with Path("episodes.csv").open() as file:
        rows = list(csv.DictReader(file))
    for tag, column in (("eval/return", "return"), ("metrics/temperature/mean", "temperature_mean")):
        points = events.Scalars(tag)
        assert [point.step for point in points] == [0, 1, 2, 3, 4]
        assert [point.value for point in points] == pytest.approx([float(row[column]) for row in rows])


def test_an_event_file_that_cannot_be_written_is_one_line(lake, capsys):
    pytest.importorskip("tensorboard", reason="tensorboard is not installed")
    Path("taken").write_text("a file")
    assert run(["eval", str(lake), "--episodes", "2", "--tensorboard", "taken"]) == 5
    assert capsys.readouterr().err.startswith("envkit: cannot write taken: File exists")
