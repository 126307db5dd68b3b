"""envkit bench, by exit code and text, on a small environment with a small budget."""

import json

import click
import pytest

from envkit.cli.commands.bench import COMMAND
from envkit.cli.main import run

QUICK = ["--num-envs", "1", "--seconds", "0.02"]
LAMP = "envkit.check.lamp:Lamp"
DYING = """
import os
from envkit.check.lamp import Lamp

class Dying(Lamp):
    def reset(self, *, seed=None, options=None):
        os._exit(7)
"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    file = tmp_path_factory.mktemp("kept") / "bench.json"
    assert run(["bench", LAMP, *QUICK, "--save", str(file)]) == 0
    return file


def changed(kept, factor):
    """The file as if everything had taken so many times as long then."""
    data = json.loads(kept.read_text())
    for row in data["rows"]:
        row["laps"] = [[factor * passed, factor * worked, waits] for passed, worked, waits in row["laps"]]
        row["yardsticks"] = [[worked, worked, waits] for _, worked, waits in row["yardsticks"]]
    return json.dumps(data)


def test_the_report_is_printed_and_kept_whole(capsys, kept):
    assert json.loads(kept.read_text())["kind"] == "envkit-bench"
    assert run(["bench", LAMP, *QUICK, "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["schema"], data["env"]) == (1, LAMP)
    assert "bare" in [row["name"] for row in data["rows"]]


def test_what_was_ten_times_as_quick_before_exits_1_with_the_rows_on_standard_error(capsys, kept, tmp_path):
    (tmp_path / "quicker.json").write_text(changed(kept, 0.1))
    assert run(["bench", LAMP, *QUICK, "--compare", "quicker.json", "--tolerance", "50"]) == 1
    printed = capsys.readouterr()
    assert "bare takes " in printed.err
    assert " times as long (" in printed.err
    assert "the tolerance is 50%" in printed.out


def test_what_was_ten_times_as_slow_before_exits_0(capsys, kept, tmp_path):
    (tmp_path / "slower.json").write_text(changed(kept, 10))
    assert run(["bench", LAMP, *QUICK, "--compare", "slower.json"]) == 0
    assert "better" in capsys.readouterr().out


def test_a_file_of_another_environment_exits_2_and_one_of_another_schema_4_before_anything_is_measured(capsys, kept):
    assert run(["bench", "CartPole-v1", "--compare", str(kept)]) == 2
    assert f"envkit: the file is of {LAMP}, and this is CartPole-v1" in capsys.readouterr().err
    kept.with_name("old.json").write_text('{"kind": "envkit-bench", "schema": 0}')
    assert run(["bench", LAMP, "--compare", str(kept.with_name("old.json"))]) == 4
    assert "has schema 0, and this envkit reads 1" in capsys.readouterr().err
    assert run(["bench", LAMP, "--compare", "nowhere.json"]) == 2
    assert run(["bench", LAMP, "--save", "nowhere/bench.json"]) == 5


def test_an_environment_that_ends_the_process_exits_3_with_one_line(capsys, tmp_path):
    (tmp_path / "dying.py").write_text(DYING)
    assert run(["bench", "dying.py:Dying", *QUICK]) == 3
    told = capsys.readouterr().err
    assert told.startswith("envkit: dying.py:Dying: the process ended with exit code 7, while measuring 'bare': ")
    assert told.count("\n") == 1


def test_wrong_words_exit_2(capsys):
    assert run(["bench", LAMP, "--num-envs", "1,many"]) == 2
    assert "--num-envs takes a whole number, or several with commas, not '1,many'" in capsys.readouterr().err
    assert run(["bench", LAMP, "--env-kwargs", "colour=red"]) == 2
    assert run(["bench", "CartPol-v1"]) == 2


def test_its_help_fits_a_terminal():
    with click.Context(COMMAND, info_name="envkit bench", terminal_width=80) as context:
        assert max(len(line) for line in COMMAND.get_help(context).splitlines()) <= 80
