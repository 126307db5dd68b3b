"""Reading a legend, and a map by it: what is wrong with either is said with row and column."""

from collections.abc import Mapping
from dataclasses import replace
from string import ascii_lowercase

from envkit.authoring.textmap import TextMap
from envkit.authoring.tiles import USUAL, Tile
from envkit.core.show import show


def marked(own: Mapping[str, Tile]) -> dict[str, Tile]:
    """{character: tile}, each tile with its mark.

    Raises:
      ValueError: where a character or a tile is none.
    """
    if not isinstance(own, Mapping):
        raise ValueError(f"the legend is {show(own)}, not characters with their tiles; write {{'X': hazard()}}")
    for mark, tile in own.items():
        if not isinstance(mark, str) or len(mark) != 1 or mark.isspace() or mark == "/":
            raise ValueError(f"the legend has {show(mark)}, not one character; a space and '/' mean something else")
        if not isinstance(tile, Tile):
            raise ValueError(f"the legend has {show(tile)} for {mark!r}, not a tile such as item('key')")
    return {mark: replace(tile, mark=mark) for mark, tile in own.items()}


def complete(own: Mapping[str, Tile] | None) -> dict[str, Tile]:
    """{character: tile}: the usual ones and the author's.

    Raises:
      ValueError: as `marked`, and where the starts of the agents are not one each.
    """
    mine = marked({} if own is None else own)
    first = any(tile.agent == 1 for tile in mine.values())
    known = {mark: tile for mark, tile in USUAL.items() if not (first and tile.agent == 1)} | mine
    agents = sorted(tile.agent for tile in known.values() if tile.agent)
    if agents != list(range(1, len(agents) + 1)):
        numbers = ", ".join(map(str, agents)) or "nobody"
        raise ValueError(f"the legend has starts for the agents {numbers}; give each from 1 on one character")
    return known


def check_marks(tiles: TextMap, known: Mapping[str, Tile]) -> list[str]:
    """The letters that are free for teleporters, once every character has a meaning and every exit an entrance."""
    taken = sorted({mark.lower() for mark in known if mark.isalpha()})
    letters = [letter for letter in ascii_lowercase if letter not in taken]
    for cell, mark in enumerate("".join(tiles.lines)):
        if mark in known:
            continue
        if mark.lower() not in letters:
            meanings = ", ".join(f"{mark} {tile.name}" for mark, tile in known.items())
            raise ValueError(
                f"the map has {mark!r} at {tiles.place(cell)}, which means nothing; known are {meanings}, and a letter "
                f"other than {', '.join(taken)}: a teleporter from a to A"
            )
        if mark.isupper() and not tiles.cells(mark.lower()):
            raise ValueError(f"the map has the exit {mark!r} at {tiles.place(cell)} but no {mark.lower()!r}")
    return letters


def starts_of(tiles: TextMap, known: Mapping[str, Tile]) -> tuple[int, ...]:
    """Where each agent starts, in the order of their numbers."""
    marks = {tile.agent: mark for mark, tile in known.items() if tile.agent}
    return tuple(tiles.only(marks[agent], known[marks[agent]].name) for agent in sorted(marks))
