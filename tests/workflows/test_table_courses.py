"""What books and courses show of tables, rules and pictures, done with the kit."""

from pathlib import Path

import pytest

import envkit
from envkit.cli.main import run as command_line


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def tilt(observation):
    """Pushes towards the side to which the pole leans."""
    return 0 if observation[2] < 0 else 1


def test_the_rule_that_follows_the_lean_earns_what_the_book_says_to_the_last_digit():
    judged = envkit.evaluate(tilt, "CartPole-v1", seeds=range(500), max_steps=200)
    returns = judged.evaluation.returns
    assert (returns.mean(), returns.std()) == (41.698, 8.389445512070509)
    assert (returns.min(), returns.max()) == (24, 63)
    assert judged.evaluation.cut == 0


def test_an_episode_of_it_is_an_animation():
    film = envkit.film("CartPole-v1", tilt, seed=0)
    assert len(film) == 1 + int(film.returns[0])
    page = film._repr_html_()
    assert "data:image/png;base64," in page
    assert "<script" not in page


def test_its_figure_is_saved_at_the_size_that_a_page_needs():
    pytest.importorskip("matplotlib")
    from PIL import Image

    run = envkit.solve("FrozenLake-v1", "qlearning", episodes=400, eval_episodes=1, trace=("0,1",))
    (file,) = envkit.plot(run.run_dir, output="figure.png", size=(6, 4), dpi=300)
    with Image.open(file) as picture:
        assert picture.size == (1800, 1200)
    files = envkit.plot(run.run_dir, kinds=("svg",))
    assert {path.name for path in files} == {"curve.svg", "trace.svg", "grid.svg"}


def test_scores_are_drawn_with_epsilon_and_a_running_average_of_a_hundred():
    pytest.importorskip("matplotlib")
    run = envkit.solve("gridworld", "qlearning", episodes=2000, eval_episodes=1, epsilon="linear(1, 0, 50%)")
    (file,) = envkit.plot(run.run_dir, output="scores.svg", window=100)
    text = file.read_text()
    assert "average of 100 episodes, exploring included" in text
    assert "epsilon" in text
    assert run.gap == 0
    assert envkit.evaluate(run, episodes=1).mean_return == -11  # the shortest way, through the teleporter


def test_two_algorithms_are_compared_in_one_picture(capsys):
    pytest.importorskip("matplotlib")
    for algo in ("sarsa", "double-qlearning"):
        envkit.solve("FrozenLake-v1", algo, episodes=300, eval_episodes=1, run_dir=algo)
    assert command_line(["plot", "sarsa", "double-qlearning", "--window", "30", "--output", "two.svg"]) == 0
    text = Path("two.svg").read_text()
    assert ">sarsa<" in text
    assert ">double-qlearning<" in text
    assert capsys.readouterr().out == "two.svg\n"
