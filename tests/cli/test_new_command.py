"""envkit new, by exit code and text."""

from pathlib import Path

import pytest

from envkit.cli.main import run


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
        (["pond-x", "--template", "atari"], "template 'atari' is not one of gymnasium-env"),
        (["pond-x", "--directory", "nowhere"], "there is no folder 'nowhere' to make the project in"),
        (["pond-x", "--author", "a\nb"], r"author is 'a\nb', which is no single line"),
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
