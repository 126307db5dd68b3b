"""What the documentation of an environment says: its sections, tables and numbered lists.

Read are the docstrings of its class and of the bases, then that of the module. A section has a heading in Markdown
(`## Action Space`), or where the text has none of those, a label with two spaces or a colon behind it
(`Actions    Discrete(2): 0 up, 1 down`).
"""

import inspect
import re
import sys
from collections.abc import Iterator
from typing import Any

import gymnasium

LONGEST = 60  # characters of a name
HEADING = re.compile(r"\s*#+\s+(.+?)[:\s]*$")
LABEL = re.compile(r"([A-Z]\w*(?: \w+)?)(?:  +|:(?: +|$))(.*)$")
ITEM = re.compile(r"^\s*(?:[-*]\s*`?(-?\d+)`?\s*[:=]\s*(.+?)|\|\s*(-?\d+)\s*\|\s*([^|]+?)\s*\|.*)\s*$", re.M)
BULLET = re.compile(r"\s*(?:[-*]|\d+[.)])\s+")
MARKUP = (
    (re.compile(r"<sup>(.*?)</sup>"), r"^\1"),
    (re.compile(r"<!--.*?-->|<[^<>\n]+>", re.S), ""),
    (re.compile(r"!\[[^\]]*\]\([^)]*\)"), ""),
    (re.compile(r"\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"\$([^$\n]+)\$"), r"\1"),
    (re.compile(r"\*\*|`+|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)"), ""),
)
Table = list[dict[str, str]]  # rows; {heading of the column in lower case: text}


def documents(env: gymnasium.Env[Any, Any]) -> Iterator[str]:
    """The docstrings, the most special first."""
    kinds = [
        kind for kind in type(env.unwrapped).__mro__ if issubclass(kind, gymnasium.Env) and kind is not gymnasium.Env
    ]
    found = [kind.__dict__.get("__doc__") for kind in kinds]
    found += [getattr(sys.modules.get(kind.__module__), "__doc__", None) for kind in kinds[:1]]
    yield from (inspect.cleandoc(document) for document in found if document)


def texts(env: gymnasium.Env[Any, Any], title: str) -> Iterator[str]:
    """The texts of the sections whose title fits a regular expression, case aside."""
    for document in documents(env):
        yield from (text for _, text in entitled(document, title))


def entitled(document: str, title: str) -> list[tuple[str, str]]:
    """(title, text) of those sections."""
    return [(own, text) for own, text in sections(document) if re.fullmatch(title, own, re.I)]


def sections(document: str) -> list[tuple[str, str]]:
    """(title, text) of each section; what stands before the first one is left out."""
    lines = document.splitlines()
    found: list[tuple[str, list[str]]] = []
    fenced, in_markdown = False, any(HEADING.match(line) for line in lines)
    for number, line in enumerate(lines):
        fenced ^= line.lstrip().startswith("```")
        match = None if fenced else (HEADING if in_markdown else LABEL).match(line)
        if match:
            found.append((match[1], [match[2]] if match.lastindex == 2 else []))
        elif found and not in_markdown and _is_outside(line, lines[number - 1]):
            found.append(("", []))
        elif found:
            found[-1][1].append(line)
    return [(title, "\n".join(text).strip()) for title, text in found if title]


def _is_outside(line: str, before: str) -> bool:
    """Whether a labelled section is over: a line that is neither indented nor part of a list, after an empty one."""
    return bool(line.strip()) and not before.strip() and not line.startswith((" ", "|")) and not BULLET.match(line)


def tables(document: str) -> Iterator[Table]:
    """The tables in Markdown."""
    block: list[list[str]] = []
    for line in [*document.splitlines(), ""]:
        if line.strip().startswith("|"):
            block.append([cell.strip() for cell in line.strip().strip("|").split("|")])
            continue
        if len(block) > 2 and all(set(cell) <= set("-: ") for cell in block[1]):
            heads = [head.lower() for head in block[0]]
            yield [dict(zip(heads, cells, strict=False)) for cells in block[2:]]
        block = []


def numbered(items: list[tuple[str, ...]], start: int, count: int) -> tuple[str, ...]:
    """The names that `ITEM` has found for so many numbers, empty where there is none; the first of a number counts."""
    found: dict[int, str] = {}
    for number, name, other, cell in items:
        found.setdefault(int(number or other), name or cell)
    return tuple(found.get(number, "") for number in range(start, start + count))


def in_short(text: str) -> list[str]:
    """Paragraphs and items of a list, one each, without markup, tables, quotations and programs."""
    found: list[str] = []
    open_ = False
    for line in _plain(re.sub(r"^\s*```.*?^\s*```$", "", text, flags=re.M | re.S)).splitlines():
        bullet = BULLET.match(line)
        if not line.strip() or line.lstrip().startswith(("|", ">")):
            open_ = False
        elif bullet or not open_:
            found.append(" ".join(line.split()))
            open_ = True
        else:
            found[-1] += f" {' '.join(line.split())}"
    return found


def clean(name: str) -> str:
    """A name that is safe to print, and not too long."""
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())
    text = text.replace("`", "").strip(" .,;:*\"'")
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _plain(text: str) -> str:
    for pattern, instead in MARKUP:
        text = pattern.sub(instead, text)
    return "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text)
