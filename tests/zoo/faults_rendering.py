"""Faults of rendering: wrong pictures, pictures that come at a price, and pictures that change the game."""

# ruff: noqa: RUF012 - metadata is a class attribute by Gymnasium's convention

import numpy as np
from scenes import Archer, Brewery, Crews, Deck, Maze, Pond, Scene, Valley


class FloatFrames(Pond):
    """Frames are floats between 0 and 1.

    Level: error
    Hides: in the open
    Twin: Pond
    """

    def picture(self):
        return super().picture() / 255


class RenderAdvancesTheClock(Crews):
    """render counts as a step, so a watched episode is truncated early.

    Level: error
    Hides: only when rendering, at the time limit
    Twin: Crews
    """

    def picture(self):
        self.time += 1
        return super().picture()


class TextAdvancesTheDrop(Pond):
    """Rendering as text makes the drop skip a row; pictures do not.

    Level: error
    Hides: only in the second render mode
    Twin: Pond
    """

    def text(self):
        text = super().text()
        self.row = min(self.row + 1, self.size - 2)
        return text


class FrameGrowsWithTime(Valley):
    """A strip chart below the picture gets one pixel row longer every ten steps.

    Level: error
    Hides: over time
    Twin: Valley
    """

    def picture(self):
        return np.concatenate([super().picture(), np.zeros((self.time // 10, 32, 3), np.uint8)])


class RenderAfterTheEndRaises(Maze):
    """The scene is thrown away at the end of the episode, and render then fails.

    Level: error
    Hides: after the end
    Twin: Maze
    """

    def render(self):
        scene = None if self.terminated or self.truncated else {"frame": super().render()}
        return scene["frame"]


class RenderAfterTruncationRaises(Brewery):
    """The gauge of the time left has no picture for zero.

    Level: error
    Hides: after truncation only, not after termination
    Twin: Brewery
    """

    def picture(self):
        frame = super().picture()
        frame[0, : 20 // (self.limit - self.time)] = 255
        return frame


class AnsiIsNotImplemented(Crews):
    """The declared ansi mode raises NotImplementedError.

    Level: error
    Hides: second render mode
    Twin: Crews
    """

    def text(self):
        raise NotImplementedError


class AnsiReturnsBytes(Maze):
    """The ansi mode returns encoded bytes.

    Level: error
    Hides: second render mode
    Twin: Maze
    """

    def text(self):
        return super().text().encode()


class AnsiReturnsLines(Maze):
    """The ansi mode returns a list of lines once a wall was bumped into, a string before.

    Level: error
    Hides: second render mode, in some states
    Twin: Maze
    """

    def text(self):
        return super().text().splitlines() if self.bumped else super().text()


class AnsiPrintsInsteadOfReturning(Deck):
    """The ansi mode prints its text and returns None.

    Level: error
    Hides: second render mode
    Twin: Deck
    """

    def text(self):
        print(super().text())


class AlphaChannel(Archer):
    """Frames have a fourth channel.

    Level: error
    Hides: in the open
    Twin: Archer
    """

    def picture(self):
        frame = super().picture()
        return np.concatenate([frame, np.full_like(frame[..., :1], 255)], axis=2)


class WithWindow(Scene):
    """A clean human mode without a display: frames go to a list of at most one, and nothing is returned."""

    metadata = {"render_modes": ["human", "rgb_array"], "render_fps": 100}

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.window = []

    def render(self):
        if self.render_mode != "human":
            return super().render()
        self.window[:] = [self.picture()]
        return None

    def reset(self, *, seed=None, options=None):
        answer = super().reset(seed=seed, options=options)
        self.show()
        return answer

    def step(self, action):
        answer = super().step(action)
        self.show()
        return answer

    def show(self):
        if self.render_mode == "human":
            self.render()

    def close(self):
        self.window.clear()


class WindowValley(WithWindow, Valley):
    """A clean cart with a window."""


class WindowMaze(WithWindow, Maze):
    """A clean maze with a window."""


class HumanReturnsAFrame(WithWindow, Valley):
    """render in human mode returns the frame it shows.

    Level: error
    Hides: human mode
    Twin: WindowValley
    """

    def render(self):
        super().render()
        return self.picture()


class HumanModeIsSlowMotion(WithWindow, Valley):
    """With a window the wind is halved "so that people can follow": another game.

    Level: error
    Hides: only under render_mode human, in the dynamics
    Twin: WindowValley
    """

    def wind(self):
        return super().wind() / (2 if self.render_mode == "human" else 1)


class HumanModeSkipsTheLastStep(WithWindow, Maze):
    """With a window the episode is cut one step short, to leave time for the closing picture.

    Level: error
    Hides: only under render_mode human, at the time limit
    Twin: WindowMaze
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.limit = 59 if render_mode == "human" else 60


class HumanModeWritesIntoTheState(WithWindow, Crews):
    """The window flashes broken sites by switching them off in the state after step twenty.

    Level: error
    Hides: human mode, after step 20
    Twin: WindowCrews
    """

    def show(self):
        super().show()
        if self.render_mode == "human" and self.time > 20:
            self.down[self.time % 6] = 0


class WindowCrews(WithWindow, Crews):
    """Clean crews with a window."""


class WindowStaysOpen(WithWindow, Valley):
    """The windows of a class stay registered after close, and the third one to open raises.

    Level: error
    Hides: human mode, third instance, although the others are closed
    Twin: WindowValley
    """

    OPEN = []

    def reset(self, *, seed=None, options=None):
        if self.render_mode == "human" and self not in self.OPEN:
            if len(self.OPEN) >= 2:
                raise RuntimeError("no free window handle")
            self.OPEN.append(self)
        return super().reset(seed=seed, options=options)


class TwoPicturesOfOneState(Brewery):
    """A blinking lamp is switched by render itself: two calls in a row differ.

    Level: error
    Hides: two calls without a step between
    Twin: Brewery
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.blink = False

    def picture(self):
        self.blink = not self.blink
        frame = super().picture()
        frame[0, 0] = 255 if self.blink else 0
        return frame


class SizeFollowsInstanceCount(Deck):
    """Each further instance draws a frame one pixel wider.

    Level: error
    Hides: second instance
    Twin: Deck
    """

    COUNT = 0

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        SizeFollowsInstanceCount.COUNT += 1
        self.width = 34 + SizeFollowsInstanceCount.COUNT

    def picture(self):
        frame = np.zeros((16, self.width, 3), np.uint8)
        frame[:, :34] = super().picture()
        return frame


class OneCanvasForAllFrames(Valley):
    """Frames are drawn on one canvas, which is returned: stored frames all become the last one.

    Level: error
    Hides: frames change after they were returned
    Twin: Valley
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.canvas = np.zeros((20, 32, 3), np.uint8)

    def picture(self):
        self.canvas[:] = super().picture()
        return self.canvas


class FinalFrameIsTheBackground(Maze):
    """At the goal the frame is the stored background: who paints on it paints all later ones.

    Level: warning
    Hides: frame after termination, only when the caller writes to it
    Twin: Maze
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.background = np.full((20, 20, 3), 30, np.uint8)
        self.background[-4:, -4:] = (30, 160, 60)

    def picture(self):
        if self.terminated:
            return self.background
        frame = self.background.copy()
        row, column = divmod(self.cell, self.size)
        frame[4 * row : 4 * row + 4, 4 * column : 4 * column + 4] = (220, 120, 30)
        return frame


class FrameIsAViewOfTheObservation(Pond):
    """The frame is the array that was returned as the observation: painting a score on it edits stored data.

    Level: error
    Hides: only when rendering and writing to the frame
    Twin: Pond
    """

    def observe(self):
        self.seen = super().observe()
        return self.seen

    def picture(self):
        return self.seen


class PictureOfTheStepBefore(Archer):
    """The picture is taken before the move, so it lags one step behind; after reset it shows the last episode.

    Level: warning
    Hides: each single picture is plausible
    Twin: Archer
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.shown = super().picture()

    def begin(self):
        self.shown = super().picture()
        super().begin()

    def move(self, action):
        self.shown = super().picture()
        super().move(action)

    def picture(self):
        return self.shown.copy()


class StillPicture(Valley):
    """Every frame is the same landscape without the cart.

    Level: warning
    Hides: needs several frames
    Twin: Valley
    """

    def picture(self):
        frame = np.full((20, 32, 3), (40, 60, 90), np.uint8)
        frame[16:] = (90, 70, 40)
        return frame


class FirstFrameIsMissing(Crews):
    """render returns None until the first step was taken.

    Level: error
    Hides: between reset and the first step
    Twin: Crews
    """

    def picture(self):
        return super().picture() if self.time else None


class RenderRaisesLate(Brewery):
    """The strip chart has room for sixty points; the frame of step 61 is an index error.

    Level: error
    Hides: after step 60
    Twin: Brewery
    """

    def picture(self):
        chart = np.zeros(61, np.uint8)
        chart[self.time] = 255
        frame = super().picture()
        frame[0, 0, 0] = chart[self.time]
        return frame


class FlashIsSixtyFourBit(Valley):
    """The flash of the final frame is computed in int64 and not cast back.

    Level: error
    Hides: frame after termination
    Twin: Valley
    """

    def picture(self):
        frame = super().picture()
        return frame + np.int64(10) if self.terminated else frame


class GreyAtNight(Pond):
    """From step thirty on frames are grey and two-dimensional.

    Level: error
    Hides: after step 30
    Twin: Pond
    """

    def picture(self):
        frame = super().picture()
        return frame[..., 0] if self.time >= 30 else frame


class RenderEmptiesTheEvents(Maze):
    """render reports the bumps on the screen and sets their count back, so info differs in a rendered run.

    Level: error
    Hides: info only, only when rendering
    Twin: Maze
    """

    def picture(self):
        frame = super().picture()
        self.bumps = 0
        return frame


class RenderRoundsTheState(Valley):
    """render snaps the cart to whole pixels, in the state itself.

    Level: error
    Hides: only when rendering
    Twin: Valley
    """

    def picture(self):
        self.position = round(self.position * 13) / 13
        return super().picture()


class RenderModeChangesTheWorld(Crews):
    """The limit of an episode is doubled when frames are wanted, even if render is never called.

    Level: error
    Hides: in the constructor's render_mode; shows at the time limit
    Twin: Crews
    """

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.limit = 160 if render_mode == "rgb_array" else 80


class RenderSwitchesTheMode(Deck):
    """render sets render_mode to human after the first frame, so later frames are None.

    Level: error
    Hides: second frame
    Twin: Deck
    """

    def render(self):
        frame = super().render()
        self.render_mode = "human" if frame is not None else self.render_mode
        return frame


class RenderNeedsAMode(Archer):
    """render still takes the mode as a required argument, as in old gym.

    Level: error
    Hides: in the open
    Twin: Archer
    """

    def render(self, mode):
        return super().render()


class FrameRateIsText(Brewery):
    """render_fps is the string "10".

    Level: warning
    Hides: in metadata
    Twin: Brewery
    """

    metadata = {"render_modes": ["rgb_array", "ansi"], "render_fps": "10"}


class RedAndBlueSwapped(Pond):
    """The frame shows the picture of the observation with red and blue exchanged.

    Level: warning
    Hides: the frame is a valid one; only a comparison with the observation tells
    Twin: Pond
    """

    def picture(self):
        return super().picture()[..., ::-1]


class RowsAndColumnsSwapped(Pond):
    """The frame shows the picture of the observation transposed, as pygame stores it.

    Level: warning
    Hides: the frame is a valid one; only a comparison with the observation tells
    Twin: Pond
    """

    def picture(self):
        return super().picture().transpose(1, 0, 2)


class FrameIsNearlyBlack(Brewery):
    """Colours are scaled to 0..1 before they become bytes, so every pixel is 0 or 1.

    Level: warning
    Hides: the frame has the right type and shape
    Twin: Brewery
    """

    def picture(self):
        return (super().picture() / 255).round().astype(np.uint8)
