"""envkit check, by exit code and text."""

import json
import subprocess
import sys

import pytest

from envkit.cli.main import run

FAULTY = """
from envkit.check.lamp import Lamp

class Env(Lamp):
    def observe(self):
        return super().observe() * 3

class Smelly(Lamp):
    metadata = {"render_modes": ["rgb_array"]}
"""
FINDING = ["message", "fix", "at", "program", "count", "code", "name", "severity", "kind", "also", "case"]
KEYS = [
    "schema", "env", "verdict", "findings", "not_judged", "coverage", "seconds",
    "judged", "allowed", "notes", "source", "settings",
]  # fmt: skip


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "faulty.py").write_text(FAULTY)


def test_a_clean_environment_exits_0(capsys):
    assert run(["check", "envkit.check.lamp:Lamp"]) == 0
    assert capsys.readouterr().out.startswith("envkit.check.lamp:Lamp: clean (")


def test_a_fault_exits_1_and_is_told_with_its_fix_and_program(capsys):
    assert run(["check", "faulty.py:Env"]) == 1
    out = capsys.readouterr().out
    assert "EK301 observation-outside-space  error" in out
    assert "env = envkit.make('faulty.py:Env')" in out
    assert "  fix " in out


def test_the_program_of_a_finding_shows_the_fault(capsys):
    run(["check", "faulty.py:Env", "--format", "json"])
    program = json.loads(capsys.readouterr().out)["findings"][0]["program"]
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_json_is_one_object_and_nothing_else(capsys):
    assert run(["check", "faulty.py:Env", "--format", "json"]) == 1
    captured = capsys.readouterr()
    report = json.loads(captured.out)
    assert list(report) == KEYS
    assert (report["schema"], report["env"], report["verdict"]) == (1, "faulty.py:Env", "errors")
    assert sorted(report["findings"][0]) == sorted(FINDING)
    assert report["findings"][0]["severity"] == "error"
    assert captured.err == ""


def test_a_warning_exits_0_and_with_strict_1(capsys):
    assert run(["check", "faulty.py:Smelly"]) == 0
    assert run(["check", "faulty.py:Smelly", "--strict"]) == 1


def test_several_environments_are_judged_one_by_one(capsys):
    assert run(["check", "envkit.check.lamp:Lamp", "faulty.py:Env", "--format", "json"]) == 1
    whole = json.loads(capsys.readouterr().out)
    assert [report["verdict"] for report in whole["reports"]] == ["clean", "errors"]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["nothing"], "no environment is called 'nothing'"),
        (["faulty.py:Nothing"], "faulty.py has no 'Nothing'; did you mean faulty.py:"),
        (["faulty.py:Env", "--env-kwargs", "size=3"], "takes no argument 'size'"),
        (["faulty.py:Env", "--env-kwargs", "size"], "--env-kwargs takes key=value, not 'size'"),
        (["faulty.py:Env", "--select", "EK9999"], "no rule is called 'EK9999'"),
        (["faulty.py:Env", "--format", "yaml"], "'yaml' is not one of 'text', 'json', 'junit'"),
        ([], "Missing argument 'ENV...'"),
    ],
)
def test_what_is_typed_wrong_exits_2_with_one_line(capsys, arguments, text):
    assert run(["check", *arguments]) == 2
    captured = capsys.readouterr()
    assert text in captured.err
    assert captured.err.startswith("envkit: ")
    assert captured.err.count("\n") == 1
    assert captured.out == ""


@pytest.mark.parametrize("option", [["--seed", "-1"], ["--timeout", "0"], ["--timeout", "-1"]])
def test_a_number_out_of_range_is_refused(capsys, option):
    assert run(["check", "gridworld", *option]) == 2
    assert "is not in the range" in capsys.readouterr().err


def test_one_wrong_name_does_not_lose_the_other_reports(capsys):
    assert run(["check", "envkit.check.lamp:Lamp", "nothing"]) == 2
    captured = capsys.readouterr()
    assert captured.out.startswith("envkit.check.lamp:Lamp: clean")
    assert "no environment is called 'nothing'" in captured.err


def test_what_the_environment_prints_stays_out_of_the_report(tmp_path, capfd):
    (tmp_path / "loud.py").write_text(FAULTY.replace("return super", "print('noise'); return super"))
    run(["check", "loud.py:Env", "--format", "json"])
    assert json.loads(capfd.readouterr().out)["verdict"] == "errors"
