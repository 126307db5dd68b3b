"""A run is drawn from its directory alone, and the pictures show what is in there."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from envkit.cli.main import run as command_line
from envkit.core import statistics
from envkit.core.errors import ArtifactRefused, MissingExtra, UsageError
from envkit.tabular.grid import Grid
from envkit.workflows import figures
from envkit.workflows.plot import animate, drawable_of, plot
from envkit.workflows.plotting.curves import Look, pictures
from envkit.workflows.plotting.stories import grouped, story_of
from envkit.workflows.solve import solve

pytest.importorskip("matplotlib")
from PIL import Image

from envkit.workflows.grid_picture import GridPicture


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "grid"
    solve("gridworld", "qlearning", episodes=400, eval_episodes=5, trace=("0,1", "80"), run_dir=folder)
    return folder


def test_a_run_is_drawn_into_its_directory(run, tmp_path):
    files = plot(run)
    assert [path.name for path in files] == [
        f"{name}.{kind}" for name in ("curve", "trace", "grid") for kind in ("png", "svg")
    ]
    assert all(path.parent == run for path in files)
    for path in files[::2]:
        with Image.open(path) as picture:
            assert min(picture.size) > 400
            assert len(picture.convert("RGB").getcolors(10**6)) > 50
    (only,) = [path for path in plot(run, out=tmp_path, kinds=["pdf"], dpi=50) if path.stem == "curve"]
    assert only.read_bytes().startswith(b"%PDF")


def test_pictures_say_what_they_are_about(run):
    texts = {path.stem: path.read_text() for path in plot(run, kinds=["svg"])}
    assert "gridworld, qlearning, seed 0" in texts["curve"]
    assert "exact optimum -11" in texts["curve"]
    assert "value error" in texts["curve"]
    assert "planning: value iteration" in texts["trace"]
    assert "q[0,1]" in texts["trace"]
    assert texts["grid"].count("→") > 20
    assert "visits" in texts["grid"]


def test_the_same_run_gives_the_same_picture(run):
    first, second = ([path.read_bytes() for path in plot(run, kinds=["svg"])] for _ in range(2))
    assert first == second


def curves(*runs, **look):
    """The figure of the curves of some runs."""
    return dict(pictures(grouped([story_of(Path(run)) for run in runs]), Look(**look)))["curve"]


def lines(panel):
    return {line.get_label(): line for line in panel.get_lines()}


def test_the_curve_shows_the_numbers_of_the_table(run):
    curve = drawable_of(run).curve
    panels = {panel.get_ylabel(): panel for panel in curves(run).axes}
    assert list(panels) == ["return", "length", "epsilon", "value error"]
    raw = panels["return"].get_lines()[0]
    assert raw.get_ydata().tolist() == curve["mean_return"].tolist()
    assert raw.get_xdata().tolist() == curve["episodes"].tolist()
    assert lines(panels["return"])["exact optimum -11"].get_ydata() == [-11, -11]
    assert panels["epsilon"].get_lines()[0].get_ydata().tolist() == curve["epsilon"].tolist()
    assert panels["value error"].get_lines()[0].get_ydata().tolist() == curve["value_error"].tolist()
    lengths = curves(run, window=1).axes[1].get_lines()[0].get_ydata()
    assert (lengths * np.diff(curve["episodes"], prepend=0)).cumsum() == pytest.approx(curve["steps"])


def test_without_a_model_there_is_neither_optimum_nor_value_error(tmp_path):
    path = solve("Blackjack-v1", "qlearning", episodes=200, eval_episodes=1, run_dir=tmp_path / "run").run_dir
    drawn = curves(path)
    assert [panel.get_ylabel() for panel in drawn.axes] == ["return", "length", "epsilon"]
    assert len(drawn.axes[0].get_lines()) == 2


def test_it_is_drawn_by_steps_with_an_average_of_ones_own(run):
    curve = drawable_of(run).curve
    top = curves(run, by="steps", window=12).axes[0]
    raw, average = top.get_lines()[:2]
    assert raw.get_xdata().tolist() == curve["steps"].tolist()
    assert average.get_label() == "average of 12 episodes, exploring included"
    assert average.get_ydata()[-1] == pytest.approx(curve["mean_return"][-3:].mean())


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """The directories of two experiments, of three seeds each, which differ in their step size."""
    folder = tmp_path_factory.mktemp("many")
    for size in (0.1, 0.5):
        for seed in range(3):
            path = folder / f"size-{size}" / f"seed-{seed}"
            solve("FrozenLake-v1", "qlearning", seed=seed, step_size=size, episodes=300, eval_episodes=1, run_dir=path)
        (folder / f"size-{size}" / "seeds.json").write_text("{}")
    return [folder / "size-0.1", folder / "size-0.5"]


def test_runs_that_differ_in_their_seed_alone_are_one_line_with_its_interval(many):
    runs = sorted(many[0].glob("seed-*"))
    top = curves(*runs, window=3).axes[0]
    rows = np.array([drawable_of(run).curve["mean_return"] for run in runs])
    drawn = lines(top)["qlearning, 3 seeds"]
    assert drawn.get_ydata() == pytest.approx(rows.mean(axis=0))
    (band, _) = top.collections
    edges = band.get_paths()[0].vertices[:, 1]
    assert edges.max() <= rows.max()
    assert edges.min() >= rows.min()
    for row, (low, high) in zip(
        rows.T, zip(*statistics.band(rows, np.random.default_rng(0)), strict=True), strict=True
    ):
        assert row.min() <= low <= row.mean() <= high <= row.max()


def test_experiments_are_laid_on_top_of_one_another_and_named_by_what_differs(many, tmp_path):
    (file,) = plot(many, output=tmp_path / "both.svg")
    text = file.read_text()
    for said in ("step_size=0.1, 3 seeds", "step_size=0.5, 3 seeds", "95 % interval of the mean", "exact optimum"):
        assert said in text
    assert "FrozenLake-v1" in text
    plot([*many[0].glob("seed-0"), many[1]], output=tmp_path / "few.svg")
    assert ">step_size=0.1<" in (tmp_path / "few.svg").read_text()


def test_a_directory_of_seeds_is_drawn_into_itself(many):
    assert [path.name for path in plot(many[0], kinds=["png"])] == ["curve.png"]
    assert (many[0] / "curve.png").is_file()


def test_a_picture_has_the_size_that_was_asked_for(run, tmp_path):
    (path,) = plot(run, size=(6, 4.5), dpi=100, output=tmp_path / "curve.png")
    with Image.open(path) as picture:
        assert picture.size == (600, 450)


def test_experiments_of_other_lengths_end_where_each_ends(tmp_path):
    for name, episodes in (("short", 100), ("long", 400)):
        solve("FrozenLake-v1", "sarsa", episodes=episodes, eval_episodes=1, run_dir=tmp_path / name)
    top = curves(tmp_path / "short", tmp_path / "long").axes[0]
    ends = {label: line.get_xdata()[-1] for label, line in lines(top).items()}
    assert (ends["episodes=100"], ends["episodes=400"]) == (100, 400)


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["RUN", "--size", "8"], "--size takes WxH in inches, from 2x2 to 40x40, such as 8x5, not '8'"),
        (["RUN", "--size", "800x600"], "from 2x2 to 40x40"),
        (["RUN", "--output", "a.jpg"], "a.jpg ends with '.jpg'; a picture is a .png, a .svg, a .pdf"),
        (["RUN", "--output", "a.png", "--out", "."], "--output a.png names one picture"),
        (["RUN", "RUN", "--animate"], "--animate writes one film of one run"),
        (["nowhere"], "nowhere is not the directory of a run"),
        (["RUN", "nowhere"], "nowhere is not the directory of a run"),
    ],
)
def test_what_was_typed_wrongly_is_one_clear_line(argv, message, run, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert command_line(["plot", *[str(run) if word == "RUN" else word for word in argv]]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1


def test_planning_stands_beside_learning_with_the_exact_values_dashed(run):
    drawable = drawable_of(run)
    exact = {name: told["exact"] for name, told in drawable.result["watched"].items()}
    planning, learning = figures.trace_figure(drawable.curve, drawable.planned, exact, drawable.watched, "title").axes
    assert lines(planning)["q[0,1]"].get_ydata()[-1] == pytest.approx(exact["q[0,1]"], abs=1e-3)
    assert lines(learning)["q[0,1]"].get_xdata().tolist() == drawable.curve["steps"].tolist()
    dashed = [line.get_ydata()[0] for line in learning.get_lines() if line.get_linestyle() == "--"]
    assert dashed == list(exact.values())


def test_a_planner_has_planning_alone(tmp_path):
    folder = tmp_path / "planned"
    solved = solve("gridworld", "value-iteration", trace=("0,1",), run_dir=folder, eval_episodes=1)
    assert solved.to_json()["watched"]["q[0,1]"] == {"found": -13, "exact": -13}
    assert [path.name for path in plot(folder, kinds=["png"])] == ["trace.png", "grid.png"]


def test_a_run_without_a_grid_or_a_curve_has_nothing_to_draw(tmp_path):
    solve("shower", "value-iteration", run_dir=tmp_path / "run", eval_episodes=1)
    assert plot(tmp_path / "run") == []


def test_the_average_is_drawn_from_where_half_of_its_window_is_full(run):
    average = curves(run, window=32).axes[0].get_lines()[1]
    table = drawable_of(run).curve
    points = 32 // int(table["episodes"][0])
    assert average.get_xdata()[0] == table["episodes"][points // 2]
    assert average.get_ydata()[0] == pytest.approx(table["mean_return"][: points // 2 + 1].mean())


def test_the_axis_is_logarithmic_where_one_run_is_far_longer_than_another(tmp_path):
    for episodes in (100, 1000, 5000):
        solve("FrozenLake-v1", "qlearning", episodes=episodes, eval_episodes=1, run_dir=tmp_path / str(episodes))
    far = curves(tmp_path / "100", tmp_path / "5000")
    assert far.axes[-1].get_xscale() == "log"
    assert far.axes[-1].get_xlabel() == "episodes, on a logarithmic scale"
    assert curves(tmp_path / "1000", tmp_path / "5000").axes[-1].get_xscale() == "linear"


def test_running_means_have_fewer_values_at_the_beginning():
    assert figures.running_mean(np.array([1.0, 3.0, 5.0, 7.0]), 2).tolist() == [1, 2, 4, 6]


GRID = Grid((2, 2), ("↑", "→", "↓", "←"), (".", "#", "b", "B"))


def test_each_cell_shows_its_arrow_or_its_letter():
    picture = GridPicture(GRID, np.array([True, True, False, True]), limits=(0.0, 1.0), visits=(1, 100))
    figure = picture.show(np.array([0.1, 0.5, 0.0, 0.9]), np.array([1, 1, 1, 2]), np.array([5, 0, 0, 100]), "title")
    panel, visited = figure.axes[:2]
    words = {tuple(map(int, text.get_position())): text.get_text() for text in panel.texts}
    assert words == {(0, 0): "→", (1, 0): "", (0, 1): "b", (1, 1): "↓B"}
    colours = {text.get_text(): text.get_color() for text in panel.texts}
    assert (colours["→"], colours["↓B"], colours["b"]) == ("white", "black", "black")
    assert panel.images[0].get_array().mask.tolist() == [[False, True], [True, False]]
    assert visited.images[0].get_array().mask.tolist() == [[False, True], [True, False]]


def test_an_animation_shows_how_the_values_came_about(run, tmp_path):
    path = animate(run, out=tmp_path / "film.gif")
    frames = drawable_of(run)
    assert frames.grid is not None
    with Image.open(path) as film, np.load(run / "frames.npz") as stored:
        assert film.n_frames > 20
        shown = sum(film.seek(number) or film.info["duration"] for number in range(film.n_frames))
        assert shown == pytest.approx((len(stored["episodes"]) + 16) * 1000 / 8, rel=0.05)
        film.seek(0)
        first = np.asarray(film.convert("RGB"), int)
        film.seek(film.n_frames - 1)
        last = np.asarray(film.convert("RGB"), int)
    assert (np.abs(first - last).max(axis=2) > 30).mean() > 0.2


def test_only_learning_on_a_grid_can_be_animated(tmp_path):
    solve("gridworld", "value-iteration", run_dir=tmp_path / "planned", eval_episodes=1)
    with pytest.raises(UsageError, match="planned cannot be animated: it has not learnt"):
        animate(tmp_path / "planned")
    solve("Taxi-v4", "qlearning", episodes=20, run_dir=tmp_path / "cab", eval_episodes=1)
    with pytest.raises(UsageError, match="cab cannot be animated: its states are not the cells of a grid, one each"):
        animate(tmp_path / "cab")


def test_what_cannot_be_drawn_is_refused(run, tmp_path, monkeypatch):
    with pytest.raises(UsageError, match="nowhere is not the directory of a run"):
        plot("nowhere")
    with pytest.raises(UsageError, match="there is no folder"):
        plot(run, out=tmp_path / "absent")
    with pytest.raises(UsageError, match=r"film.avi ends with '.avi'; a recording is a .gif or an .mp4"):
        animate(run, out=tmp_path / "film.avi")
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in run.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    (copy / "curve.csv").write_text("steps,episodes\n1,x\n")
    with pytest.raises(ArtifactRefused, match=r"curve.csv is damaged: ValueError"):
        plot(copy)
    (copy / "result.json").unlink()
    with pytest.raises(UsageError, match=r"copy has no result.json: nothing was kept to go on with; start it anew"):
        plot(copy)

    def missing(package, *, extra, purpose):
        raise MissingExtra(f"{purpose} needs {package}")

    monkeypatch.setattr(figures, "need", missing)
    with pytest.raises(MissingExtra, match="drawing plots needs matplotlib"):
        plot(run)


def test_the_record_of_watched_values_is_plain_json(run):
    record = json.loads((run / "result.json").read_text())
    assert set(record["watched"]) == {"q[0,1]", "v[80]"}
    assert re.fullmatch(r"sweeps,\"q\[0,1\]\",v\[80\]", (run / "planning.csv").read_text().splitlines()[0])
    assert Path(run / "planning.jsonl").read_text().startswith('{"sweeps": 0, "q[0,1]": 0, "v[80]": 0}')


def test_a_prediction_is_drawn_as_values_without_arrows(tmp_path):
    solve("FrozenLake-v1", "td0", episodes=500, run_dir=tmp_path / "run", eval_episodes=1)
    texts = {path.stem: path.read_text() for path in plot(tmp_path / "run", kinds=["svg"])}
    assert not set("←↑→↓") & set(texts["grid"])
    assert "exact return of acting at random" in texts["curve"]
    assert animate(tmp_path / "run").is_file()


def test_what_was_estimated_is_not_called_exact(tmp_path):
    solve(
        "Blackjack-v1", "qlearning", explore=5, episodes=200, trace=("0,1",), run_dir=tmp_path / "run", eval_episodes=1
    )
    texts = {path.stem: path.read_text() for path in plot(tmp_path / "run", kinds=["svg"])}
    assert "estimated optimum" in texts["curve"]
    assert "dashed: estimated" in texts["trace"]
    assert "exact" not in texts["curve"] + texts["trace"]
