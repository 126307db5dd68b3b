"""What may lie on a cell of a grid, and what it does to whoever steps there.

A legend gives characters their tiles, and a map drawn with those characters is the game:

    LEGEND = {"k": item("key"), "D": door("key"), "o": item("coin", reward=5), "X": hazard(reward=-10)}

`S`, `G`, `#` and `.` are start, goal, wall and floor unless a legend says otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from envkit.authoring import pictures
from envkit.authoring.arguments import number, whole
from envkit.authoring.moves import EIGHT, Move, arrow
from envkit.authoring.palette import BLUE, GREEN, MIST, ORANGE, SKY, SLATE, VERMILION, WHITE, Colour, mix
from envkit.authoring.pictures import Arrow, Picture
from envkit.core.show import show


@dataclass(frozen=True)
class Tile:
    """What one kind of cell is. The functions below make the usual kinds.

    Args:
      name: what people call it; a door asks for its key by this name.
      mark: its character in maps; a legend sets it.
      reward: of the step that ends here, or that picks it up if it is an item; None for what any step pays.
      ends: whether the episode ends here.
      agent: the number of the agent that starts here, counted from 1; 0 for none.
      goal: whether this is what there is to reach.
      wall: whether nobody ever enters.
      item: whether the first step onto it picks it up.
      key: the name of the item without which nobody enters. Opening does not use it up.
      enter: the only move that enters; None for every move.
      slides: whether a move goes on from here until something stops it or the cell is another kind.
      colour: of the cell.
      picture, ink: what is drawn on it, and in which colour.
    """

    name: str
    mark: str = ""
    reward: float | None = None
    ends: bool = False
    agent: int = 0
    goal: bool = False
    wall: bool = False
    item: bool = False
    key: str | None = None
    enter: Move | None = None
    slides: bool = False
    colour: Colour = WHITE
    picture: Picture | None = None
    ink: Colour = SLATE

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise ValueError(f"the name of a tile is {show(self.name)}, not a text such as 'key'")
        if self.reward is not None:
            object.__setattr__(self, "reward", number(f"the reward of tile {self.name!r}", self.reward))


FLOOR = Tile("free", ".")
WALL = Tile("wall", "#", wall=True, colour=SLATE)


def start(agent: int = 1) -> Tile:
    """Where an agent starts. The first is the one that a grid game moves; a game may move the others itself."""
    agent = whole("the number of an agent", agent, least=1)
    return Tile("start" if agent == 1 else f"start of agent {agent}", "S" if agent == 1 else str(agent), agent=agent)


def goal(*, reward: float | None = None) -> Tile:
    """A cell to reach: the episode ends there, and walking there counts as solving the layout."""
    tint = mix(GREEN, WHITE, 0.75)
    return Tile("goal", "G", reward, ends=True, goal=True, colour=tint, picture=pictures.flag, ink=GREEN)


def hazard(name: str = "hazard", *, reward: float | None = None, ends: bool = True) -> Tile:
    """A cell better avoided."""
    return Tile(name, "X", reward, ends=ends, colour=mix(VERMILION, WHITE, 0.72), picture=pictures.cross, ink=VERMILION)


def item(name: str, *, reward: float | None = None, picture: Picture | None = None, ink: Colour = ORANGE) -> Tile:
    """Something to pick up, drawn as a key if its name ends so and else as a coin, unless told otherwise."""
    looks = pictures.key if str(name).endswith("key") else pictures.coin
    return Tile(name, str(name)[:1].lower(), reward, item=True, picture=picture or looks, ink=ink)


def door(key: str, *, ink: Colour = ORANGE) -> Tile:
    """A cell that one enters only with an item of this name."""
    return Tile("door", "D", key=key, colour=mix(ink, WHITE, 0.72), picture=pictures.door, ink=ink)


def ice() -> Tile:
    """A cell on which a move goes on in its direction until something stops it."""
    return Tile("ice", "~", slides=True, colour=mix(SKY, WHITE, 0.6))


def one_way(move: str) -> Tile:
    """A cell that is entered by one move only: `up`, `right`, `down`, `left`, or one between, such as `up-right`."""
    if move not in EIGHT:
        raise ValueError(f"a one-way cell is entered by {show(move)}, not by one of {', '.join(EIGHT)}")
    way = EIGHT[move]
    return Tile(f"one-way {move}", arrow(way), enter=way, colour=mix(BLUE, MIST, 0.85), picture=Arrow(way), ink=BLUE)


USUAL: Mapping[str, Tile] = {"S": start(), "G": goal(), "#": WALL, ".": FLOOR}
