"""The parts of `benchmarks/checkers.py`: what counts as caught, how long a program is, and that a hang is survived."""

import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
sys.path.append(str(BENCHMARKS))

from checking.actions import count_actions  # noqa: E402
from checking.nursery import Nursery  # noqa: E402
from checking.real import known_defects  # noqa: E402
from checking.scores import Case, accused, caught, program_lengths  # noqa: E402
from checking.verdict import Remark, Verdict  # noqa: E402

PROGRAMS = {
    "import envkit\nenv = envkit.make('x')\nenv.reset()": 0,
    "import envkit\nenv = envkit.make('x')\nprint(env.step(0))\nenv.step(1)": 2,
    "import envkit\nenv = envkit.make('x')\nfor _ in range(7):\n    env.step(1)": 7,
    "import envkit\nenv = envkit.make('x')\nfor action in [0, 1, 1] + [2] * 4:\n    result = env.step(action)": 7,
    "import envkit\nactions = [0, 1]\nfor env in (envkit.make('x'), envkit.make('x')):\n"
    "    for action in actions:\n        env.step(action)": 4,
    "import envkit\ndef play(env):\n    return [env.step(a) for a in (0, 1, 2)]\nplay(envkit.make('x'))": 3,
    "import envkit\nenv = envkit.make('x')\ntry:\n    env.step(0)\nexcept ValueError:\n    env.step(1)": 1,
    "import envkit\nenv = envkit.make('x')\nfor number, action in enumerate([3, 3]):\n    env.step(action)": 2,
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_is_as_long_as_the_steps_it_makes(program, monkeypatch, capsys):
    steps = []
    made = SimpleNamespace(reset=lambda: None, step=steps.append)
    monkeypatch.setitem(sys.modules, "envkit", SimpleNamespace(make=lambda target: made))
    exec(program, {})
    assert count_actions(program) == len(steps) == PROGRAMS[program]


@pytest.mark.parametrize(
    "program", ["while True:\n    env.step(0)", "for a in actions():\n    env.step(a)", "no python"]
)
def test_a_program_whose_length_the_text_does_not_tell_is_not_counted(program):
    assert count_actions(program) is None


FAULT = Case("fault", "Fault", "family", "it is faulty", "error", "in the open", "twin")
TWIN = Case("twin", "Twin", "bases", "it is clean")
ERROR, OTHER, SMELL = Remark("error", "a", "a", "env.step(0)"), Remark("error", "b", "b"), Remark("warning", "c", "c")


def verdicts(of_fault, of_twin=(), outcome="answered"):
    return {
        ("envkit", "fault"): Verdict("envkit", "fault", outcome, 1.0, tuple(of_fault)),
        ("envkit", "twin"): Verdict("envkit", "twin", "answered", 1.0, tuple(of_twin)),
    }


def test_an_error_catches_a_fault_and_a_warning_does_not():
    assert caught(FAULT, "envkit", verdicts([ERROR]))
    assert not caught(FAULT, "envkit", verdicts([SMELL]))


def test_a_warning_catches_a_fault_of_level_warning():
    smell = Case("fault", "Fault", "family", "it smells", "warning", "", "twin")
    assert caught(smell, "envkit", verdicts([SMELL]))
    assert caught(smell, "envkit", verdicts([ERROR]))


def test_what_the_clean_twin_is_told_too_catches_nothing():
    assert not caught(FAULT, "envkit", verdicts([ERROR], [ERROR]))
    assert caught(FAULT, "envkit", verdicts([ERROR, OTHER], [ERROR]))


def test_no_verdict_catches_nothing():
    assert not caught(FAULT, "envkit", verdicts([], outcome="hung"))


def test_a_rejected_one_is_not_also_warned_about():
    said = verdicts([], [ERROR, SMELL])
    assert accused(TWIN, "envkit", said, "error")
    assert not accused(TWIN, "envkit", said, "warning")
    assert accused(TWIN, "envkit", verdicts([], [SMELL]), "warning")


def test_only_the_programs_of_what_caught_the_fault_are_measured():
    assert program_lengths([FAULT], "envkit", verdicts([ERROR])) == ([1], 0)
    assert program_lengths([FAULT], "envkit", verdicts([OTHER])) == ([], 1)
    assert program_lengths([FAULT], "envkit", verdicts([SMELL])) == ([], 0)


def test_a_hang_and_a_death_are_no_verdict_and_the_next_one_is_judged(tmp_path):
    file = tmp_path / "fatal_envs.py"
    source = """
        import os, time
        import gymnasium as gym

        class Endless(gym.Env):
            def __init__(self):
                time.sleep(60)

        class Fatal(gym.Env):
            def __init__(self):
                os._exit(0)

        class Empty(gym.Env):
            pass
    """
    file.write_text(textwrap.dedent(source))
    nursery = Nursery("gymnasium", cap=2.0)
    try:
        said = [nursery.judge(f"{file}:{name}") for name in ("Endless", "Fatal", "Empty")]
    finally:
        nursery.close()
    assert [verdict.outcome for verdict in said] == ["hung", "died", "answered"]
    assert said[0].seconds >= 2.0
    assert "action space" in said[2].remarks[0].text


def test_the_list_of_real_defects_can_be_read():
    assert len(known_defects()) >= 9
    assert all("gymnasium.make(" in defect.program for defect in known_defects())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[defect]]\nid = "A-v0"\nrule = "r"\nwhy = "so"', "defect 1 of list.toml needs the texts .*; wrong: program"),
        ('[[defect]]\nid = "A-v0"\nrule = "r"\nwhy = "so"\nprogram = "p"\n' * 2, "more than one entry for A-v0 r"),
    ],
)
def test_a_defect_that_lacks_a_field_or_stands_there_twice_is_refused(tmp_path, text, message):
    file = tmp_path / "list.toml"
    file.write_text(text)
    with pytest.raises(ValueError, match=message):
        known_defects(file)
