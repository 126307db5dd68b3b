"""Drone: fly through as many rings as you can in ten seconds.

Observation  Box([-8, -8, -20, -20, -1, -1, -10, 0], [8, 8, 20, 20, 1, 1, 10, 1], float32):
             - 0: way to the ring to the right (m)
             - 1: way to the ring upwards (m)
             - 2: speed to the right (m/s)
             - 3: speed upwards (m/s)
             - 4: sine of the tilt, which is positive to the left
             - 5: cosine of the tilt
             - 6: speed of the tilt (rad/s)
             - 7: share of the flight that is left
Actions      Box(-1, 1, (2,), float32). At 0 each rotor carries half the weight, at 1 all of it, at -1 nothing.
             - 0: left rotor
             - 1: right rotor
Reward       the metres that the ring has come nearer, and +10 for coming within 0.3 m of it; -10 for a crash.
End          Terminated by a crash: off the frame, which is 4 m to each side and 3 m up and down, or tilted by more
             than a quarter turn. Truncated after 250 steps of 0.04 s, by the environment itself.
Arguments    length  steps, 250.
Best return  not known exactly. A hand-written controller, `pilot`, gets about 90, that is seven rings.
Source       the planar drone of many a course on control: two rotors, no air.

A ring that was flown through is gone, and another one hangs somewhere else, up to 3 m to a side and 2 m up or down.
"""

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from gymnasium import spaces
from gymnasium.vector import AutoresetMode

from envkit.authoring import palette
from envkit.authoring.arguments import whole
from envkit.authoring.batch import BatchEnv, Infos, Mask, Rewards
from envkit.authoring.canvas import Canvas, Frame
from envkit.authoring.dice import Rows
from envkit.authoring.single import SingleEnv

REGISTRATION = {"id": "envkit/Drone-v0", "entry_point": "DroneEnv", "vector_entry_point": "DroneBatch"}

TICK = 0.04  # seconds
GRAVITY = 9.8  # metres a second, each second
TWIST = 12.0  # radians a second, each second, that rotors at -1 and 1 give
WIDTH, HEIGHT = 4.0, 3.0  # metres from the middle of the frame to its edges
RINGS = (3.0, 2.0)  # metres from the middle within which rings hang
NEAR = 0.3  # metres
THROUGH, CRASH = 10.0, -10.0
# Of the observations. Nothing that the rotors can do goes beyond: full thrust over the whole frame gives 18 m/s.
HIGHEST = np.array([8, 8, 20, 20, 1, 1, 10, 1], np.float32)
LOWEST = np.append(-HIGHEST[:-1], np.float32(0))

Floats = npt.NDArray[np.float64]
Observation = npt.NDArray[np.float32]


class DroneBatch(BatchEnv):
    """Many drones, stepped as arrays.

    Args:
      length: steps of a flight.
      num_envs, max_episode_steps, render_mode, autoreset_mode: as of `BatchEnv`.
    """

    metadata = {"render_fps": 25}  # noqa: RUF012
    fields: ClassVar[Mapping[str, npt.DTypeLike]] = {
        "place": np.dtype((float, 2)),  # of the drone, metres to the right and up from the middle of the frame
        "speed": np.dtype((float, 2)),
        "tilt": float,
        "spin": float,
        "thrust": np.dtype((float, 2)),  # of the rotors, as the last action asked for it
        "ring": np.dtype((float, 2)),
        "rings": np.int64,  # flown through
    }
    place: Floats
    speed: Floats
    tilt: Floats
    spin: Floats
    thrust: Floats
    ring: Floats
    rings: npt.NDArray[np.int64]

    def __init__(
        self,
        num_envs: int = 1,
        *,
        length: int = 250,
        max_episode_steps: int | None = None,
        render_mode: str | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
    ):
        self.length = whole("length", length, least=1)
        super().__init__(
            spaces.Box(LOWEST, HIGHEST, dtype=np.float32),
            spaces.Box(-1, 1, (2,), np.float32),
            num_envs,
            max_episode_steps=max_episode_steps,
            render_mode=render_mode,
            autoreset_mode=autoreset_mode,
            length=self.length,
        )

    def begin(self, rows: Rows) -> None:
        for array in (self.place, self.speed, self.tilt, self.spin, self.thrust, self.rings):
            array[rows] = 0
        self._hang(rows)

    def advance(self, actions: npt.NDArray[np.float32]) -> tuple[Rewards, Mask]:
        before = self._distance()
        self.thrust[:] = actions
        self.spin += TICK * TWIST / 2 * (self.thrust[:, 1] - self.thrust[:, 0])
        self.tilt += TICK * self.spin
        lift = TICK * GRAVITY * (1 + self.thrust.sum(axis=1) / 2)
        self.speed[:, 0] -= lift * np.sin(self.tilt)
        self.speed[:, 1] += lift * np.cos(self.tilt) - TICK * GRAVITY
        self.place += TICK * self.speed
        after = self._distance()
        crashed = (np.abs(self.place) > (WIDTH, HEIGHT)).any(axis=1) | (np.abs(self.tilt) > math.pi / 2)
        through = (after < NEAR) & ~crashed
        self.rings += through
        if through.any():
            self._hang(np.flatnonzero(through))
        return before - after + THROUGH * through + CRASH * crashed, crashed

    def observe(self) -> Observation:
        seen = np.empty((self.num_envs, 8), np.float32)
        seen[:, 0:2] = self.ring - self.place
        seen[:, 2:4] = self.speed
        seen[:, 4], seen[:, 5] = np.sin(self.tilt), np.cos(self.tilt)
        seen[:, 6] = self.spin
        seen[:, 7] = 1 - self.steps / self.length
        return seen

    def info(self) -> Infos:
        return {"rings": self.rings.copy()}

    def painter(self) -> "DroneEnv":
        return DroneEnv(self.length, render_mode="rgb_array")

    def pose(self, painter: "DroneEnv", row: int) -> None:
        painter.rows = {name: array[[row]] for name, array in self.get_rows().items()}

    def _hang(self, rows: Rows) -> None:
        """Hangs a ring somewhere, for these rows."""
        for axis, reach in enumerate(RINGS):
            self.ring[rows, axis] = self.dice.uniform(-reach, reach, rows)

    def _distance(self) -> Floats:
        right, up = (self.ring - self.place).T
        return np.asarray(np.hypot(right, up))


class DroneEnv(SingleEnv):
    """Two rotors, a ring, and ten seconds."""

    batch = DroneBatch
    metadata = {"render_modes": ["human", "rgb_array"], "render_fps": 25}  # noqa: RUF012
    canvas_size = (640, 480)

    def __init__(self, length: int = 250, *, render_mode: str | None = None):
        super().__init__(length=length, render_mode=render_mode)

    def draw_background(self, canvas: Canvas) -> None:
        canvas.frame[:] = _sky(canvas.width, canvas.height)

    def draw(self, canvas: Canvas) -> None:
        world = self.world
        assert isinstance(world, DroneBatch)
        scale = canvas.width / (2 * WIDTH)

        def seen(right: float, up: float) -> tuple[float, float]:
            return canvas.width / 2 + scale * right, canvas.height / 2 - scale * up

        x, y = seen(*world.ring[0])
        canvas.circle(x, y, scale * NEAR + 4, palette.mix(palette.ORANGE, palette.WHITE, 0.6), outline=12)
        canvas.circle(x, y, scale * NEAR, palette.ORANGE, outline=5)
        _draw_drone(canvas, seen(*world.place[0]), float(world.tilt[0]), world.thrust[0], scale)
        left = 1 - world.steps[0] / world.length
        canvas.rect(20, 20, 160, 8, palette.WHITE, radius=4)
        canvas.rect(20, 20, 160 * left, 8, palette.SLATE, radius=4)
        canvas.text(f"{left * world.length * TICK:.1f} s", 190, 24, size=14, colour=palette.SLATE, anchor="left")
        canvas.text(f"{world.rings[0]}", canvas.width - 24, 34, size=34, colour=palette.ORANGE, anchor="right")


def pilot(observation: Observation) -> npt.NDArray[np.float32]:
    """A hand-written controller: leans towards the ring, against its own speed, and keeps its height."""
    right, up, fast, rise, sine, cosine, spin, _ = observation.tolist()
    tilt = math.atan2(sine, cosine)
    wanted = min(max(0.3 * fast - 0.37 * right, -0.66), 0.66)
    twist = 6 * (wanted - tilt) - 1.4 * spin
    both = min(max(0.5 * up - 0.32 * rise + 1 / max(cosine, 0.5) - 1, -1.0), 1.0)
    return np.array([both - twist / 2, both + twist / 2], np.float32).clip(-1, 1)


@lru_cache(maxsize=4)
def _sky(width: int, height: int) -> Frame:
    """uint8 [height, width, 3]: lighter towards the ground."""
    share = np.linspace(0, 1, height)[:, None]
    colours = np.array([(150, 195, 232)]) * (1 - share) + np.array([(234, 243, 250)]) * share
    return np.repeat(colours[:, None].astype(np.uint8), width, axis=1)


def _draw_drone(
    canvas: Canvas, at: tuple[float, float], tilt: float, thrust: npt.NDArray[np.float64], scale: float
) -> None:
    along, down = (math.cos(tilt), -math.sin(tilt)), (math.sin(tilt), math.cos(tilt))

    def point(right: float, low: float) -> tuple[float, float]:
        return (
            at[0] + scale * (right * along[0] + low * down[0]),
            at[1] + scale * (right * along[1] + low * down[1]),
        )

    for side, power in zip((-1, 1), thrust.tolist(), strict=True):
        length = 0.12 + 0.18 * (1 + power)
        wash = palette.mix(palette.SKY, palette.WHITE, 0.45)
        canvas.polygon(
            [point(side * 0.30 - 0.08, -0.06), point(side * 0.30 + 0.08, -0.06), point(side * 0.30, length)], wash
        )
        canvas.line([point(side * 0.30, 0.0), point(side * 0.30, -0.10)], palette.SLATE, 4)
        canvas.line([point(side * 0.30 - 0.15, -0.10), point(side * 0.30 + 0.15, -0.10)], palette.INK, 4)
    canvas.line([point(-0.30, 0.0), point(0.30, 0.0)], palette.SLATE, 6)
    canvas.circle(*at, 0.13 * scale, palette.INK)
    canvas.circle(*point(0, -0.03), 0.06 * scale, palette.VERMILION)
