"""Films: an episode shows itself in a page, needing neither a display nor a script."""

import base64
import importlib.util
import io
import re

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from PIL import Image

import envkit
from envkit.core.errors import EnvironmentFailed, UsageError
from envkit.workflows import film as films

RIGHT_THEN_DOWN = [1] * 8 + [2] * 8


def walk(observation):
    return 1 if observation % 9 < 8 else 2


def pictures(html):
    """[(frame, milliseconds)] of the picture in a page."""
    data = re.search(r'src="data:image/png;base64,([^"]+)"', html).group(1)
    image = Image.open(io.BytesIO(base64.b64decode(data)))
    found = []
    for number in range(image.n_frames):
        image.seek(number)
        found.append((np.asarray(image.convert("RGB")), image.info["duration"]))
    return found


def frames_of(path):
    with Image.open(path) as image:
        return image.n_frames


def rendered():
    """What the environment itself renders on that walk."""
    env = envkit.make("gridworld", render_mode="rgb_array")
    env.reset(seed=0)
    frames = [env.render()]
    for action in RIGHT_THEN_DOWN:
        env.step(action)
        frames.append(env.render())
    return frames


def test_its_frames_are_those_that_the_environment_renders():
    film = envkit.film("gridworld", walk, seed=0)
    wanted = rendered()
    assert len(film) == len(wanted) == 17
    for frame, expected in zip(film, wanted, strict=True):
        np.testing.assert_array_equal(frame, expected)
    np.testing.assert_array_equal(film[-1], wanted[-1])
    assert len(film[3:5]) == 2
    assert film.returns == (-15.0,)
    assert repr(film) == "<gridworld: return -15 after 16 steps, terminated>"


def test_its_returns_are_the_environment_s_own():
    film = envkit.film("gridworld with end-penalty=-5", walk, seed=0)
    assert film.returns == (-15.0,)
    assert repr(film) == "<gridworld with end-penalty=-5: return -15 (shaped -20) after 16 steps, terminated>"


def test_a_page_shows_every_frame_with_its_own_colours_for_its_time():
    shown = pictures(envkit.film("gridworld", walk, seed=0)._repr_html_())
    wanted = rendered()
    assert len(shown) == len(wanted)
    for (frame, _), expected in zip(shown, wanted, strict=True):
        np.testing.assert_array_equal(frame, expected)
    assert [round(time) for _, time in shown] == [125] * 16 + [625]  # eight a second, and a rest on the last


def test_a_page_needs_no_script_and_nothing_from_elsewhere():
    html = envkit.film("gridworld", steps=3)._repr_html_()
    assert "<script" not in html
    assert re.findall(r'(?:src|href)="(?!data:)', html) == []
    assert "return -3 after 3 steps, cut off" in html


def test_the_policy_is_a_policy_a_function_a_run_or_chance(tmp_path):
    solved = envkit.solve("gridworld", "qlearning", seed=3, run_dir=tmp_path / "run", eval_episodes=1)
    assert envkit.film("gridworld", solved.policy).returns == (-11.0,)
    assert envkit.film("gridworld", tmp_path / "run").returns == (-11.0,)
    assert envkit.film("gridworld", str(tmp_path / "run")).returns == (-11.0,)
    by_chance = [envkit.film("gridworld", seed=seed, steps=30) for seed in (1, 1, 2)]
    frames = [[frame.tobytes() for frame in film] for film in by_chance]
    assert frames[0] == frames[1] != frames[2]
    with pytest.raises(UsageError, match="policy is 3, not a policy, a function from observation to action, or"):
        envkit.film("gridworld", 3)


class Noise(gymnasium.Env):
    """Frames that no compression makes small."""

    observation_space = action_space = spaces.Discrete(2)
    metadata = {"render_modes": ["rgb_array"], "render_fps": 10}  # noqa: RUF012
    size, kind = (64, 128, 3), np.uint8

    def __init__(self, render_mode=None):
        self.render_mode = render_mode

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return 0, {}

    def step(self, action):
        return 0, 1.0, False, False, {}

    def render(self):
        return self.np_random.integers(0, 256, self.size).astype(self.kind)


def test_a_page_stays_small_by_fewer_and_smaller_frames_and_says_so(monkeypatch):
    film = envkit.film(films.EnvRef.of(Noise), steps=40)
    frame = 64 * 128 * 3
    monkeypatch.setattr(films, "MOST_BYTES", 30 * frame)
    html = film._repr_html_()
    assert len(pictures(html)) == 21
    assert "(one frame of 2, to keep the page small)" in html
    assert sum(time for _, time in pictures(html)) == pytest.approx(41 * 100 + 500)  # as long as all of them
    again = envkit.film(films.EnvRef.of(Noise), steps=40)
    monkeypatch.setattr(films, "MOST_BYTES", 8 * frame)
    html = again._repr_html_()
    assert {frame.shape for frame, _ in pictures(html)} == {(32, 64, 3)}
    assert "(one frame of 2, 1/2 of the size, to keep the page small)" in html
    assert 'width="128"' in html  # shown as large as it was
    plain = envkit.film(films.EnvRef.of(Noise), steps=40)
    monkeypatch.setattr(films, "MOST_PLAIN", 2 * frame)
    assert {frame.shape for frame, _ in pictures(plain._repr_html_())} == {(16, 32, 3)}


def test_several_episodes_are_one_film(tmp_path):
    film = envkit.film("gridworld", walk, episodes=2)
    assert (len(film), film.ends, film.returns) == (34, (16, 33), (-15.0, -15.0))
    assert repr(film).count("return -15 after 16 steps, terminated") == 2
    film.save(tmp_path / "film.png")
    assert frames_of(tmp_path / "film.png") > 1
    film.save(str(tmp_path / "film.gif"))
    assert frames_of(tmp_path / "film.gif") > 1
    with pytest.raises(UsageError, match=r"ends with '.txt'; a recording is a .gif or an .mp4"):
        film.save(tmp_path / "film.txt")


def test_what_cannot_be_filmed_is_refused():
    class Wrong(Noise):
        kind = np.float64

    with pytest.raises(EnvironmentFailed, match=r"returned .* a frame is a uint8 array of shape"):
        envkit.film(films.EnvRef.of(Wrong))

    class Blind(Noise):
        metadata = {"render_modes": ["ansi"]}  # noqa: RUF012

    with pytest.raises(UsageError, match=r"cannot be filmed: it has no render mode 'rgb_array' \(its modes: ansi\)"):
        envkit.film(films.EnvRef.of(Blind))
    with pytest.raises(UsageError, match="a film of 0 episodes of 1000 steps has nothing to show"):
        envkit.film("gridworld", episodes=0)


def test_a_notebook_shows_films_and_runs_without_a_display(tmp_path, monkeypatch):
    nbclient = pytest.importorskip("nbclient", reason="executing a notebook needs nbclient and ipykernel")
    pytest.importorskip("ipykernel", reason="executing a notebook needs nbclient and ipykernel")
    nbformat = pytest.importorskip("nbformat")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER", "SDL_VIDEO_DRIVER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    cells = [
        "import envkit\nenvkit.film('gridworld', lambda cell: 1 if cell % 9 < 8 else 2, seed=0)",
        "run = envkit.solve('gridworld', 'qlearning', episodes=200, eval_episodes=1, seed=3)\nrun",
        "envkit.evaluate(run, episodes=5)",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    (output,) = notebook.cells[0].outputs
    assert output.output_type == "execute_result"
    assert output.data["text/plain"] == "<gridworld: return -15 after 16 steps, terminated>"
    shown = pictures(output.data["text/html"])
    np.testing.assert_array_equal(shown[5][0], rendered()[5])
    (run,), (judged,) = (cell.outputs for cell in notebook.cells[1:])
    assert run.data["text/plain"].startswith("<Solved gridworld by qlearning, seed 3: mean return")
    page = run.data["text/html"]
    assert "gridworld  qlearning  seed 3: 200 episodes" in page
    assert len(pictures(page)) > 1  # an episode
    if importlib.util.find_spec("matplotlib"):  # and its curve
        assert page.count("<svg") == 1
        assert "exact optimum -11" in page
    assert "<script" not in page
    assert "mean return" in judged.data["text/html"]
