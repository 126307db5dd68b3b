"""Courier: carry a parcel by the shortest way, with one road closed.

Observation  Graph: a node is a town, Box(0, 1, (2,), float32): whether the courier is here, whether the parcel goes
             here; an edge is an open road, listed both ways, Box(0, 1, (1,), float32): its length.
Actions      Discrete(6): the town to ride to.
Reward       minus the length of the road; -1 for a town that no open road leads to, and then the courier stays.
Terminated   at the parcel's town.  Truncated by the registered limit of 30 steps.
Best return  -449/675, about -0.665: the mean of the shortest ways over nine closed roads and thirty pairs of towns.
Source       made for this tour.
"""

from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.spaces import GraphInstance

from envkit.authoring.canvas import Canvas
from envkit.authoring.palette import GREEN, INK, MIST, ORANGE, SLATE, VERMILION, WHITE, Colour
from envkit.core.mdp import MDP, Outcome

from .game import Game

State = tuple[int, int, int]  # the closed road, the courier's town, the parcel's

TOWNS = {"Ash": (0.12, 0.3), "Birch": (0.45, 0.15), "Cedar": (0.86, 0.22), "Dale": (0.16, 0.8), "Elm": (0.5, 0.55),
         "Fern": (0.88, 0.8)}  # fmt: skip
ROADS = {(0, 1): 0.4, (0, 3): 0.5, (0, 4): 0.5, (1, 2): 0.4, (1, 4): 0.4, (2, 4): 0.5, (2, 5): 0.6, (3, 4): 0.4,
         (4, 5): 0.4}  # fmt: skip
LINKS = tuple(ROADS)
LAND: Colour = (196, 214, 178)

REGISTRATION = {"id": "envkit/Courier-v0", "entry_point": "Courier", "max_episode_steps": 30}


class Courier(Game[GraphInstance, np.int64]):
    SHOWS = "Graph"
    BEST_RETURN = -449 / 675
    canvas_size = (480, 420)

    def __init__(self, *, render_mode: str | None = None):
        node, edge = spaces.Box(0, 1, (2,), np.float32), spaces.Box(0, 1, (1,), np.float32)
        self.observation_space = spaces.Graph(node, edge)
        self.action_space = spaces.Discrete(len(TOWNS))
        super().__init__(render_mode=render_mode)

    def deal(self) -> None:
        here, goal = self.np_random.choice(len(TOWNS), size=2, replace=False)
        self.state: State = (int(self.np_random.integers(len(ROADS))), int(here), int(goal))
        self.way = [int(here)]

    def play(self, action: np.int64) -> tuple[float, bool]:
        self.state, reward, over = move(self.state, int(action))
        self.way.append(self.state[1])
        return reward, over

    def observe(self) -> GraphInstance:
        closed, here, goal = self.state
        nodes = np.zeros((len(TOWNS), 2), np.float32)
        nodes[here, 0] = nodes[goal, 1] = 1
        links = [link for number, link in enumerate(LINKS) if number != closed]
        both_ways = np.array(links + [link[::-1] for link in links], np.int32)
        lengths = np.array([ROADS[link] for link in links] * 2, np.float32)
        return GraphInstance(nodes, lengths[:, None], both_ways)

    def best_action(self, observation: GraphInstance) -> np.int64:
        """Bellman and Ford: relax every road as often as there are towns, then ride down the slope."""
        nodes, edges, links = _arrays(observation)
        (start, end), length = links.T, edges[:, 0].astype(np.float64)
        to_go = np.where(nodes[:, 1] > 0, 0.0, np.inf)
        for _ in TOWNS:
            np.minimum.at(to_go, start, length + to_go[end])
        leaving = np.flatnonzero(nodes[start, 0] > 0)
        return np.int64(end[leaving[np.argmin((length + to_go[end])[leaving])]])

    def draw(self, canvas: Canvas) -> None:
        closed, here, goal = self.state
        places = [(30 + 430 * x, 20 + 380 * y) for x, y in TOWNS.values()]
        canvas.fill(LAND)
        for number, (start, end) in enumerate(LINKS):
            canvas.line(
                [places[start], places[end]], MIST if number == closed else WHITE, 5 if number == closed else 11
            )
        canvas.line([places[town] for town in self.way], ORANGE, 5)
        for number, ((start, end), length) in enumerate(ROADS.items()):
            x, y = (places[start][0] + places[end][0]) / 2, (places[start][1] + places[end][1]) / 2
            canvas.circle(x, y, 15, VERMILION if number == closed else WHITE)
            canvas.text(
                "X" if number == closed else f"{length:.1f}", x, y, size=15, colour=WHITE if number == closed else INK
            )
        for town, ((x, y), name) in enumerate(zip(places, TOWNS, strict=True)):
            canvas.circle(x, y, 24, GREEN if town == goal else SLATE)
            canvas.text(name, x, y + 36, size=16)
            if town == goal:
                canvas.rect(x - 9, y - 9, 18, 18, WHITE, radius=2)
                canvas.line([(x, y - 9), (x, y + 9)], VERMILION, 3)
            if town == here:
                canvas.circle(x, y, 14, ORANGE)
                canvas.circle(x, y, 14, INK, outline=3)

    def state_of(self, observation: GraphInstance) -> int:
        nodes, _, links = _arrays(observation)
        open_roads = {tuple(link) for link in links.tolist()}
        closed = next(number for number, link in enumerate(LINKS) if link not in open_roads)
        here, goal = nodes.argmax(axis=0)
        return int(np.ravel_multi_index((closed, here, goal), SHAPE))

    def mdp(self) -> MDP:
        """The exact model, of 324 states."""
        states = [tuple(map(int, state)) for state in np.ndindex(*SHAPE)]
        starts = [state for state in states if state[1] != state[2]]
        return MDP.from_outcomes(
            [(1 / len(starts), start) for start in starts],
            lambda state, action: [] if state[1] == state[2] else [Outcome(1.0, *move(state, action))],
            len(TOWNS),
            states=states,
            action_names=tuple(TOWNS),
        )


SHAPE = (len(ROADS), len(TOWNS), len(TOWNS))


def move(state: State, action: int) -> tuple[State, float, bool]:
    """The next state, the reward, and whether the parcel is delivered."""
    closed, here, goal = state
    link = (min(here, action), max(here, action))
    if link not in ROADS or link == LINKS[closed]:
        return state, -1.0, False
    return (closed, action, goal), -ROADS[link], action == goal


def _arrays(graph: GraphInstance) -> tuple[Any, Any, Any]:
    """Nodes, edges and links, all of which this game's graphs have."""
    return graph.nodes, graph.edges, graph.edge_links
