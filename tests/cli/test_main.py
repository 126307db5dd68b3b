"""The frame around every command: help, version, unknown commands, bugs, pipes and signals."""

import os
import subprocess
import sys

import click
import pytest

import envkit
from envkit.cli import main


def test_help_names_every_command(capsys):
    assert main.run(["--help"]) == 0
    out = capsys.readouterr().out
    for command in ("advise", "check", "doctor", "explain", "list", "new", "show", "solve", "spaces"):
        assert f"  {command} " in out


@pytest.mark.parametrize("command", [None, *main.cli.list_commands(click.Context(main.cli))])
def test_no_line_of_help_is_wider_than_a_terminal(capsys, command):
    assert main.run([*([command] if command else []), "--help"]) == 0
    assert [line for line in capsys.readouterr().out.splitlines() if len(line) > 80] == []


def test_the_version(capsys):
    assert main.run(["--version"]) == 0
    assert capsys.readouterr().out == f"envkit, version {envkit.__version__}\n"


def test_an_unknown_command_is_answered_with_the_nearest(capsys):
    assert main.run(["chekc"]) == 2
    err = capsys.readouterr().err
    assert "command 'chekc': did you mean 'check'? It is not one of advise, bench, check" in err


def test_an_unknown_option_is_one_line(capsys):
    assert main.run(["check", "gridworld", "--fast"]) == 2
    assert (
        capsys.readouterr().err
        == "envkit: No such option '--fast'. Did you mean '--format'; see `envkit check --help`\n"
    )


def test_a_bug_is_one_line_and_its_traceback_goes_to_a_file(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("envkit.workflows.listing.listing", lambda: 1 / 0)
    assert main.run(["list"]) == 70
    err = capsys.readouterr().err
    assert err.startswith("envkit: a bug in envkit: ZeroDivisionError: division by zero; please report it with ")
    assert err.count("\n") == 1
    assert "Traceback" in next(tmp_path.glob("envkit-bug-*.txt")).read_text()


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (main.Terminated(), 143, "terminated"),
        (PermissionError(13, "Permission denied", "/shelf"), 5, "cannot read or write /shelf: Permission denied"),
    ],
)
def test_an_ending_has_its_exit_code(capsys, monkeypatch, error, code, text):
    def fail():
        raise error

    monkeypatch.setattr("envkit.workflows.listing.listing", fail)
    assert main.run(["list"]) == code
    assert capsys.readouterr().err == f"envkit: {text}\n"


def test_a_reader_that_goes_away_is_no_fault():
    command = f"{sys.executable} -m envkit.cli.main explain | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "0"
    assert done.stderr == ""


def test_sigterm_ends_with_143():
    script = "import os, signal; from envkit.cli import main; from envkit.workflows import listing\n"
    script += "listing.listing = lambda: os.kill(os.getpid(), signal.SIGTERM)\nmain.main(['list'])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=dict(os.environ))
    assert (done.returncode, done.stderr) == (143, "envkit: terminated\n")
