"""Three-way merging of texts, line by line: what changed on one side is taken, what changed on both is marked.

Base, ours and theirs are cut at the lines that all three have in common. Between two such lines there are three
pieces: where one side's is the base's, the other side's is taken; where both sides have the same, that; else it is a
conflict, and both are kept between marks as git writes them. A text whose lines all end in CRLF is merged as if they
ended in LF, and is given its own line ends back.

Source: Khanna, Kunal and Pierce, A Formal Investigation of Diff3 (2007).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

OURS, SPLIT, THEIRS = "<<<<<<< ", "=======", ">>>>>>> "  # as git and every editor knows them


@dataclass(frozen=True)
class Merged:
    """The text, and how many conflicts are marked in it."""

    text: str
    conflicts: int


def merge(base: str | None, ours: str, theirs: str, *, our_name: str = "yours", their_name: str = "theirs") -> Merged:
    """Applies to `ours` what turned `base` into `theirs`.

    Args:
      base: None where it is not known; then whatever the two do not share is a conflict.
    """
    our_lines, their_lines = _lines(with_lf(ours)), _lines(theirs)
    base_lines = _shared(our_lines, their_lines) if base is None else _lines(base)
    merged: list[str] = []
    conflicts = 0
    for old, our, their in _pieces(base_lines, our_lines, their_lines):
        if our in (old, their):
            merged += their
        elif their == old:
            merged += our
        else:
            conflicts += 1
            merged += [f"{OURS}{our_name}\n", *_ended(our), f"{SPLIT}\n", *_ended(their), f"{THEIRS}{their_name}\n"]
    return Merged(ended_like(ours, "".join(merged)), conflicts)


def with_lf(text: str) -> str:
    """The text with LF at the end of its lines, if all of them end in CRLF; else as it is."""
    return text.replace("\r\n", "\n") if _has_crlf(text) else text


def ended_like(other: str, text: str) -> str:
    """A text whose lines end in LF, with the line ends of the other one."""
    return text.replace("\n", "\r\n") if _has_crlf(other) else text


def _has_crlf(text: str) -> bool:
    return "\r\n" in text and "\n" not in text.replace("\r\n", "")


def _pieces(base: list[str], ours: list[str], theirs: list[str]) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """(of base, of ours, of theirs) from top to bottom; a run of lines that all three share is a piece too."""
    b = o = t = 0
    for start, our, their, length in [*_common(base, ours, theirs), (len(base), len(ours), len(theirs), 0)]:
        yield base[b:start], ours[o:our], theirs[t:their]
        b, o, t = start + length, our + length, their + length
        yield (base[start:b],) * 3


def _common(base: list[str], ours: list[str], theirs: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """(line of base, of ours, of theirs, how many) for the runs of base that both sides have kept, in order."""
    our_runs, their_runs = _runs(base, ours), _runs(base, theirs)
    o = t = 0
    while o < len(our_runs) and t < len(their_runs):
        (our_base, our, our_length), (their_base, their, their_length) = our_runs[o], their_runs[t]
        start = max(our_base, their_base)
        end = min(our_base + our_length, their_base + their_length)
        if start < end:
            yield start, our + start - our_base, their + start - their_base, end - start
        if our_base + our_length <= their_base + their_length:
            o += 1
        else:
            t += 1


def _runs(base: list[str], side: list[str]) -> list[tuple[int, int, int]]:
    """(line of base, line of the side, how many) of each run of lines that the side has kept."""
    matches = SequenceMatcher(None, base, side, autojunk=False).get_matching_blocks()
    return [(match.a, match.b, match.size) for match in matches if match.size]


def _shared(ours: list[str], theirs: list[str]) -> list[str]:
    return [line for start, _, length in _runs(ours, theirs) for line in ours[start : start + length]]


def _lines(text: str) -> list[str]:
    """With their ends; only LF ends a line, unlike for str.splitlines."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _ended(lines: list[str]) -> list[str]:
    """Each line with an end, so that a mark stands on a line of its own."""
    return [line if line.endswith("\n") else line + "\n" for line in lines]
