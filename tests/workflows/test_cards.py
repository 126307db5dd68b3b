"""What documentation says is found, whichever of the usual forms it has."""

import gymnasium
import pytest

from envkit.core.ref import EnvRef
from envkit.workflows.cards import clean, entitled, in_short, sections, tables, texts

MARKDOWN = """
A lake.

## Description
Cold.

## Rewards:
- +1 on land
- -1 in the water

```python
# no heading
```

### Details
None.
"""
LABELLED = """Pond: skate over the ice.

Actions      Discrete(2): 0 left,
             1 right.
Reward       1 a step.
Best return  -11: never
             fall.

Skaters may fall. Note  this is prose.
"""


def test_markdown_has_its_sections_and_comments_in_programs_are_none():
    found = dict(sections(MARKDOWN))
    assert list(found) == ["Description", "Rewards", "Details"]
    assert found["Rewards"].startswith("- +1 on land")
    assert "# no heading" in found["Rewards"]
    assert found["Details"] == "None."


def test_labels_have_their_texts_until_the_prose_begins():
    found = dict(sections(LABELLED))
    assert found["Actions"] == "Discrete(2): 0 left,\n             1 right."
    assert found["Reward"] == "1 a step."
    assert found["Best return"] == "-11: never\n             fall."
    assert "Skaters" not in " ".join(found.values())


def test_a_label_with_a_colon_may_have_a_list_below_it():
    assert sections("Game.\n\nActions:\n- 0: left\n- 1: right\n\nThe end.") == [("Actions", "- 0: left\n- 1: right")]
    assert sections("Nothing here.") == []


def test_sections_are_asked_for_by_their_whole_title():
    assert entitled(MARKDOWN, "rewards?") == [("Rewards", sections(MARKDOWN)[1][1])]
    assert entitled(MARKDOWN, "reward") == []


def test_the_class_comes_before_its_base_and_both_before_the_module():
    class Base(gymnasium.Env):
        """Reward  of the base."""

    class Special(Base):
        """Reward  of its own."""

    class Silent(Base):
        pass

    assert list(texts(Special(), "reward")) == ["of its own.", "of the base."]
    assert list(texts(Silent(), "reward")) == ["of the base."]
    assert next(texts(EnvRef.of("gridworld").make(), "reward")).startswith("-1 a step")  # the card is the module's


def test_a_table_is_its_rows_by_their_headings():
    text = "Before\n\n| Num | Observation | Min |\n| --- | ----------- | --- |\n| 0 | Place | -1 |\n| 1 | Speed | -2 |\nAfter"
    assert list(tables(text)) == [
        [{"num": "0", "observation": "Place", "min": "-1"}, {"num": "1", "observation": "Speed", "min": "-2"}]
    ]
    assert list(tables("| a | b |\n| no | --- |\n| of | dashes |")) == []
    assert list(tables("| a |\n|---|")) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("One line\nand its end.\n\nAnother.", ["One line and its end.", "Another."]),
        ("Ends:\n1. in\n   the water\n2) on land", ["Ends:", "1. in the water", "2) on land"]),
        ("A *word*, **two**, `three`, r_t, a * b", ["A word, two, three, r_t, a * b"]),
        ("*r = theta<sup>2</sup>* of [a paper](http://x.y) <a id='z'></a>$n$", ["r = theta^2 of a paper n"]),
        ("| a | b |\n|---|---|\n| 1 | 2 |\nText.\n> quoted\n", ["Text."]),
        ("Before.\n```python\nx = 1\n```\nAfter.", ["Before.", "After."]),
        ("bell\x07 and \x1b[31m", ["bell and [31m"]),
        ("", []),
    ],
)  # fmt: skip
def test_in_short_it_is_paragraphs_and_items_without_markup(text, told):
    assert in_short(text) == told


def test_a_name_is_short_and_printable():
    assert clean(" `Cosine` of `theta1`. ") == "Cosine of theta1"
    assert clean("a\nb\x1bc") == "a b c"
    assert len(clean("x" * 200)) == 60
