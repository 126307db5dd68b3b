"""The options of `envkit check`, and `envkit replay`, by exit code, text and files."""

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from envkit.check.api import check
from envkit.cli.main import run
from envkit.core.errors import UsageError

FAULTY = """
from envkit.check.lamp import Lamp

class Env(Lamp):
    def observe(self):
        return super().observe() * 3

class Smelly(Lamp):
    metadata = {"render_modes": ["rgb_array"]}
"""
QUICK = ["--budget", "quick", "--select", "EK301,EK707"]


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """{name: report} of real checks, each made once."""
    place = tmp_path_factory.mktemp("checked")
    (place / "faulty.py").write_text(FAULTY)
    with contextlib.chdir(place):
        found = {
            name: check(name, select=["EK301", "EK707"], budget="quick")
            for name in ("faulty.py:Env", "faulty.py:Smelly")
        }
    return {name: (place, report) for name, report in found.items()}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "faulty.py").write_text(FAULTY)
    return tmp_path


@pytest.fixture
def checked(here, reports, monkeypatch):
    """The command gets the reports from above, for tests of what it does with them."""

    def answer(ref, *, config, **options):
        if str(ref) not in reports:
            raise UsageError(f"no environment is called {str(ref)!r}")
        place, report = reports[str(ref)]
        (here / "faulty.py").write_bytes((place / "faulty.py").read_bytes())
        return replace(report, source=replace(report.source, file=str(here / "faulty.py")), strict=config.strict)

    monkeypatch.setattr("envkit.check.api.check", answer)


def test_the_report_is_written_in_the_format_of_its_name_and_told_as_text(here, checked, capsys):
    readers = {
        "a.json": json.loads,
        "a.sarif": json.loads,
        "a.xml": ElementTree.fromstring,
        "a.md": lambda text: text.index("### envkit check"),
        "a.txt": lambda text: text.index("EK301 observation-outside-space  error"),
        "plain": lambda text: text.index("EK301 observation-outside-space  error"),
    }
    for name, reader in readers.items():
        assert run(["check", "faulty.py:Env", *QUICK, "--output", name]) == 1
        reader((here / name).read_text())
        assert "EK301 observation-outside-space  error" in capsys.readouterr().out


def test_a_format_that_is_given_wins_over_the_name(here, checked, capsys):
    run(["check", "faulty.py:Env", *QUICK, "--format", "json", "--output", "report.txt"])
    assert json.loads((here / "report.txt").read_text())["verdict"] == "errors"
    assert "EK301 observation-outside-space  error" in capsys.readouterr().out


def test_several_environments_are_in_one_file(here, checked):
    assert run(["check", "faulty.py:Env", "faulty.py:Smelly", *QUICK, "--output", "all.sarif"]) == 1
    results = json.loads((here / "all.sarif").read_text())["runs"][0]["results"]
    assert [result["ruleId"] for result in results] == ["EK301", "EK707"]
    place = results[0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "faulty.py"
    assert place["region"]["startLine"] == 4


@pytest.mark.parametrize("format", ["junit", "sarif", "github", "markdown"])
def test_other_formats_go_to_standard_output_alone(checked, capsys, format):
    assert run(["check", "faulty.py:Env", *QUICK, "--format", format]) == 1
    out = capsys.readouterr().out
    assert "EK301" in out
    assert "  saw " not in out


@pytest.mark.parametrize("output", ["/dev/full", "."])
def test_what_cannot_be_written_exits_5_in_a_line_and_the_report_is_told(checked, capsys, output):
    assert run(["check", "faulty.py:Env", *QUICK, "--output", output]) == 5
    captured = capsys.readouterr()
    assert "EK301 observation-outside-space  error" in captured.out
    assert captured.err.startswith("envkit: cannot write ")
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize("output", ["missing/report.json", "faulty.py/report.json"])
def test_a_report_that_has_no_folder_is_refused_before_anything_is_checked(checked, capsys, output):
    assert run(["check", "faulty.py:Env", *QUICK, "--output", output]) == 5
    captured = capsys.readouterr()
    folder = output.partition("/")[0]
    assert captured.out == ""
    assert captured.err == f"envkit: cannot write {output}: there is no folder {folder}; make it first\n"


def test_a_full_disk_loses_no_wrong_name(checked, capsys):
    assert run(["check", "nothing", "faulty.py:Env", *QUICK, "--output", "/dev/full"]) == 5
    err = capsys.readouterr().err
    assert "no environment is called 'nothing'" in err
    assert "No space left on device" in err


def test_an_unknown_budget_is_refused_with_the_nearest(capsys):
    assert run(["check", "faulty.py:Env", "--budget", "quik"]) == 2
    assert "did you mean 'quick'?" in capsys.readouterr().err


def test_tests_are_written_and_their_place_is_told(here, checked, capsys):
    assert run(["check", "faulty.py:Env", *QUICK, "--write-test", "regressions"]) == 1
    assert capsys.readouterr().err == "envkit: wrote regressions/test_faulty_env_findings.py\n"
    text = (here / "regressions" / "test_faulty_env_findings.py").read_text()
    assert 'assert_mended("faulty.py:Env", rule="EK301", episodes=[(0, [])])' in text


def test_a_foreign_file_is_not_replaced_by_tests(here, checked, capsys):
    (here / "test_faulty_env_findings.py").write_text("# mine\n")
    assert run(["check", "faulty.py:Env", *QUICK, "--write-test", "."]) == 5
    assert "is not of envkit's writing, so it stays" in capsys.readouterr().err
    assert (here / "test_faulty_env_findings.py").read_text() == "# mine\n"


# configuration


def configure(here, text):
    (here / "pyproject.toml").write_text(f"[tool.envkit.check]\nbudget = 'quick'\n{text}")


def test_the_file_holds_and_the_command_line_wins(here, capsys):
    configure(here, "select = ['EK707']\nstrict = true\n")
    assert run(["check", "faulty.py:Smelly"]) == 1
    assert run(["check", "faulty.py:Smelly", "--no-strict"]) == 0
    capsys.readouterr()
    run(["check", "faulty.py:Env", "--select", "EK301", "--format", "json"])
    assert [f["code"] for f in json.loads(capsys.readouterr().out)["findings"]] == ["EK301"]


def test_an_exception_with_a_reason_is_told_and_does_not_fail(here, capsys):
    configure(here, "[[tool.envkit.check.allow]]\nenv = 'faulty.py:*'\nrule = 'EK301'\nreason = 'it shines'\n")
    assert run(["check", "faulty.py:Env", "--select", "EK301"]) == 0
    out = capsys.readouterr().out
    assert "allowed: EK301 observation-outside-space" in out
    assert "because it shines" in out


def test_a_wrong_key_exits_2_and_names_the_file(here, capsys):
    configure(here, "ignoer = []\n")
    assert run(["check", "faulty.py:Env"]) == 2
    captured = capsys.readouterr()
    assert captured.err == (
        f"envkit: {here}/pyproject.toml: tool.envkit.check has no key 'ignoer'; did you mean 'ignore'?\n"
    )


# terminals


def on_a_terminal(*arguments, environment=()):
    """What a terminal of 80 columns is sent."""
    ours, theirs = pty.openpty()
    given = {"TERM": "xterm-256color", "COLUMNS": "80", **dict(environment)}
    process = subprocess.Popen(
        [sys.executable, "-m", "envkit", *arguments],
        stdin=theirs, stdout=theirs, stderr=theirs,
        env={key: value for key, value in os.environ.items() if key != "NO_COLOR"} | given,
    )  # fmt: skip
    os.close(theirs)
    data = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:
            break
        if not chunk:
            break
        data += chunk
    os.close(ours)
    process.wait(60)
    return data.decode()


def test_a_terminal_shows_colours_and_progress_and_nothing_else_does(here, capfd):
    text = on_a_terminal("check", "faulty.py:Env", *QUICK)
    assert "\x1b[1;31m  error" in text
    assert "checking faulty.py:Env" in text
    subprocess.run([sys.executable, "-m", "envkit", "check", "faulty.py:Env", *QUICK], check=False)
    captured = capfd.readouterr()
    assert "\x1b" not in captured.out + captured.err
    assert captured.err == ""


def test_no_color_is_heeded(here):
    text = on_a_terminal("check", "faulty.py:Env", *QUICK, environment={"NO_COLOR": "1"}.items())
    assert "EK301 observation-outside-space  error" in text
    assert "\x1b[1;31m" not in text


def test_text_in_brackets_is_no_markup_on_a_terminal(here):
    (here / "faulty.py").write_text(
        FAULTY + "    def step(self, action):\n        raise ValueError('[/oops] [red]x \\x1b[2J \\ud800')\n"
    )
    text = on_a_terminal("check", "faulty.py:Smelly", "--select", "EK502", "--budget", "quick")
    assert "[/oops] [red]x \\x1b[2J \\ud800" in re.sub(r"\r\n +", " ", text)
    assert "envkit: a bug" not in text


def test_what_standard_output_cannot_encode_is_spelled_out(here):
    (here / "faulty.py").write_text(
        FAULTY + "    def step(self, action):\n        raise ValueError('caf\\u00e9 \\ud800')\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "envkit", "check", "faulty.py:Smelly", "--select", "EK502", "--budget", "quick"],
        env=os.environ | {"PYTHONIOENCODING": "ascii"}, capture_output=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert b"caf\\xe9 \\ud800" in done.stdout


# replay


@pytest.fixture
def report(here, reports):
    (here / "report.json").write_text(json.dumps(reports["faulty.py:Env"][1].to_json(), indent=2))
    return here / "report.json"


def test_replay_says_what_is_still_there_and_then_what_is_mended(here, report, capsys):
    capsys.readouterr()
    assert run(["replay", "report.json"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("EK301 observation-outside-space  still there\n  now   reset returned an observation outside")
    assert out.endswith("report.json: 1 of 1 not mended\n")
    (here / "faulty.py").write_text(FAULTY.replace(" * 3", ""))
    assert run(["replay", "report.json", "--only", "EK301"]) == 0
    assert capsys.readouterr().out == "EK301 observation-outside-space  mended\nreport.json: mended\n"


def test_replay_of_a_clean_report_has_nothing_to_try(here, reports, capsys):
    clean = replace(reports["faulty.py:Env"][1], findings=())
    (here / "clean.json").write_text(json.dumps(clean.to_json()))
    assert run(["replay", "clean.json"]) == 0
    assert capsys.readouterr().out == "clean.json: nothing was found then, so there is nothing to try\n"


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["missing.json"], 2, "cannot read missing.json: No such file or directory; write it with `envkit check"),
        (["."], 2, "cannot read .: Is a directory"),
        (["faulty.py"], 4, "faulty.py is no JSON; `envkit check ENV --output report.json` writes a report"),
        (["report.json", "--only", "EK999"], 2, "the report has no finding of EK999; it has EK301"),
        (["report.json", "--env", "nothing"], 2, "no environment is called 'nothing'"),
    ],
)
def test_replay_refuses_in_a_line(report, capsys, arguments, code, text):
    capsys.readouterr()
    assert run(["replay", *arguments]) == code
    captured = capsys.readouterr()
    assert text in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize("cut", range(1, 20))
def test_a_damaged_report_never_brings_a_traceback(report, capsys, cut):
    data = report.read_bytes()
    report.write_bytes(data[: len(data) * cut // 20])
    capsys.readouterr()
    assert run(["replay", "report.json"]) == 4
    assert capsys.readouterr().err.startswith("envkit: report.json")


def test_an_ending_that_says_no_format_is_refused(checked, capsys):
    assert run(["check", "faulty.py:Env", *QUICK, "--output", "r.junit"]) == 2
    assert "the ending of r.junit says no format" in capsys.readouterr().err
    assert run(["check", "faulty.py:Env", *QUICK, "--output", "r.junit", "--format", "junit"]) == 1
