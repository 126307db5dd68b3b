"""Golden traces and frames: nothing is written unasked, and the first difference is named with both values."""

import json
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from faulty import Grid, NanAtOneCell
from PIL import Image

import envkit
from envkit.core.compare import settled
from envkit.core.errors import ArtifactRefused, UsageError
from envkit.core.policy import RandomPolicy
from envkit.testing import ContractBroken, golden, golden_frame, run_golden
from envkit.testing.profiles import UPDATE
from envkit.testing.recording import read

RIGHT, DOWN = 1, 2


@pytest.fixture
def record(monkeypatch):
    """Records, which is told as a skip."""

    def recorded(function, *arguments, **keywords):
        monkeypatch.setenv(UPDATE, "1")
        with pytest.raises(unittest.SkipTest, match="was recorded: look at it and commit it; nothing was compared"):
            function(*arguments, **keywords)
        monkeypatch.delenv(UPDATE)

    return recorded


@pytest.fixture(autouse=True)
def unasked(monkeypatch):
    monkeypatch.delenv(UPDATE, raising=False)


class CostsMore(Grid):
    def reward(self):
        return -2.0 if self.place == (0, 3) else -1.0


class Told(Grid):
    """Says in its info where it is, and in `lie` something that JSON cannot hold."""

    def __init__(self, lie=False):
        super().__init__()
        self.lie = lie

    def step(self, action):
        *answer, _ = super().step(action)
        return *answer, {"place": self.place, "who": self} if self.lie else {"place": self.place}


def test_what_was_recorded_passes_and_every_kind_of_space_can_be(tmp_path, record):
    for name in ("gridworld", "shower", "courier", "CartPole-v1"):
        record(run_golden, name, tmp_path / f"{name}.json", seed=3, steps=12)
        run_golden(name, tmp_path / f"{name}.json", seed=3)


def test_nothing_is_recorded_without_being_asked_for_and_a_missing_file_is_no_pass(tmp_path):
    file = tmp_path / "trace.json"
    with pytest.raises(AssertionError, match="trace.json is not there; record it with pytest --envkit-update"):
        run_golden(Grid, file)
    assert not file.exists()


def test_the_first_step_and_field_that_differ_are_named_with_both_values(tmp_path, record):
    file = tmp_path / "trace.json"
    record(run_golden, Grid, file, actions=[RIGHT] * 4)
    with pytest.raises(ContractBroken) as broken:
        run_golden(CostsMore, file)
    wanted = "step 3, step(1) is no longer as in trace.json: reward is -1 in trace.json and -2 in this run"
    assert broken.value.fault == f"{wanted}; if that is meant: pytest --envkit-update"


def test_the_difference_is_shown_in_a_test_to_paste_that_passes_once_it_is_mended(tmp_path, record):
    file = tmp_path / "trace.json"
    record(run_golden, Grid, file, actions=[DOWN, RIGHT, RIGHT, RIGHT])
    for changed in (type("Elsewhere", (Grid,), {"reset": starts_elsewhere}), CostsMoreBelow):
        with pytest.raises(ContractBroken) as broken:
            run_golden(changed, file)
        pasted = {}
        source = broken.value.program.replace("from test_goldens import Elsewhere", "Elsewhere = None")
        exec(source, pasted)
        pasted[changed.__name__] = changed
        with pytest.raises(AssertionError):
            pasted["test_trace_is_as_recorded"]()
        pasted[changed.__name__] = Grid
        pasted["test_trace_is_as_recorded"]()


class CostsMoreBelow(Grid):
    def reward(self):
        return -2.0 if self.place == (1, 2) else -1.0


def starts_elsewhere(self, *, seed=None, options=None):
    Grid.reset(self, seed=seed)
    self.place = (1, 1)
    return np.array(self.place), {}


def test_an_episode_that_ends_sooner_or_later_differs(tmp_path, record):
    file = tmp_path / "trace.json"
    record(run_golden, "CartPole-v1", file, actions=[1] * 20)
    assert read(file).moments[-1].ended
    with pytest.raises(ContractBroken, match="truncated is False in trace.json and True in this run"):
        run_golden("CartPole-v1", file, actions=[1] * 20, max_episode_steps=5)


def test_other_actions_or_another_seed_than_the_recorded_ones_are_told_as_such(tmp_path, record):
    file = tmp_path / "trace.json"
    record(run_golden, Grid, file, actions=[0, 1, 2])
    run_golden(Grid, file, actions=[0, 1, 2])
    with pytest.raises(AssertionError, match=r"was recorded with other actions: actions\[1\] is 1 in one and 3"):
        run_golden(Grid, file, actions=[0, 3, 2])
    with pytest.raises(AssertionError, match="was recorded with seed 0, not 4"):
        run_golden(Grid, file, seed=4)


def test_a_policy_chooses_what_is_recorded_and_is_not_asked_again(tmp_path, record):
    asked = []

    def downwards(observation):
        asked.append(observation.copy())
        return DOWN if observation[0] < 2 else RIGHT

    file = tmp_path / "trace.json"
    record(run_golden, Grid, file, policy=downwards, steps=4)
    assert read(file).actions == [DOWN, DOWN, RIGHT, RIGHT]
    assert len(asked) == 4
    run_golden(Grid, file, policy=downwards)
    assert len(asked) == 4
    record(run_golden, Grid, file, policy=RandomPolicy(Grid().action_space), steps=4)
    with pytest.raises(UsageError, match="with actions or with a policy, not with both"):
        run_golden(Grid, file, actions=[0], policy=downwards)


def test_infos_count_where_they_were_asked_for(tmp_path, record):
    file = tmp_path / "trace.json"
    record(run_golden, Told, file, actions=[RIGHT], info=True)
    with pytest.raises(ContractBroken, match="step 1, .*: info has the key 'place' in only one of the two"):
        run_golden(Grid, file)
    record(run_golden, Told, file, actions=[RIGHT], lie=True)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(UsageError, match="leave infos out with info=False"):
        patch.setenv(UPDATE, "1")
        run_golden(Told, file, actions=[RIGHT], info=True, lie=True)


def test_a_tolerance_forgives_last_bits_and_no_more(tmp_path, record):
    class Rounds(Grid):
        def reward(self):
            return -1.0 + 1e-9

    file = tmp_path / "trace.json"
    record(run_golden, Grid, file, actions=[RIGHT] * 3)
    run_golden(Rounds, file, tolerance=1e-8)
    with pytest.raises(ContractBroken, match="reward is -1 in trace.json and -0.999999999"):
        run_golden(Rounds, file, tolerance=1e-10)
    old = {"a": np.array([1.0, np.nan]), "b": (1.0, "x")}
    near = settled(old, {"a": np.array([1.1, np.nan]), "b": (1.3, "x")}, 0.2)
    assert near["a"][0] == 1.0
    assert near["b"] == (1.3, "x")


class FlagsOfNumpy(Grid):
    def step(self, action):
        observation, reward, terminated, truncated, info = super().step(action)
        return observation, reward, np.bool_(terminated), np.bool_(truncated), info


def test_flags_of_numpy_end_an_episode_only_where_they_say_so(tmp_path, record):
    file = tmp_path / "trace.json"
    record(run_golden, FlagsOfNumpy, file, actions=[RIGHT, RIGHT, RIGHT])
    assert not any(moment.ended for moment in read(file).moments)
    with pytest.raises(AssertionError, match=r"actions has 3 entries in one and 4 in the other"):
        run_golden(FlagsOfNumpy, file, actions=[RIGHT] * 4)


class Photographed(Grid):
    """Seen from above, as an image of 48 x 48 pixels."""

    observation_space = gymnasium.spaces.Box(0, 255, (48, 48, 3), np.uint8)
    ink = 250

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self.photograph(), {}

    def step(self, action):
        _, *answer = super().step(action)
        return self.photograph(), *answer

    def photograph(self):
        image = np.zeros((48, 48, 3), np.uint8)
        image[self.place] = self.ink
        return image


class InFadedInk(Photographed):
    ink = 249


def test_of_a_large_observation_a_digest_is_kept_that_tells_a_pixel(tmp_path, record):
    file = tmp_path / "trace.json"
    record(run_golden, Photographed, file, actions=[RIGHT, RIGHT])
    assert len(file.read_text()) < 1000
    run_golden(Photographed, file)
    with pytest.raises(ContractBroken) as broken:
        run_golden(InFadedInk, file)
    image = "array of shape (48, 48, 3), uint8"
    assert f"observation was {image} in trace.json and is another in this run, {image}" in broken.value.fault
    pasted = {}
    exec(broken.value.program, pasted)
    with pytest.raises(AssertionError):
        pasted["test_trace_is_as_recorded"]()
    pasted["InFadedInk"] = Photographed
    pasted["test_trace_is_as_recorded"]()


def test_where_a_tolerance_needs_the_numbers_a_large_observation_is_kept_whole(tmp_path, record):
    file = tmp_path / "trace.json"
    record(run_golden, Photographed, file, actions=[RIGHT], tolerance=1)
    run_golden(InFadedInk, file, tolerance=1)
    with pytest.raises(ContractBroken, match=r"observation\[0, 0, 0\] is 250 in trace.json and 249 in this run"):
        run_golden(InFadedInk, file)


def test_the_file_is_small_and_has_a_line_a_step(tmp_path, record):
    file = tmp_path / "trace.json"
    record(run_golden, "gridworld", file, actions=[RIGHT, DOWN])
    lines = file.read_text().splitlines()
    assert [line.rstrip(",") for line in lines[1:-1]] == [
        json.dumps(json.loads(line.rstrip(","))) for line in lines[1:-1]
    ]
    assert len(lines) == 5
    assert json.loads(file.read_text())["env"] == "gridworld"


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"kind": "x", "schema": 1}', '{"kind": "envkit golden trace", "schema": 9, "moments": []}',
             '{"kind": "envkit golden trace", "schema": 1, "env": "", "seed": 0, "moments": [{"observation": {"is": "x"}}]}'],
)  # fmt: skip
def test_a_damaged_file_is_refused_in_one_line(tmp_path, text):
    file = tmp_path / "trace.json"
    file.write_text(text)
    with pytest.raises(ArtifactRefused, match="is no envkit golden trace of schema 1 .*; record it anew with pytest"):
        run_golden(Grid, file)


def test_golden_is_one_line_in_a_test_file_and_lies_beside_it(tmp_path):
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_it.py").write_text(
        "import envkit.testing\n"
        "test_trace = envkit.testing.golden('gridworld', 'golden/trace.json', actions=[1, 2])\n"
        "def test_picture():\n"
        "    env = envkit.make('gridworld', render_mode='rgb_array')\n"
        "    env.reset(seed=0)\n"
        "    envkit.testing.golden_frame(env.render(), 'golden/start.png')\n"
    )

    def run(**surroundings):
        command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "-n", "0", "tests"]
        env = {k: v for k, v in os.environ.items() if k != "CI"} | {"SDL_VIDEODRIVER": "dummy"} | surroundings
        return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True).stdout

    assert "2 failed" in run()
    assert not (folder / "golden").exists()
    shown = run(ENVKIT_UPDATE="1")
    assert "2 skipped" in shown
    assert "nothing was compared" in shown
    assert sorted(path.name for path in (folder / "golden").iterdir()) == ["start.png", "trace.json"]
    assert "2 passed" in run()
    trace = folder / "golden" / "trace.json"
    trace.write_text(trace.read_text().replace('"reward": -1.0', '"reward": -3.0', 1))
    failed = run()
    assert "1 failed, 1 passed" in failed
    assert "step 1, step(1) is no longer as in trace.json: reward is -3 in trace.json and -1 in this run" in failed
    assert "def test_trace_is_as_recorded():" in failed
    assert "goldens.py" not in failed


def frame_of(value=40):
    frame = np.full((8, 10, 3), value, np.uint8)
    frame[2:4, 3:6] = (200, 30, 30)
    return frame


def test_a_frame_that_is_the_recorded_one_passes(tmp_path, record):
    record(golden_frame, frame_of(), tmp_path / "start.png")
    golden_frame(frame_of(), tmp_path / "start.png")
    assert [path.name for path in tmp_path.iterdir()] == ["start.png"]


def test_a_frame_that_differs_is_saved_beside_it_with_the_differences_marked(tmp_path, record):
    file = tmp_path / "start.png"
    record(golden_frame, frame_of(), file)
    changed = frame_of()
    changed[5, 7] = (40, 90, 40)
    with pytest.raises(AssertionError) as failed:
        golden_frame(changed, file)
    wanted = (
        "the frame is no longer that of start.png: 1 of 80 pixels differ, by up to 50 of 255; the first, in row 5, "
    )
    assert str(failed.value).startswith(f"{wanted}column 7, was [40, 40, 40] and is [40, 90, 40]; look at ")
    assert np.array_equal(np.asarray(Image.open(tmp_path / "start.actual.png")), changed)
    marked = np.asarray(Image.open(tmp_path / "start.difference.png"))
    assert np.argwhere((marked == (220, 0, 0)).all(axis=2)).tolist() == [[5, 7]]
    golden_frame(changed, file, tolerance=50)
    assert [path.name for path in tmp_path.iterdir()] == ["start.png"]  # what the failure left is gone
    with pytest.raises(AssertionError):
        golden_frame(changed, file, tolerance=49)
    golden_frame(changed, file, share=1 / 80)
    with pytest.raises(
        AssertionError, match="differ, by up to 50 of 255; .*; if that is meant: pytest --envkit-update$"
    ):
        golden_frame(changed, file, share=1 / 81)


def test_a_frame_of_another_size_or_kind_is_told_as_such(tmp_path, record):
    file = tmp_path / "start.png"
    record(golden_frame, frame_of(), file)
    with pytest.raises(
        AssertionError, match="start.png is 10 x 8 as recorded and 9 x 8 now; it is saved as .*; if that is meant"
    ):
        golden_frame(frame_of()[:, 1:], file)
    for wrong, told in ((None, "a NoneType"), (frame_of().astype(float), re.escape("float64 (8, 10, 3)"))):
        with pytest.raises(AssertionError, match=rf"a frame is uint8 \[height, width, 3\], not {told}"):
            golden_frame(wrong, file)
    file.write_text("no picture")
    with pytest.raises(ArtifactRefused, match="is no picture"):
        golden_frame(frame_of(), file)


def test_a_missing_frame_is_no_pass(tmp_path):
    with pytest.raises(AssertionError, match="start.png is not there; record it with pytest --envkit-update"):
        golden_frame(frame_of(), tmp_path / "start.png")
    assert not any(tmp_path.iterdir())


def test_an_environment_that_raises_shows_its_own_error(tmp_path, record):
    file = tmp_path / "trace.json"
    record(run_golden, NanAtOneCell, file, actions=[DOWN])

    class Raises(Grid):
        def reward(self):
            raise KeyError("no such cell")

    with pytest.raises(KeyError, match="no such cell"):
        run_golden(Raises, file)


def test_golden_names_the_file_beside_the_caller():
    assert golden(Grid, "nowhere.json").__doc__.endswith("plays the episode of nowhere.json as it was recorded.")
    with pytest.raises(AssertionError, match=re.escape(str(Path(__file__).parent / "nowhere.json"))):
        golden(Grid, "nowhere.json")()
    assert envkit.testing.golden is golden
