"""envkit list, by its lines; and that it says of an environment what the page of the bundled ones says."""

import json
import re
import subprocess
import sys
from pathlib import Path

import gymnasium
import pytest
from gymnasium.envs.registration import EnvSpec

from envkit.cli.main import cli, run
from envkit.workflows.listing import listing, registered, registered_table, summary, table

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
        monkeypatch.setitem(gymnasium.registry, "Pond-v0", EnvSpec("Pond-v0", entry_point))
        assert summary("Pond-v0") == said


def test_on_a_terminal_a_line_ends_where_its_width_does():
    rows = [{"alias": "pond", "id": "a/Pond-v0", "summary": "Skate over the ice."}]
    assert table(rows) == ["pond  a/Pond-v0  Skate over the ice."]
    assert table(rows, width=36) == table(rows)
    assert table(rows, width=35) == ["pond  a/Pond-v0  Skate over the ic…"]
    assert table(rows, width=29) == ["pond  a/Pond-v0  Skate over…"]
    assert table([], width=34) == []


def only(monkeypatch, *specs):
    """A registry of these alone."""
    monkeypatch.setattr("envkit.workflows.listing.registry", registry := {spec.id: spec for spec in specs})
    monkeypatch.setattr("envkit.core.catalogue.registry", registry)


def test_all_shows_the_newest_versions_by_package_with_limit_and_threshold(monkeypatch):
    only(
        monkeypatch,
        EnvSpec("Pond-v0", "ponds.envs.pond:Pond", max_episode_steps=50),
        EnvSpec("Lake-v2", "lakes:Lake"),
        EnvSpec("Pond-v10", "ponds.envs.pond:Pond", max_episode_steps=5, reward_threshold=-2.5),
        EnvSpec("Pond-v9", "ponds.envs.pond:Pond"),
        EnvSpec("wide/Pond-v1", "ponds.envs.wide:Pond", max_episode_steps=1),
        EnvSpec("Puddle", PondEnv),
    )
    rows = registered(but={"Lake-v2"})
    assert [(row["id"], row["newest"]) for row in rows] == [
        ("Pond-v0", False), ("Pond-v10", True), ("Pond-v9", False), ("wide/Pond-v1", True), ("Puddle", True),
    ]  # fmt: skip
    assert registered_table(rows) == [
        "",
        "ponds.envs",
        "  Pond-v10          5 steps  solved from -2.5",
        "  wide/Pond-v1       1 step",
        "",
        __name__,
        "  Puddle",
        "",
        "2 older versions left out: --format json has all",
    ]
    assert [row["package"] for row in registered(but=())][4] == "lakes"


def test_all_says_of_gymnasiums_own_what_their_registration_says(capsys):
    assert run(["list", "--all"]) == 0
    lines = capsys.readouterr().out.splitlines()
    at = lines.index("gymnasium.envs.classic_control")
    assert "  CartPole-v1                  500 steps  solved from 475" in lines[at:]
    assert not any(line.split()[:1] == ["CartPole-v0"] for line in lines)
    assert sum("envkit/GridWorld-v0" in line for line in lines) == 1
    assert run(["list", "--all", "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    by_id = {row["id"]: row for row in answer["registered"]}
    assert by_id["CartPole-v0"] | {"newest": None} == {
        "id": "CartPole-v0", "package": "gymnasium.envs.classic_control",
        "entry_point": "gymnasium.envs.classic_control.cartpole:CartPoleEnv",
        "max_episode_steps": 200, "reward_threshold": 195.0, "newest": None,
    }  # fmt: skip
    assert (by_id["CartPole-v0"]["newest"], by_id["CartPole-v1"]["newest"]) == (False, True)
    assert not by_id.keys() & {row["id"] for row in answer["environments"]}


def test_without_all_the_registry_is_left_out(capsys):
    assert run(["list"]) == 0
    assert "CartPole" not in capsys.readouterr().out
    assert run(["list", "--format", "json"]) == 0
    assert "registered" not in json.loads(capsys.readouterr().out)


def test_reading_the_registry_imports_no_environment():
    code = "import sys; from envkit.cli.main import run; run(['list', '--all']); print([*sys.modules], file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Pendulum-v1" in done.stdout
    assert "'gymnasium.envs.registration'" in done.stderr
    assert not re.search(r"'gymnasium\.envs\.(classic_control|toy_text|box2d|mujoco|phys2d|tabular)\b", done.stderr)


@pytest.mark.parametrize("name", ["doctor", "list", "new", "spaces"])
def test_the_short_help_of_a_command_is_never_cut(name):
    assert 0 < len(cli.get_command(None, name).short_help) <= 45
