"""Findings are tried again: by playing, by making the calls that ended the process, or by checking once more."""

import contextlib
import copy
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envkit.check.api import check
from envkit.check.later import written
from envkit.check.later.again import MENDED, STILL, UNKNOWN, again
from envkit.check.later.past import load, read
from envkit.check.later.program import calls_of
from envkit.check.later.written import MARK, write_report, write_tests
from envkit.core.codec import NotPlain
from envkit.core.errors import ArtifactRefused, StorageFailed, UsageError

FAULTY = """
import os, time
import numpy as np
from envkit.check.lamp import Lamp

class Env(Lamp):
    metadata = {"render_modes": ["rgb_array"]}  # no render_fps: a warning that no case shows

    def step(self, action):
        self.ups = getattr(self, "ups", 0) * (self.steps > 0) + int(action == 1)
        if self.steps == 9:
            DEATH
        observation, reward, *rest = super().step(action)
        return observation, None if self.ups == 3 else reward, *rest
"""
DIES = FAULTY.replace("DEATH", "os._exit(4)")
MENDED_SOURCE = (
    FAULTY.replace("DEATH", "pass")
    .replace('"rgb_array"]', '"rgb_array"], "render_fps": 4')
    .replace("None if", "reward if")
)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("again")


@pytest.fixture(scope="module")
def found(place):
    """The report on the faulty environment, as JSON."""
    with contextlib.chdir(place):
        (place / "faulty.py").write_text(DIES)
        report = check("faulty.py:Env", select=["EK504", "EK707"], timeout=5)
    assert [finding.code for finding in report.findings] == ["EK001", "EK504", "EK707"]
    return report


@pytest.fixture
def here(place, found, monkeypatch):
    monkeypatch.chdir(place)
    (place / "faulty.py").write_text(DIES)
    return place


def data_of(report):
    return json.loads(json.dumps(report.to_json()))


def test_what_is_still_there_is_told_with_what_is_seen_now(here, found):
    outcomes = again(data_of(found))
    assert [(o.finding.code, o.state) for o in outcomes] == [(c, STILL) for c in ("EK001", "EK504", "EK707")]
    assert "exit code 4" in outcomes[0].message
    assert all(outcome.message and outcome.program for outcome in outcomes)


def test_what_is_mended_is_told_so(here, found):
    (here / "faulty.py").write_text(MENDED_SOURCE)
    assert [o.state for o in again(data_of(found))] == [MENDED] * 3


def test_another_environment_can_be_named(here, found):
    (here / "mended.py").write_text(MENDED_SOURCE)
    assert [o.state for o in again(data_of(found), target="mended.py:Env", only=["ek504"])] == [MENDED]


def test_a_fault_that_ends_the_process_while_another_is_played_hides_no_other(here, found):
    (here / "faulty.py").write_text(
        FAULTY.replace("DEATH", "pass").replace(
            "if self.steps", "os._exit(5) if self.ups == 3 else 0\n        if self.steps"
        )
    )
    outcomes = {o.finding.code: o for o in again(data_of(found))}
    assert outcomes["EK504"].state == UNKNOWN
    assert "exit code 5" in outcomes["EK504"].message
    assert outcomes["EK707"].state == STILL


def test_what_ended_otherwise_than_before_is_not_mended(here, found):
    (here / "faulty.py").write_text(FAULTY.replace("DEATH", "time.sleep(60)"))
    data = data_of(found)
    data["settings"]["timeout"] = 0.5
    (outcome,) = again(data, only=["EK001"])
    assert outcome.state == STILL
    assert "no answer within 0.5 s" in outcome.message


def test_an_environment_that_cannot_be_made_any_more_is_judged_nothing(here, found):
    (here / "faulty.py").write_text("1 / 0")
    outcomes = {o.finding.code: o for o in again(data_of(found), only=["EK504", "EK707"])}
    assert {o.state for o in outcomes.values()} == {UNKNOWN}
    assert all(outcome.message for outcome in outcomes.values())


def test_a_death_without_a_case_is_lived_again_by_the_calls_of_its_program(here, found):
    data = data_of(found)
    data["findings"] = data["findings"][:1]
    data["findings"][0]["case"] = None
    assert [o.state for o in again(data)] == [STILL]
    (here / "faulty.py").write_text(MENDED_SOURCE)
    assert [o.state for o in again(data)] == [MENDED]


def test_a_program_in_a_file_is_never_run_as_code(here, found):
    data = data_of(found)
    data["findings"] = data["findings"][:1]
    data["findings"][0] |= {"case": None, "program": "import os\nos.mkdir('broken-in')\nenv = envkit.make('x')"}
    again(data)
    assert not (here / "broken-in").exists()


def test_codes_that_the_report_does_not_have_are_refused(here, found):
    with pytest.raises(UsageError, match="no finding of EK301; it has EK001, EK504, EK707"):
        again(data_of(found), only=["EK301"])


def test_several_reports_in_one_are_all_tried(here, found):
    whole = {"schema": 1, "verdict": "errors", "reports": [data_of(found), data_of(found)]}
    assert len(again(whole, only=["EK504"])) == 2


# what is no report


GOOD = {
    "schema": 1,
    "env": "faulty.py:Env",
    "findings": [
        {
            "message": "m", "fix": "f", "at": "", "program": "", "count": 1, "code": "EK504", "name": "n",
            "severity": "error", "kind": "", "also": [],
            "case": {"episodes": [{"seed": 0, "actions": [1]}], "arguments": {"is": "dict", "items": []}},
        }
    ],
    "settings": {"env_kwargs": {"is": "dict", "items": []}, "seed": 0, "budget": "default", "timeout": 10.0},
}  # fmt: skip


def test_the_smallest_good_report_is_read():
    (past,) = read(GOOD)
    assert past.findings[0].case.last.actions == (1,)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda d: d.pop("schema"), "no report of envkit's"),
        (lambda d: d.update(schema=2), "schema 2; this envkit reads 1"),
        (lambda d: d.update(env=""), "not the name of an environment"),
        (lambda d: d.update(env="os:system"), "Python's own modules hold no environments"),
        (lambda d: d.update(env="subprocess:Popen"), "Python's own modules hold no environments"),
        (lambda d: d.update(reports=3), "not a list of reports"),
        (lambda d: d.pop("findings"), "no report of `envkit check`, which has findings"),
        (lambda d: d["findings"][0].pop("case"), "damaged|is None"),
        (lambda d: d["findings"][0].update(message=3), "message of a finding is 3, not a text"),
        (lambda d: d["findings"][0].update(count="3"), "count of a finding is '3', not a number"),
        (lambda d: d["findings"][0].update(severity="bad"), "damaged"),
        (lambda d: d["findings"][0].update(also="x"), "not a list of texts"),
        (lambda d: d["findings"][0].update(extra=1), "damaged"),
        (lambda d: d["findings"][0]["case"].update(episodes=[]), "a case has no episodes"),
        (lambda d: d["findings"][0]["case"]["episodes"][0].update(seed=-1), "seed of the report is -1"),
        (lambda d: d["findings"][0]["case"].update(arguments=3), "a case has the arguments 3"),
        (lambda d: d["findings"][0]["case"].update(arguments={"is": "code"}), "damaged"),
        (lambda d: d["settings"].update(timeout=float("inf")), "timeout of the report is inf"),
        (lambda d: d["settings"].update(budget="huge"), "budget of the report is 'huge'"),
        (lambda d: d["settings"].update(env_kwargs=[]), "env_kwargs of the report is"),
    ],
)
def test_what_is_no_report_is_refused_with_the_reason(change, text):
    data = copy.deepcopy(GOOD)
    change(data)
    if text == "damaged|is None":  # a case may be missing: then the environment is checked once more
        assert read(data)[0].findings[0].case is None
        return
    with pytest.raises(ArtifactRefused, match=text):
        read(data)


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe\x00", b"[" * 100_000, b"3", b"null", b'"x"', b"[]x", b"[1]"])
def test_bytes_that_are_no_report_are_refused_with_the_files_name(data):
    with pytest.raises(ArtifactRefused, match=r"old\.json"):
        load(data, "old.json")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["is", "items", "seed", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def paths(data, path=()):
    yield path
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, part in parts:
        yield from paths(part, (*path, key))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(list(paths(GOOD))[1:]), json_values)
def test_whatever_is_changed_in_a_report_it_is_read_or_refused(path, value):
    data = copy.deepcopy(GOOD)
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    try:
        read(data)
    except ArtifactRefused as error:
        assert str(error)  # noqa: PT017 - both ways are right, and nothing else is


def test_a_report_that_could_not_keep_its_arguments_asks_for_the_environment(here):
    data = copy.deepcopy(GOOD)
    data["settings"]["env_kwargs"] = None
    with pytest.raises(ArtifactRefused, match="could not keep its arguments"):
        again(data)
    assert [o.state for o in again(data, target="envkit.check.lamp:Lamp")] == [MENDED]


# programs


def test_the_calls_of_a_program_are_read_without_running_it():
    text = (
        "import envkit\nimport numpy as np\n\nenv = envkit.make('x:Y', size=3, render_mode='ansi')\n"
        "env.reset(seed=4)\nfor _ in range(2):\n    env.step(1)\n"
        "for action in [0, np.array([0.5], np.float32)]:\n    env.step(action)\nenv.close()\nprint(env.render())"
    )
    calls = calls_of(text)
    assert [call.method for call in calls] == ["make", "reset", "step", "step", "step", "step", "close", "render"]
    assert calls[0].arguments == {"size": 3, "render_mode": "ansi"}
    assert calls[1].arguments == {"seed": 4}
    np.testing.assert_array_equal(calls[5].arguments["action"], np.array([0.5], np.float32))


MAKE = "env = envkit.make('x')\n"


@pytest.mark.parametrize(
    "text",
    [
        "", "env.reset()", "def", MAKE + MAKE, MAKE + "import_it()", MAKE + "env.step(open('x'))",
        MAKE + "env.unwrapped.step(1)", MAKE + "env.step()", MAKE + "env.close(1)", MAKE + "x = 1",
        MAKE + "for _ in range(10**9):\n    env.step(1)", MAKE + "for _ in range(2000000):\n    env.step(1)",
        MAKE + "while True:\n    env.step(1)", MAKE + "for a in [1]:\n    env.reset(a)", "env = other.make('x')",
        MAKE + "print(eval('1'))", MAKE + "\0",
    ],
)  # fmt: skip
def test_a_program_that_does_anything_else_is_refused(text):
    with pytest.raises(NotPlain):
        calls_of(text)


# tests that are written


def pytest_on(folder, cwd):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short", str(folder)],
        cwd=cwd, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    return done.returncode, done.stdout


def test_the_written_tests_fail_until_all_is_mended(here, found, tmp_path):
    path = write_tests(found, tmp_path / "regressions")
    assert path.name == "test_faulty_env_findings.py"
    code, out = pytest_on(path, here)
    assert (code, "3 failed" in out) == (1, True), out
    assert "EK504 still there: " in out
    assert "env = envkit.make('faulty.py:Env')" in out
    (here / "faulty.py").write_text(MENDED_SOURCE)
    code, out = pytest_on(path, here)
    assert (code, "3 passed" in out) == (0, True), out


def test_a_written_test_reads_like_one_a_person_wrote(found):
    text = written.tests_of(found)
    assert text.startswith(MARK)
    assert "def test_reward_not_a_number() -> None:" in text
    assert 'assert_mended("faulty.py:Env", rule="EK504", episodes=[(0, [1, 1, 1])], timeout=5)' in text
    assert 'envkit.check("faulty.py:Env", select=["EK707"], seed=0, timeout=5).assert_clean(strict=True)' in text
    assert max(map(len, text.splitlines())) <= 120


def test_a_written_test_is_python_whatever_the_message_holds(found):
    from dataclasses import replace

    nasty = replace(found.findings[1], message="\"\"\"\\ \ud800 \x00 \\N{x} {y} ''' #", fix='ends with "')
    compile(written.tests_of(replace(found, findings=(nasty, nasty))), "written", "exec")


def test_only_files_of_our_own_are_replaced(found, tmp_path):
    path = write_tests(found, tmp_path)
    assert write_tests(found, tmp_path) == path
    path.write_text("# mine\n")
    with pytest.raises(StorageFailed, match="is not of envkit's writing"):
        write_tests(found, tmp_path)
    assert path.read_text() == "# mine\n"


def test_nothing_is_written_where_nothing_was_found(found, tmp_path):
    from dataclasses import replace

    assert write_tests(replace(found, findings=()), tmp_path / "none") is None
    assert not (tmp_path / "none").exists()


def test_a_report_replaces_a_file_whole_and_follows_links(tmp_path):
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    write_report(tmp_path / "link.json", "new")
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").read_text() == "new"


def test_a_device_is_written_to_and_not_replaced():
    write_report(Path("/dev/null"), "x")
    assert Path("/dev/null").is_char_device()
