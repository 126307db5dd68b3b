"""Maze: another maze in every episode, all of it in sight.

Observation  Box(0, 3, (rows, columns), uint8): 0 a free cell, 1 a wall, 2 the agent, 3 the goal. With teleporters, the
             entrance of the first is 4 and its exit 5, of the second 6 and 7, and so on.
Actions      Discrete(4): 0 up, 1 right, 2 down, 3 left.
Reward       -1 a step, 0 on the step that reaches the goal.
End          Terminated at the goal. Truncated by the registered limit of 200 steps.
Arguments    rows, columns  the size, 9 x 9 unless told otherwise.
             walls          the share of the cells that are walls, 0.35.
             teleporters    pairs of an entrance and an exit, none.
             slip           the probability of sliding sideways instead, half of it to each side.
             frame_size     pixels of the longer side of a frame; 512 by default, more where cells would get lost in it.
Options      reset(options={"map": text}) plays on that map, drawn as for GridWorld and of the same size.
Best return  one less than the moves of the shortest way, negative; `env.unwrapped.layout.distances` has those moves.
Source       made for this collection.

Every maze can be solved. The goal is drawn anywhere, and the start in the farther half of the cells. Walking against a
wall or the edge keeps the place and costs the step. Every maze has its own start, so that a policy has to read the map:
there is no finite model of all mazes.
"""

import numpy as np

from envkit.authoring.arguments import number, whole
from envkit.authoring.grid import LETTERS, Layout
from envkit.authoring.grid_env import Place, RandomGridEnv
from envkit.authoring.random_layouts import random_layout

REGISTRATION = {"id": "envkit/Maze-v0", "entry_point": "Maze", "max_episode_steps": 200}


class Maze(RandomGridEnv):
    """A grid of walls, a goal, and no second try."""

    def __init__(
        self,
        rows: int = 9,
        columns: int = 9,
        *,
        walls: float = 0.35,
        teleporters: int = 0,
        slip: float = 0.0,
        frame_size: int | None = None,
        render_mode: str | None = None,
    ):
        self.walls = number("walls", walls, least=0, most=1)
        self.teleporters = whole("teleporters", teleporters, least=0)
        letters = LETTERS[: self.teleporters]
        if len(letters) < self.teleporters:
            raise ValueError(f"teleporters is {teleporters}, more than the {len(LETTERS)} letters that tell them apart")
        self.symbols = ".#@G" + "".join(letter + letter.upper() for letter in letters)
        super().__init__(rows, columns, slip=slip, frame_size=frame_size, render_mode=render_mode)
        self._draw(np.random.default_rng(0))  # what finds no room is refused here, not in the first reset

    def new_layout(self) -> Layout:
        return self._draw(self.np_random)

    def reward(self, before: Place, after: Place) -> float:  # noqa: ARG002 - where it ends says it all
        return 0.0 if self.is_over(after) else -1.0

    def _draw(self, rng: np.random.Generator) -> Layout:
        return random_layout(rng, self.board.rows, self.board.columns, walls=self.walls, teleporters=self.teleporters)
