"""Policies from the directories of runs: loaded, judged and recorded, and refused where they do not fit."""

import json
import sys

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from envkit.core.errors import ArtifactRefused, EnvironmentFailed, UsageError
from envkit.core.policy import TablePolicy
from envkit.core.ref import EnvRef
from envkit.runs.arrays import packed, unpacked
from envkit.workflows.episodes import episode
from envkit.workflows.judge import judge, text, write_episodes
from envkit.workflows.play import Played, play
from envkit.workflows.record import record
from envkit.workflows.saved import load
from envkit.workflows.solve import solve
from envkit.workflows.visible import has_display
from envkit.workflows.watching import shown


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")  # windows that nobody sees


class Walk(gymnasium.Env):
    """No model; right leads to the goal, three steps away. Its picture is as grey as the place is far."""

    observation_space = spaces.Tuple((spaces.Discrete(4), spaces.Discrete(1)))
    action_space = spaces.Discrete(2, start=1)
    metadata = {"render_modes": ["rgb_array", "human", "ansi"], "render_fps": 10}  # noqa: RUF012
    shown = 0

    def __init__(self, render_mode=None):
        self.render_mode = render_mode

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place = 0
        return (0, 0), {}

    def step(self, action):
        self.place = max(self.place + (1 if action == 2 else -1), 0)
        Walk.shown += self.render_mode == "human"
        return (self.place, 0), float(self.place == 3), self.place == 3, False, {}

    def render(self):
        if self.render_mode == "ansi":
            return f"at {self.place}"
        return np.full((33, 47, 3), 60 * self.place, np.uint8)


WALK = "walk.py:Walk"
MIXED = "td0"


@pytest.fixture
def walk(tmp_path):
    import inspect

    head = "import gymnasium\nimport numpy as np\nfrom gymnasium import spaces\n\n"
    (tmp_path / "walk.py").write_text(head + inspect.getsource(Walk))
    solve(WALK, "qlearning", episodes=200, run_dir="run", eval_episodes=1)
    return tmp_path / "run"


def actions(policy, observations):
    actor = policy.start(np.random.default_rng(0))
    return [actor.act(observation, {}) for observation in observations]


def test_a_policy_is_the_same_after_loading():
    solved = solve("FrozenLake-v1", "sarsa", episodes=300, run_dir="run", eval_episodes=1)
    saved = load("run")
    assert saved.policy.action.tolist() == solved.policy.action.tolist()
    assert saved.arrays["q"].tolist() == solved.result.q.tolist()
    assert (saved.asked.solver.name, saved.discount) == ("sarsa", 0.99)
    assert load("run/policy.npz").path == saved.path


def test_one_that_sees_the_clock_too():
    solved = solve("FrozenLake-v1", "value-iteration", run_dir="run", eval_episodes=1)
    assert load("run").policy.action.shape == solved.policy.action.shape == (100, 16)
    assert judge("run", episodes=1).exact.policy_return == pytest.approx(0.744190, abs=1e-6)


def test_one_that_acts_at_random_too():
    solve("FrozenLake-v1", MIXED, episodes=300, run_dir="run", eval_episodes=1)
    assert load("run").policy.chances.tolist() == [[0.25] * 4] * 16
    assert judge("run", episodes=3).exact.policy_return == pytest.approx(0.0139398, abs=1e-7)


def test_one_that_was_learnt_without_a_model_knows_its_observations(walk):
    assert actions(load(walk).policy, [(0, 0), (1, 0), (2, 0)]) == [2, 2, 2]


def test_a_policy_is_judged_by_playing_and_exactly(tmp_path):
    solve("FrozenLake-v1", "qlearning", run_dir="run", eval_episodes=1)
    judged = judge("run", episodes=200, seed=5)
    told = judged.to_json()
    assert told["mean_return"] == pytest.approx(told["policy_return"], abs=0.12)
    assert told["interval"][0] <= told["mean_return"] <= told["interval"][1]
    assert (told["threshold"], told["solved"], told["optimal_return"]) == (0.7, True, pytest.approx(0.744190, abs=1e-6))
    assert (told["min_return"], told["median_return"], told["max_return"]) == (0, 1, 1)
    assert judge("run", episodes=200, seed=5).to_json() == told
    assert "solved" in text(judged)
    write_episodes(judged, tmp_path / "episodes.csv")
    head, *rows = (tmp_path / "episodes.csv").read_text().splitlines()
    assert head == "episode,return,length"
    assert len(rows) == 200
    assert sum(float(row.split(",")[1]) for row in rows) / 200 == pytest.approx(told["mean_return"])


def test_it_may_play_on_another_environment_of_the_same_kind():
    solve("FrozenLake-v1", "value-iteration", run_dir="run", eval_episodes=1)
    sure = EnvRef.of("FrozenLake-v1", is_slippery=False)
    assert judge("run", env=sure, episodes=5).exact.optimal_return == 1.0
    with pytest.raises(
        ArtifactRefused, match=r"policy.npz does not fit: it should hold one of 4 actions for each of 64"
    ):
        judge("run", env=EnvRef.of("FrozenLake8x8-v1"))
    with pytest.raises(ArtifactRefused, match="numbers the states of a finite model, and the environment offers none"):
        judge("run", env=EnvRef.of("CartPole-v1"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"action": np.full(16, 4)}, "does not fit: it should hold one of 4 actions for each of 16 states"),
        ({"action": np.zeros(15, int)}, "does not fit"),
        ({"action": np.zeros(16)}, "does not fit"),
        ({"action": np.full(16, -1)}, "does not fit"),
        ({"chances": np.full((16, 4), 0.3)}, "should hold chances of 16 states x 4 actions"),
        ({"q": np.zeros((500, 6))}, "does not fit: its q should be numbers for 16 states"),
        ({"q": np.full((16, 4), np.nan)}, "does not fit: its q should be numbers"),
        ({"values": np.zeros(3)}, "does not fit: its values should be numbers for 16 states"),
        ({"observations": np.array("[1, 2")}, "is damaged: JSONDecodeError"),
        ({"observations": np.array("[[1], {}]")}, "is damaged: TypeError"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(change, message):
    solve("FrozenLake-v1", "qlearning", episodes=10, run_dir="run", eval_episodes=1)
    arrays = unpacked(load("run").path / "policy.npz")
    (load("run").path / "policy.npz").write_bytes(packed({**arrays, **change}))
    with pytest.raises(ArtifactRefused, match=message):
        load("run")


def test_pickles_and_rubbish_are_refused_and_never_executed(tmp_path):
    solve("FrozenLake-v1", "qlearning", episodes=10, run_dir="run", eval_episodes=1)
    path = load("run").path / "policy.npz"

    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "executed"), "w"))

    evil = np.empty(1, object)
    evil[0] = Evil()
    np.savez(path, format=np.array(1), action=evil)
    with pytest.raises(
        ArtifactRefused, match="not of envkit: it holds something else than arrays, which is never read"
    ):
        load("run")
    assert not (tmp_path / "executed").exists()
    np.savez(path, action=np.zeros(16, int))
    with pytest.raises(ArtifactRefused, match="not of envkit: it has no 'format'"):
        load("run")
    for data in (b"", b"PK\x03\x04", path.read_bytes()[:100]):
        path.write_bytes(data)
        with pytest.raises(ArtifactRefused, match="is damaged, or not of envkit"):
            load("run")
    path.unlink()
    with pytest.raises(
        UsageError, match=r"has no policy.npz: the run was complete, so it cannot be gone on with; start it anew"
    ):
        load("run")
    with pytest.raises(UsageError, match="absent is not the directory of a run"):
        load("absent")


def test_a_gif_shows_every_frame(walk):
    pytest.importorskip("PIL")
    from PIL import Image

    made = record(load(walk).policy, EnvRef.of(WALK), walk / "a.gif", episodes=2)
    assert (made.frames, made.fps, made.returns) == (2 * (4 + 5), 10, (1.0, 1.0))
    with Image.open(walk / "a.gif") as film:
        shown = []
        for number in range(film.n_frames):
            film.seek(number)
            frame = np.asarray(film.convert("RGB"))
            assert frame.shape == (33, 47, 3)
            shown += [int(frame.mean())] * round(film.info["duration"] / 100)
    assert shown == [0, 60, 120, 180, *[180] * 5] * 2


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the reader leaves its pipes open
def test_an_mp4_shows_every_frame(walk):
    reader = pytest.importorskip("imageio_ffmpeg")
    record(load(walk).policy, EnvRef.of(WALK), walk / "a.mp4")
    frames = reader.read_frames(str(walk / "a.mp4"))
    about = next(frames)
    assert (about["size"], about["fps"]) == ((48, 34), 10)
    grey = [np.frombuffer(frame, np.uint8).reshape(34, 48, 3)[:33, :47].mean() for frame in frames]
    assert grey == pytest.approx([0, 60, 120, 180, *[180] * 5], abs=4)
    assert [path.name for path in walk.glob("*a.*")] == ["a.mp4"]


def test_what_cannot_be_recorded_is_refused_and_leaves_nothing(tmp_path, walk):
    policy = load(walk).policy
    before = sorted(path.name for path in walk.iterdir())
    with pytest.raises(UsageError, match=r"a.avi ends with '.avi'"):
        record(policy, EnvRef.of(WALK), walk / "a.avi")
    with pytest.raises(UsageError, match="there is no folder"):
        record(policy, EnvRef.of(WALK), walk / "absent" / "a.gif")

    class Blind(Walk):
        metadata = {"render_modes": ["ansi"]}  # noqa: RUF012

    class Wrong(Walk):
        def render(self):
            return np.zeros((3, 33, 47))

    class Grows(Walk):
        def render(self):
            return np.zeros((33 + self.place, 47, 3), np.uint8)

    class Breaks(Walk):
        def render(self):
            if self.place == 2:
                raise ValueError("no brush")
            return super().render()

    with pytest.raises(UsageError, match=r"it has no render mode 'rgb_array' \(its modes: ansi\)"):
        record(policy, EnvRef.of(Blind), walk / "a.gif")
    with pytest.raises(EnvironmentFailed, match=r"a frame is a uint8 array of shape \(height, width, 3\)"):
        record(policy, EnvRef.of(Wrong), walk / "a.gif")
    with pytest.raises(EnvironmentFailed, match=r"step 1, returned a frame of 34 x 47 pixels after frames of 33 x 47"):
        record(policy, EnvRef.of(Grows), walk / "a.gif")
    with pytest.raises(EnvironmentFailed, match=r"episode 0, step 2, raised ValueError: no brush"):
        record(policy, EnvRef.of(Breaks), walk / "a.gif")
    assert sorted(path.name for path in walk.iterdir()) == before


def test_training_is_shown_ten_times():
    Walk.shown = 0
    ref = EnvRef.of(Walk)
    with shown(ref, lambda progress: None) as report:
        solve(ref, "qlearning", episodes=100, run_dir=False, eval_episodes=1, report=report)
    assert 10 * 3 <= Walk.shown <= 10 * 8 * 10

    class Blind(Walk):
        metadata = {"render_modes": ["rgb_array"]}  # noqa: RUF012

    with (
        pytest.raises(UsageError, match=r"cannot be watched: it has no render mode 'human' \(its modes: rgb_array\)"),
        shown(EnvRef.of(Blind), lambda progress: None),
    ):
        pass


def test_a_policy_is_shown_in_a_window_or_as_text(walk, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: slept.append(seconds))
    policy, slept, lines = load(walk).policy, [], []
    Walk.shown = 0
    (played,) = play(policy, EnvRef.of(Walk), write=lines.append)
    assert (played, Walk.shown, lines) == (Played(1.0, 3, "terminated"), 3, [])
    assert [one.steps for one in play(policy, EnvRef.of(Walk), episodes=2, as_text=True, write=lines.append)] == [3, 3]
    shown = [line.strip().splitlines() for line in lines]
    assert [text for text, _ in shown] == ["at 0", "at 1", "at 2", "at 3"] * 2
    assert [caption.partition("step ")[2] for _, caption in shown[:2]] == ["0", "1   action 2   reward 0   return 0"]
    assert slept == [0.1] * 8

    class Blind(Walk):
        metadata = {"render_modes": ["rgb_array"]}  # noqa: RUF012

    with pytest.raises(UsageError, match=r"neither render mode 'human' nor 'ansi' \(its modes: rgb_array\)"):
        list(play(policy, EnvRef.of(Blind)))
    told = []
    list(play(policy, EnvRef.of(Blind), as_text=True, write=told.append))
    assert told[0].startswith("observation ")
    assert len(told) == 4


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a display")
def test_without_a_display_there_is_no_window(walk, monkeypatch):
    for name in ("SDL_VIDEODRIVER", "SDL_VIDEO_DRIVER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UsageError, match="cannot be seen: there is no display; run it with `xvfb-run -a`"):
        list(play(load(walk).policy, EnvRef.of(Walk)))
    monkeypatch.setenv("DISPLAY", ":9")
    assert has_display()


def test_an_episode_is_played_moment_by_moment():
    from envkit.core.drive import Driver

    right = TablePolicy(np.array([1, 1, 1, 1]), state_of=lambda observation: observation[0], decode=lambda n: n + 1)
    moments = list(episode(right, Driver(Walk(), "walk"), np.random.default_rng(0), seed=0, cap=9))
    assert [moment.reward for moment in moments] == [0, 0, 0, 1]
    assert [moment.over for moment in moments] == [False, False, False, True]
    cut = list(episode(right, Driver(Walk(), "walk"), np.random.default_rng(0), seed=0, cap=2))
    assert len(cut) == 3
    assert not cut[-1].over


def test_the_record_is_strict_json(walk):
    assert json.loads(json.dumps(judge(walk, episodes=2).to_json(), allow_nan=False))["optimal_return"] is None


def test_declared_metrics_are_in_the_report_the_json_and_the_rows(tmp_path):
    solve("shower", "value-iteration", run_dir="run", eval_episodes=1)
    judged = judge("run", episodes=3, seed=0)
    told = judged.to_json()["metrics"]
    assert list(told) == ["temperature"]
    assert told["temperature"]["unit"] == "degrees C"
    write_episodes(judged, tmp_path / "episodes.csv")
    head, *rows = (line.split(",") for line in (tmp_path / "episodes.csv").read_text().splitlines())
    assert head[3:] == ["temperature_last", "temperature_mean", "temperature_min", "temperature_max"]
    last, mean, least, most = np.array(rows, float)[:, 3:].T
    assert told["temperature"]["last"] == last.mean()
    assert told["temperature"]["mean"] == pytest.approx(mean.mean())
    assert (told["temperature"]["min"], told["temperature"]["max"]) == (least.min(), most.max())
    assert 36 <= least.min() <= most.max() <= 40
    line = next(line for line in text(judged).splitlines() if "temperature" in line)
    assert "degrees C on average" in line
