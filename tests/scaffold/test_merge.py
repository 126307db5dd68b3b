"""Merging takes what one side changed, marks what both changed, and loses no line of either."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envkit.scaffold.merge import merge

LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "\n"]), max_size=12).map("".join)
TEXT = st.one_of(LINES, LINES.map(lambda text: text[:-1]), st.text(max_size=20))
POEM = "one\ntwo\nthree\nfour\nfive\nsix\n"


def with_ours(text: str) -> str:
    """A marked text with every conflict resolved as ours."""
    return _resolved(text, ours=True)


def with_theirs(text: str) -> str:
    return _resolved(text, ours=False)


def _resolved(text: str, *, ours: bool) -> str:
    kept, side = [], None
    for line in text.splitlines(keepends=True):
        if line.startswith("<<<<<<< "):
            side = True
        elif line == "=======\n" and side is not None:
            side = False
        elif line.startswith(">>>>>>> "):
            side = None
        elif side in (None, ours):
            kept.append(line)
    return "".join(kept)


@given(base=TEXT, other=TEXT)
@settings(max_examples=500, deadline=None)
def test_where_one_side_changed_nothing_the_other_is_the_answer(base, other):
    assert (merge(base, base, other).text, merge(base, base, other).conflicts) == (_as_lf(base, other), 0)
    assert (merge(base, other, base).text, merge(base, other, base).conflicts) == (other, 0)


def _as_lf(ours: str, theirs: str) -> str:
    """Theirs is given our line ends, so a text of nothing but CRLF answers for itself."""
    return theirs.replace("\n", "\r\n") if "\r\n" in ours and "\n" not in ours.replace("\r\n", "") else theirs


@given(base=LINES, both=LINES)
@settings(max_examples=300, deadline=None)
def test_what_both_sides_changed_alike_is_no_conflict(base, both):
    assert (merge(base, both, both).text, merge(base, both, both).conflicts) == (both, 0)


@given(base=LINES, ours=LINES, theirs=LINES)
@settings(max_examples=1000, deadline=None)
def test_resolving_all_one_way_keeps_every_line_that_this_way_added(base, ours, theirs):
    merged = merge(base, ours, theirs)
    mirrored = merge(base, theirs, ours)
    assert merged.conflicts == mirrored.conflicts
    assert with_ours(merged.text) == with_theirs(mirrored.text)
    if not merged.conflicts:
        assert merged.text == mirrored.text


@given(
    lines=st.lists(st.integers(0, 99), min_size=9, max_size=9, unique=True),
    ours=st.lists(st.text("xyz", min_size=1), max_size=3),
    theirs=st.lists(st.text("uvw", min_size=1), max_size=3),
)
@settings(max_examples=300, deadline=None)
def test_changes_with_a_line_between_them_are_both_made(lines, ours, theirs):
    base = [str(line) for line in lines]
    mine, new = [*base[:2], *ours, *base[4:]], [*base[:6], *theirs, *base[8:]]
    whole = [*base[:2], *ours, *base[4:6], *theirs, *base[8:]]
    texts = ["".join(f"{line}\n" for line in side) for side in (base, mine, new, whole)]
    assert merge(*texts[:3]) == merge(texts[0], texts[0], texts[3])


def test_a_conflict_is_marked_as_git_marks_it():
    ours, theirs = POEM.replace("three", "drei"), POEM.replace("three", "trois").replace("six", "sept")
    merged = merge(POEM, ours, theirs, our_name="yours", their_name="grid 2")
    assert merged.conflicts == 1
    assert merged.text == ("one\ntwo\n<<<<<<< yours\ndrei\n=======\ntrois\n>>>>>>> grid 2\nfour\nfive\nsept\n")


def test_without_a_base_only_what_both_share_is_free_of_marks():
    merged = merge(None, "one\nmine\ntwo\n", "one\ntwo\nnew\n")
    assert (merged.conflicts, with_ours(merged.text), with_theirs(merged.text)) == (0, "one\nmine\ntwo\nnew\n", "one\nmine\ntwo\nnew\n")  # fmt: skip
    assert merge(None, "a\nmine\n", "a\ntheirs\n").conflicts == 1


def test_an_author_on_windows_keeps_the_line_ends():
    ours = POEM.replace("one", "eins").replace("\n", "\r\n")
    merged = merge(POEM, ours, POEM.replace("six", "sept"))
    assert merged.conflicts == 0
    assert merged.text == "eins\r\ntwo\r\nthree\r\nfour\r\nfive\r\nsept\r\n"


@pytest.mark.parametrize("mark", ["\x0c", "\x85", "\u2028", "\r"], ids=["form feed", "nel", "separator", "cr"])
def test_only_line_feeds_end_lines(mark):
    base = f"a{mark}b\nc\nd\ne\n"
    assert merge(base, base.replace("a", "A"), base.replace("e", "E")).text == f"A{mark}b\nc\nd\nE\n"


def test_a_last_line_without_an_end_does_not_run_into_a_mark():
    merged = merge("a", "b", "c", our_name="yours", their_name="theirs")
    assert merged.text == "<<<<<<< yours\nb\n=======\nc\n>>>>>>> theirs\n"
