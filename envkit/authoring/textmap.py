"""Maps drawn with characters: one a cell, rows as lines.

    S..
    .#.
    ..G

Indentation and blank lines around a map do not count. On a command line, where a line break is awkward, `/` ends a row
as well: `S../.#./..G`. Cells are numbered row by row from 0.
"""

from dataclasses import dataclass
from typing import Any

from envkit.core.show import show


@dataclass(frozen=True)
class TextMap:
    """A rectangle of characters.

    Args:
      lines: the rows from top to bottom, of equal length.
    """

    lines: tuple[str, ...]

    @classmethod
    def parse(cls, text: Any) -> "TextMap":
        """Reads a map.

        Raises:
          ValueError: where it is empty or not a rectangle.
        """
        if not isinstance(text, str):
            raise ValueError(f"the map is {show(text)}, not a text; join its rows with line breaks")
        lines = tuple("\n".join(line.strip() for line in text.replace("/", "\n").splitlines()).strip().splitlines())
        if not lines:
            raise ValueError(f"the map {text!r} has no cells; write one character a cell, such as 'S.G'")
        for row, line in enumerate(lines):
            if len(line) != len(lines[0]):
                raise ValueError(f"map row {row} is {len(line)} cells wide but row 0 is {len(lines[0])}: {line!r}")
        return cls(lines)

    @property
    def rows(self) -> int:
        return len(self.lines)

    @property
    def columns(self) -> int:
        return len(self.lines[0])

    def cells(self, tile: str) -> list[int]:
        """The numbers of the cells with this character."""
        return [cell for cell, found in enumerate("".join(self.lines)) if found == tile]

    def only(self, tile: str, what: str) -> int:
        """The cell with this character, of which there must be one.

        Args:
          what: what the character means, for the message.
        """
        cells = self.cells(tile)
        if not cells:
            raise ValueError(f"the map has no {what}: mark a cell with {tile!r}")
        if len(cells) > 1:
            places = ", ".join(self.place(cell) for cell in cells[:3])
            raise ValueError(f"the map has {len(cells)} cells marked {tile!r}, but one {what}: {places}")
        return cells[0]

    def place(self, cell: int) -> str:
        """Where a cell is, for messages."""
        return f"row {cell // self.columns}, column {cell % self.columns}"
