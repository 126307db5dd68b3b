"""Odd ways to draw, and not to draw. None has a fault."""

import io
import sys
from typing import ClassVar

import numpy as np
from gymnasium import spaces
from valid_common import Play


class _Board(Play):
    """A stone on a board of four rows and seven columns, moved in four directions to the last field."""

    rows, columns = 4, 7
    metadata: ClassVar = {"render_modes": ["rgb_array"], "render_fps": 10}

    def __init__(self, render_mode=None):
        self.render_mode = render_mode
        self.observation_space = spaces.MultiDiscrete([self.rows, self.columns])
        self.action_space = spaces.Discrete(4)
        self.place = (0, 0)

    def begin(self):
        self.place = (int(self.np_random.integers(2)), int(self.np_random.integers(3)))

    def observe(self):
        return np.array(self.place, np.int64)

    def move(self, action):
        down, right = ((1, 0), (-1, 0), (0, 1), (0, -1))[action]
        row, column = self.place[0] + down, self.place[1] + right
        self.place = (min(max(row, 0), self.rows - 1), min(max(column, 0), self.columns - 1))
        return 1.0 if self.ends() else -0.05

    def ends(self):
        return self.place == (self.rows - 1, self.columns - 1)

    def picture(self):
        frame = np.full((self.rows * 4, self.columns * 4, 3), 30, np.uint8)
        row, column = self.place
        frame[row * 4 : row * 4 + 4, column * 4 : column * 4 + 4] = (250, 180, 20)
        return frame

    def text(self):
        fields = [["o" if (row, column) == self.place else "." for column in range(self.columns)] for row in range(4)]
        return "\n".join("".join(row) for row in fields)

    def render(self):
        return self.picture() if self.render_mode == "rgb_array" else None


class NoRenderingAtAll(Play):
    """It declares no render mode, takes no render_mode and does not implement render.

    Odd: yes
    """

    def __init__(self):
        self.observation_space = spaces.Discrete(6)
        self.action_space = spaces.Discrete(2)

    def begin(self):
        self.cell = 2

    def observe(self):
        return self.cell

    def move(self, action):
        self.cell = max(0, min(5, self.cell + (1 if action else -1)))
        return float(self.cell == 5)

    def ends(self):
        return self.cell in (0, 5)


class OnlyText(_Board):
    """The only render mode is ansi.

    Odd: yes
    """

    metadata: ClassVar = {"render_modes": ["ansi"], "render_fps": 2}

    def render(self):
        return self.text() if self.render_mode == "ansi" else None


class TextInAFile(_Board):
    """In the mode ansi it returns an io.StringIO, which Gymnasium's documentation of render allows.

    Odd: yes
    """

    metadata: ClassVar = {"render_modes": ["ansi"], "render_fps": 2}

    def render(self):
        return io.StringIO(self.text()) if self.render_mode == "ansi" else None


class OnlyHuman(_Board):
    """The only render mode is human, and it is drawn on the terminal: reset, step and render print, and return None.

    Odd: yes
    """

    metadata: ClassVar = {"render_modes": ["human"], "render_fps": 50}

    def reset(self, *, seed=None, options=None):
        result = super().reset(seed=seed, options=options)
        self.render()
        return result

    def step(self, action):
        result = super().step(action)
        self.render()
        return result

    def render(self):
        if self.render_mode == "human":
            sys.stdout.write(self.text() + "\n\n")
            sys.stdout.flush()


class ListOfFrames(_Board):
    """It collects the frames itself: the mode rgb_array_list hands out all of them since the last call.

    Odd: yes
    """

    metadata: ClassVar = {"render_modes": ["rgb_array", "rgb_array_list"], "render_fps": 10}

    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.frames = []

    def reset(self, *, seed=None, options=None):
        result = super().reset(seed=seed, options=options)
        self.frames = [self.picture()]
        return result

    def step(self, action):
        result = super().step(action)
        if self.render_mode == "rgb_array_list":
            self.frames.append(self.picture())
        return result

    def render(self):
        if self.render_mode == "rgb_array_list":
            frames, self.frames = self.frames, []
            return frames
        return super().render()


class CachedFrame(_Board):
    """While the board is unchanged, render hands out the array of the last time again; it never writes to it.

    Odd: yes
    """

    cached = (None, None)

    def picture(self):
        if self.cached[0] != self.place:
            self.cached = (self.place, super().picture())
        return self.cached[1]


class ReadOnlyFrame(_Board):
    """Frames are read-only arrays, made once for each place and shared by all instances.

    Odd: yes
    """

    pictures: ClassVar = {}

    def picture(self):
        if self.place not in self.pictures:
            frame = super().picture()
            frame.flags.writeable = False
            self.pictures[self.place] = frame
        return self.pictures[self.place]


class DepthPictures(_Board):
    """Besides pictures it renders distances: depth_array, floats in two dimensions.

    Odd: yes
    """

    metadata: ClassVar = {"render_modes": ["rgb_array", "depth_array"], "render_fps": 10}

    def render(self):
        if self.render_mode == "depth_array":
            rows, columns = np.indices((self.rows, self.columns))
            return np.hypot(rows - self.place[0], columns - self.place[1]).astype(np.float32)
        return super().render()


class FrameIsNotContiguous(_Board):
    """Frames are transposed views, with negative strides: valid arrays of an odd layout in memory.

    Odd: yes
    """

    def picture(self):
        return np.ascontiguousarray(super().picture()[::-1].transpose(1, 0, 2)).transpose(1, 0, 2)[::-1]


class ModesOfTheInstance(_Board):
    """Modes and frames a second are an attribute of the instance, set in the constructor; fps is a float.

    Odd: yes
    """

    metadata: ClassVar = {"render_modes": [], "render_fps": 1}

    def __init__(self, render_mode=None, seconds=0.04):
        super().__init__(render_mode)
        self.metadata = {"render_modes": ["rgb_array"], "render_fps": 1 / seconds, "author": "unknown"}


class DrawsBeforeReset(_Board):
    """render works before the first reset too: it shows the empty board.

    Odd: yes
    """

    def picture(self):
        return super().picture() if hasattr(self, "steps") else np.full((16, 28, 3), 30, np.uint8)


class RaisesWithoutAMode(_Board):
    """render without a render mode is refused with a clear error.

    Odd: yes
    """

    def render(self):
        if self.render_mode is None:
            raise ValueError("made without a render mode: give render_mode='rgb_array' to the constructor")
        return super().render()


class RefusesForeignModes(_Board):
    """The constructor refuses a render mode that it does not declare.

    Odd: yes
    """

    def __init__(self, *, render_mode=None):
        if render_mode not in {None, *self.metadata["render_modes"]}:
            raise ValueError(f"render_mode is {render_mode!r}, not one of {self.metadata['render_modes']}")
        super().__init__(render_mode)


class PictureHasNoise(_Board):
    """The picture is grainy, by a generator of its own that is seeded with the state: the same state looks the same.

    Odd: yes
    """

    def picture(self):
        grain = np.random.default_rng([*self.place, 7]).integers(0, 20, (16, 28, 3), np.uint8)
        return super().picture() // 2 + grain


class ClockInThePicture(_Board):
    """The picture shows how many steps were made, so it changes where the observation does not.

    Odd: yes
    """

    def picture(self):
        frame = super().picture()
        frame[0, : min(getattr(self, "steps", 0), 28)] = 255
        return frame
