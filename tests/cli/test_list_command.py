"""envkit list, by its lines; and that it says of an environment what the page of the bundled ones says."""

import re
from pathlib import Path

import gymnasium
import pytest

from envkit.cli.main import cli, run
from envkit.workflows.listing import listing, summary, table

PAGE = Path(__file__).parents[2] / "docs" / "environments.md"


class Pond(gymnasium.Env):
    """Pond: skate over the ice.

    And more.
    """


class PondEnv(gymnasium.Env):
    """Pond: skate on it."""


class Skates(gymnasium.Env):
    """Ponds: and their skaters."""


def bundled():
    return [row for row in listing()[0] if row["id"].startswith("envkit/")]


def test_every_line_fits_a_hundred_columns_and_says_the_name_but_in_alias_and_id(capsys):
    assert run(["list"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if " envkit/" in line]
    assert len(lines) == len(bundled()) > 10
    assert max(map(len, lines)) <= 100
    assert [row["alias"] for row in bundled() if re.match(rf"(?i){row['alias']}\b", row["summary"])] == []


def test_list_and_page_say_the_same_of_every_bundled_environment():
    titles = [title.partition(": ")[2] for title in re.findall(r"^## (.+)$", PAGE.read_text(), re.M)]
    said = {row["summary"][0].lower() + row["summary"][1:] for row in bundled()}
    assert said == set(titles)


@pytest.mark.parametrize(
    ("source", "said"),
    [(Pond, "Skate over the ice."), (PondEnv, "Skate on it."), (Skates, "Ponds: and their skaters.")],
)
def test_the_name_in_front_of_a_summary_is_left_out(monkeypatch, source, said):
    for entry_point in (source, f"{__name__}:{source.__name__}"):
        monkeypatch.setitem(gymnasium.registry, "Pond-v0", gymnasium.envs.registration.EnvSpec("Pond-v0", entry_point))
        assert summary("Pond-v0") == said


def test_on_a_terminal_a_line_ends_where_its_width_does():
    rows = [{"alias": "pond", "id": "a/Pond-v0", "summary": "Skate over the ice."}]
    assert table(rows) == ["pond  a/Pond-v0  Skate over the ice."]
    assert table(rows, width=36) == table(rows)
    assert table(rows, width=35) == ["pond  a/Pond-v0  Skate over the ic…"]
    assert table(rows, width=29) == ["pond  a/Pond-v0  Skate over…"]
    assert table([], width=34) == []


@pytest.mark.parametrize("name", ["doctor", "list", "new", "spaces"])
def test_the_short_help_of_a_command_is_never_cut(name):
    assert 0 < len(cli.get_command(None, name).short_help) <= 45
