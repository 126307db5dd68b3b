"""envkit new, by exit code and text."""

import dataclasses
import re
import shutil
from pathlib import Path

import pytest

from envkit.cli.main import run
from envkit.scaffold import templates


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_says_what_was_made_and_what_to_type_next(here, capsys):
    assert run(["new", "frozen-pond", "--author", "Ada"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Made frozen-pond from the template gymnasium-env:\n")
    assert "  frozen_pond/env.py " in out
    assert out.endswith(
        """
Next:
  cd frozen-pond
  python -m pip install -e '.[test]'
  python -m pytest
  envkit check frozen-pond
  envkit solve frozen-pond --algo value-iteration
"""
    )
    assert " Ada\n" in (here / "frozen-pond" / "LICENSE").read_text()


@pytest.mark.parametrize(
    ("name", "called"),
    [("myenv", "myenv"), ("HTTPPond", "http-pond"), ("grid-world", "grid_world/GridWorld-v0"), ("acrobot", "acrobot")],
    ids=["short", "capitals", "bundled", "gymnasiums"],
)
def test_the_commands_to_type_next_and_the_readme_call_it_by_its_alias(here, capsys, name, called):
    assert run(["new", name]) == 0
    out, readme = capsys.readouterr().out, (here / name / "README.md").read_text()
    for text in (out, readme):
        assert f"envkit check {called}\n" in text
        assert f"envkit solve {called} --algo value-iteration\n" in text


def test_every_file_that_is_spoken_of_exists(here, capsys):
    run(["new", "frozen-pond"])
    spoken = capsys.readouterr().out.partition("\n\n")[2].partition("\n\n")[0]
    paths = [line.split()[0] for line in spoken.splitlines()]
    assert len(paths) > 3
    assert [path for path in paths if not (here / "frozen-pond" / path).exists()] == []


def test_the_folder_to_change_to_is_quoted_where_the_shell_needs_it(here, capsys):
    (here / "my games").mkdir()
    assert run(["new", "pond-x", "--directory", "my games"]) == 0
    assert "\n  cd 'my games/pond-x'\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["random"], "'random' is a module of Python's own library; try: envkit new random-env"),
        (["../pond"], "'../pond' is a path; a project's name is one word, and --directory says where it goes; try"),
        (["--", "-rf"], "'-rf' is no name"),
        (["-rf"], "No such option"),
        ([], "Missing argument 'NAME'"),
        (["pond-x", "--template", "atari"], "template 'atari' is not one of external, finite, "),
        (["pond-x", "--directory", "nowhere"], "there is no folder 'nowhere' to make the project in"),
        (["pond-x", "--author", "a\nb"], r"author is 'a\nb', which is no single line"),
        (["pond-x", "--dry-run"], "--dry-run goes with --update"),
        (["pond-x", "--force"], "--force goes with --update"),
        (
            ["--update", "--template", "grid"],
            "--template is for a new project; --update takes what the project's record",
        ),
        (["--update", "--author", "Ada"], "--author is for a new project"),
        (["--update"], "'.' has no .envkit.toml, so `envkit new` did not make it"),
        (["--update", "nowhere"], "'nowhere' has no .envkit.toml"),
    ],
)
def test_what_cannot_be_done_exits_2_and_makes_nothing(here, capsys, arguments, message):
    assert run(["new", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("envkit: ")
    assert message in error
    assert error.count("\n") == 1
    assert list(here.iterdir()) == []


def test_an_existing_folder_exits_2_and_is_not_touched(here, capsys):
    (here / "pond-x").mkdir()
    (here / "pond-x" / "mine").write_text("")
    assert run(["new", "pond-x"]) == 2
    assert "pond-x exists already, and nothing in it was touched" in capsys.readouterr().err
    assert list((here / "pond-x").iterdir()) == [here / "pond-x" / "mine"]


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that not even root can write to")
def test_a_folder_that_cannot_be_written_exits_5(capsys):
    assert run(["new", "pond-x", "--directory", "/proc"]) == 5
    error = capsys.readouterr().err
    assert error.startswith("envkit: cannot make /proc/pond-x: ")
    assert error.endswith("; nothing was left behind; --directory DIR makes it in another folder\n")


def test_list_shows_every_template_with_a_line(here, capsys):
    assert run(["new", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(templates())
    assert all(len(line) <= 120 and len(line.split()) > 5 for line in lines)
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("name", templates())
def test_every_template_says_what_it_made_and_every_file_of_it_exists(here, capsys, name):
    assert run(["new", "frozen-pond", "--template", name]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"Made frozen-pond from the template {name}:\n")
    spoken = out.partition("\n\n")[2].partition("\n\n")[0].splitlines()
    assert len(spoken) > 3
    assert [line for line in spoken if not (here / "frozen-pond" / line.split()[0]).exists()] == []


def test_a_project_of_today_is_told_to_be_up_to_date(here, capsys):
    run(["new", "frozen-pond"])
    capsys.readouterr()
    assert run(["new", "--update", "frozen-pond"]) == 0
    assert capsys.readouterr().out == "frozen-pond is up to date: version 1 of the template gymnasium-env\n"


@pytest.fixture
def newer(here, monkeypatch):
    """A project, and a later version of its template that says another current."""
    run(["new", "frozen-pond"])
    real = templates()["gymnasium-env"]
    shutil.copytree(real.folder.parent, here / "newer")
    folder = here / "newer" / real.name
    rules = folder / "package" / "env.py.jinja"
    rules.write_text(rules.read_text().replace("ROWS, COLUMNS = 6, 7", "ROWS, COLUMNS = 6, 8"))
    newer = dataclasses.replace(real, version=2, folder=folder)
    monkeypatch.setattr("envkit.scaffold.template.templates", lambda: {real.name: newer})
    return here / "frozen-pond"


def test_an_update_has_a_line_for_each_file_and_says_what_to_do(newer, monkeypatch, capsys):
    capsys.readouterr()
    monkeypatch.chdir(newer)
    assert run(["new", "--update"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Brought . to version 2 (from 1) of the template gymnasium-env:\n\n")
    assert "  updated    frozen_pond/env.py\n" in out
    assert "  unchanged  README.md\n" in out
    assert out.endswith("\n\nLook at it with `git diff`, run the tests and commit.\n")


def test_conflicts_exit_1_and_are_named_with_their_lines(newer, capsys):
    mine = newer / "frozen_pond" / "env.py"
    mine.write_text(mine.read_text().replace("ROWS, COLUMNS = 6, 7", "ROWS, COLUMNS = 9, 9"))
    before = mine.read_text()
    capsys.readouterr()
    assert run(["new", "--update", "frozen-pond", "--dry-run"]) == 1
    out = capsys.readouterr().out
    assert mine.read_text() == before
    assert out.startswith("Would bring frozen-pond to version 2 (from 1)")
    assert out.endswith("\nNothing was changed: this was --dry-run.\n")
    assert run(["new", "--update", "frozen-pond"]) == 1
    out = capsys.readouterr().out
    assert re.search(r"  conflict   frozen_pond/env\.py  marked in line \d+\n", out)
    assert out.endswith("\nResolve the conflicts in 1 file, then run the tests and commit.\n")


def test_a_damaged_record_exits_4_in_one_line(newer, capsys):
    (newer / ".envkit.toml").write_text("template = [")
    assert run(["new", "--update", "frozen-pond"]) == 4
    error = capsys.readouterr().err
    assert error.startswith("envkit: frozen-pond/.envkit.toml is no TOML: ")
    assert error.count("\n") == 1
