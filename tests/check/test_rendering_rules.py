"""Frames that disagree with the observation, lag, or lie in memory that matters; and those that only look like it."""

# ruff: noqa: RUF012 - metadata is a class attribute by Gymnasium's convention

import contextlib

import gymnasium as gym
import numpy as np
import pytest

import envkit
from envkit.check import engine
from envkit.check.budget import HEAVY, LIGHT
from envkit.check.model import CannotJudge
from envkit.check.probes import rendering, rollouts
from envkit.check.subject import Subject, copied
from envkit.core.finding import Severity
from envkit.core.ref import EnvRef

RULES = [rule for rule in engine.all_rules() if rule.code.startswith(("EK6", "EK7"))]
RULES = [rule for rule in RULES if rule.needs == (rendering.Rendering,)]


def judged(kind, budget=LIGHT):
    """{code: finding} of the rules that judge frames, and the subject, from the probes that they need."""
    subject = Subject(EnvRef.of(kind), budget)
    look = subject.open("first look").env
    subject.action_space, subject.observation_space = copied(look.action_space), copied(look.observation_space)
    rollouts.run(subject)
    evidence = {rendering.Rendering: rendering.run(subject)}
    found = {}
    for rule in RULES:
        with contextlib.suppress(CannotJudge):
            found.update({finding.code: finding for finding in engine.judged(rule, evidence)})
    return found


def printed(finding, kind, monkeypatch):
    """What the program of a finding prints."""
    shown = []
    monkeypatch.setattr(envkit, "make", lambda _, render_mode: kind(render_mode))
    exec(finding.program, {"print": lambda value: shown.append(copied(value))})
    return shown


class Boat(gym.Env):
    """A boat on a wide pond, seen as a picture: the goal is the right bank; 40 steps."""

    metadata = {"render_modes": ["rgb_array"], "render_fps": 4}
    rows, columns = 6, 9

    def __init__(self, render_mode=None):
        self.observation_space = gym.spaces.Box(0, 255, (self.rows, self.columns, 3), np.uint8)
        self.action_space = gym.spaces.Discrete(2)
        self.render_mode = render_mode
        self.place = self.time = 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place, self.time = int(self.np_random.integers(3)), 0
        return self.observe(), {}

    def step(self, action):
        self.time += 1
        self.place = min(max(self.place + (1 if action == 1 else -1), 0), self.columns - 1)
        over = self.over()
        return self.observe(), float(over), over, self.time >= 40 and not over, {}

    def over(self):
        return self.place == self.columns - 1

    def observe(self):
        return self.drawn()

    def drawn(self):
        picture = np.zeros((self.rows, self.columns, 3), np.uint8)
        picture[1, self.place] = 220, 160, 30
        picture[-1, : self.time % self.columns] = 10, 90, 200
        return picture

    def render(self):
        return self.picture() if self.render_mode == "rgb_array" else None

    def picture(self):
        return self.drawn()


class Square(Boat):
    """The same on a square pond."""

    rows = columns = 8


class Watched(Boat):
    """What is seen is a dictionary with the picture in it."""

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        place = gym.spaces.Discrete(self.columns)
        self.observation_space = gym.spaces.Dict({"camera": self.observation_space, "place": place})

    def observe(self):
        return {"camera": self.drawn(), "place": self.place}


def enlarged(picture, side=3):
    return picture.repeat(side, axis=0).repeat(side, axis=1)


CHANGES = {
    "with rows and columns swapped": lambda picture: picture.transpose(1, 0, 2),
    "with red and blue swapped": lambda picture: picture[..., ::-1],
    "with rows and columns, and red and blue, swapped": lambda picture: picture.transpose(1, 0, 2)[..., ::-1],
    "upside down": lambda picture: picture[::-1],
    "mirrored": lambda picture: picture[:, ::-1],
}


@pytest.mark.parametrize("base", [Boat, Square, Watched])
@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("how", CHANGES)
def test_a_frame_that_is_the_observation_changed_is_told_how(base, how, large, monkeypatch):
    class Env(base):
        def picture(self):
            frame = CHANGES[how](super().picture())
            return enlarged(frame) if large else frame.copy()

    found = judged(Env)["EK710"]
    assert found.message.endswith(f"frames are the observation {how}")
    seen, frame = printed(found, Env, monkeypatch)
    picture = seen["camera"] if base is Watched else seen
    assert np.array_equal(CHANGES[how](picture), frame[::3, ::3] if large else frame)


@pytest.mark.parametrize("base", [Boat, Square, Watched])
def test_a_frame_that_is_the_observation_enlarged_or_not_is_clean(base):
    class Large(base):
        def picture(self):
            return enlarged(super().picture())

    assert not judged(base)
    assert not judged(Large)


def test_the_frame_of_a_picture_that_is_the_same_when_transposed_is_clean():
    class Symmetric(Square):
        def drawn(self):
            picture = super().drawn()
            return np.maximum(picture, picture.transpose(1, 0, 2))

        def picture(self):
            return self.drawn().transpose(1, 0, 2).copy()

    assert "EK710" not in judged(Symmetric)


def test_a_frame_with_more_in_it_than_the_observation_is_clean():
    class Score(Square):
        def picture(self):
            frame = super().picture().transpose(1, 0, 2).copy()
            frame[0, : 1 + self.time % 5] = 255
            return frame

    assert "EK710" not in judged(Score)


class Late(Boat):
    """The picture is taken before the move; after a reset it is drawn anew."""

    shown = None

    def reset(self, *, seed=None, options=None):
        answer = super().reset(seed=seed)
        self.shown = self.drawn()
        return answer

    def step(self, action):
        self.shown = self.drawn()
        return super().step(action)

    def picture(self):
        return self.shown.copy()


class Vague(Late):
    """What is seen is no picture."""

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.observation_space = gym.spaces.Discrete(self.columns)

    def observe(self):
        return self.place


def test_a_frame_of_the_step_before_is_found_where_the_observation_is_the_picture():
    assert "observation of the step before" in judged(Late)["EK710"].message
    assert "EK710" not in judged(Vague)


class Leftover(Vague):
    """After a reset the frame still shows how the last episode ended."""

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.shown = self.drawn()

    def reset(self, *, seed=None, options=None):
        left = self.drawn()
        answer = super().reset(seed=seed)
        self.shown = left
        return answer


def test_a_frame_of_the_episode_before_is_found_and_the_program_prints_two_frames(monkeypatch):
    found = judged(Leftover)["EK708"]
    assert "an instance that has played other episodes" in found.message
    assert found.case.history
    left, fresh = printed(found, Leftover, monkeypatch)
    assert not np.array_equal(left, fresh)


def test_what_an_episode_after_others_does_differently_is_not_held_against_its_frames():
    class Grows(Boat):
        played = 0

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            self.place, self.played = self.played % 3, self.played + 1
            return self.observe(), {}

    assert "EK708" not in judged(Grows)


def test_an_episode_that_ends_with_the_seed_of_another_one_is_no_other_drawing(monkeypatch):
    """The shortest ending was found with a seed that the probe uses too, with other actions."""
    monkeypatch.setattr(Subject, "endings", lambda self, longest=None: [rendering.Episode(rendering.SEED, (1,) * 8)])
    assert not judged(Boat)


@pytest.mark.parametrize("budget", [LIGHT, HEAVY])
def test_pixels_of_zero_and_one_are_found_with_the_way_to_scale_them(budget):
    class Dim(Vague):
        def picture(self):
            return (self.drawn() / 255).round().astype(np.uint8)

    class Dark(Vague):
        def picture(self):
            return self.drawn() // 80

    found = judged(Dim, budget)["EK709"]
    assert "0 or 1" in found.message
    assert "255" in found.fix
    assert "EK709" not in judged(Dark, budget)


def test_a_frame_in_the_memory_of_the_observation_is_an_error_unless_it_is_read_only(monkeypatch):
    class Shared(Boat):
        def observe(self):
            self.seen = self.drawn()
            return self.seen

        def picture(self):
            return self.seen[::-1][::-1]

    class ReadOnly(Shared):
        def picture(self):
            frame = self.seen[:]
            frame.flags.writeable = False
            return frame

    found = judged(Shared)["EK609"]
    assert found.severity is Severity.ERROR
    before, after = printed(found, Shared, monkeypatch)
    assert before.shape == after.shape == (Boat.rows, Boat.columns, 3)
    assert (before == after).mean() < 0.2
    assert "EK609" not in judged(ReadOnly)


@pytest.mark.parametrize("end", ["goal", "limit", "both"])
def test_a_background_that_is_handed_out_at_an_end_is_found(end, monkeypatch):
    class Background(Vague):
        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            self.ground = np.full((self.rows, self.columns, 3), 30, np.uint8)

        def picture(self):
            if (self.over() and end != "limit") or (self.time == 40 and end != "goal"):
                return self.ground
            frame = self.ground.copy()
            frame[1, self.place] = 220, 160, 30
            return frame

    found = judged(Background)["EK607"]
    [frame] = printed(found, Background, monkeypatch)
    assert (frame == 255).mean() > 0.9


def test_a_picture_that_is_kept_while_nothing_changes_is_no_canvas():
    class Kept(Vague):
        kept = (None, None)

        def picture(self):
            if self.kept[0] != self.place:
                frame = np.full((self.rows, self.columns, 3), 30, np.uint8)
                frame[1, self.place] = 220, 160, 30
                self.kept = (self.place, frame)
            return self.kept[1]

    assert not judged(Kept)
    assert not judged(Kept, HEAVY)


def test_without_a_mode_that_returns_frames_there_is_nothing_to_say():
    class Human(Boat):
        metadata = {"render_modes": ["human"], "render_fps": 4}

    assert not judged(Human)


def test_a_single_episode_is_paired_with_itself():
    class Blink(Vague):
        made = 0

        def __init__(self, render_mode=None):
            super().__init__(render_mode)
            Blink.made += 1
            self.shade = Blink.made % 200

        def picture(self):
            return np.full((4, 4, 3), self.shade, np.uint8)

    assert "EK708" in judged(Blink, HEAVY)


def test_a_frame_of_the_episode_before_is_found_though_a_heavy_environment_plays_one_episode_only(monkeypatch):
    monkeypatch.setattr(Subject, "endings", lambda self, longest=None: [])
    found = judged(Leftover, HEAVY)
    assert set(found) == {"EK708"}
    left, fresh = printed(found["EK708"], Leftover, monkeypatch)
    assert not np.array_equal(left, fresh)
