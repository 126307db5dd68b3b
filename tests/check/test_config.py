"""[tool.envkit.check]: what it may say, what is refused, and how exceptions work."""

import pytest

from envkit.check.api import check
from envkit.check.config import Config, Exemption, nearest_config, parse
from envkit.check.lamp import Lamp
from envkit.core.errors import UsageError

FILE = "pyproject.toml"


def tables(**table):
    return {"tool": {"envkit": {"check": table}}}


class Triple(Lamp):
    def observe(self):
        return super().observe() * 3


NAME = f"{__name__}:Triple"


def test_everything_that_may_be_said_arrives():
    config = parse(
        tables(
            select=["EK3", "reset-ignores-seed"],
            ignore=["EK302"],
            strict=True,
            budget="quick",
            timeout=2,
            seed=7,
            allow=[{"env": "pond:*", "rule": "reset-ignores-seed", "reason": " on purpose "}],
        ),
        FILE,
    )
    assert config == Config(
        ("EK3", "reset-ignores-seed"), ("EK302",), True, "quick", 2.0, 7,
        (Exemption("pond:*", "EK201", "on purpose"),), FILE,
    )  # fmt: skip


def test_nothing_said_is_the_default():
    for nothing in ({}, {"tool": {}}, {"tool": {"envkit": {}}}, {"tool": {"other": {"check": 1}}}, tables()):
        assert parse(nothing, "") == Config()


GOOD = {"env": "*", "rule": "EK201", "reason": "r"}


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ({"select": "EK3"}, "tool.envkit.check.select is 'EK3'; expected a list of codes"),
        ({"ignore": [3]}, "tool.envkit.check.ignore is [3]; expected a list of codes"),
        ({"ignore": ["EK9999"]}, "tool.envkit.check.ignore: no rule is called 'EK9999'"),
        ({"select": [""]}, "tool.envkit.check.select: no rule is called ''"),
        ({"strict": 1}, "tool.envkit.check.strict is 1; expected true or false"),
        ({"budget": "fast"}, "tool.envkit.check.budget is 'fast'; expected one of quick, default, thorough"),
        ({"budget": ["quick"]}, "expected one of quick, default, thorough"),
        ({"timeout": 0}, "tool.envkit.check.timeout is 0; expected seconds, more than 0"),
        ({"timeout": float("nan")}, "expected seconds, more than 0"),
        ({"timeout": True}, "expected seconds, more than 0"),
        ({"seed": -1}, "tool.envkit.check.seed is -1; expected a whole number, 0 or more"),
        ({"seed": 1.5}, "expected a whole number, 0 or more"),
        ({"ignored": []}, "tool.envkit.check has no key 'ignored'; did you mean 'ignore'?"),
        ({"xyz": []}, "has no key 'xyz'; it takes select, ignore, strict"),
        ({"allow": {}}, "tool.envkit.check.allow is {}; expected tables, each headed [[tool.envkit.check.allow]]"),
        ({"allow": [GOOD, {"env": "*", "rule": "EK201"}]}, "reason of tool.envkit.check.allow number 2 is missing"),
        ({"allow": [GOOD | {"reason": "  "}]}, "an exception needs one"),
        ({"allow": [GOOD | {"rule": "EK2"}]}, "expected one rule, such as EK201; there are "),
        ({"allow": [GOOD | {"rule": "nonsense"}]}, "allow number 1: no rule is called 'nonsense'"),
        ({"allow": [GOOD | {"why": "x"}]}, "allow number 1 has no key 'why'"),
    ],
)
def test_what_is_wrong_is_named_with_its_file_and_key(table, text):
    with pytest.raises(UsageError) as caught:
        parse(tables(**table), FILE)
    assert str(caught.value).startswith(f"{FILE}: ")
    assert text in str(caught.value)


def test_a_misspelt_table_is_not_passed_over():
    with pytest.raises(UsageError, match=r"no table 'chek'; did you mean tool\.envkit\.check"):
        parse({"tool": {"envkit": {"chek": {}}}}, FILE)
    for wrong in ({"tool": {"envkit": 3}}, {"tool": {"envkit": {"check": 3}}}):
        with pytest.raises(UsageError, match="is 3; expected a table"):
            parse(wrong, FILE)


def test_the_nearest_file_upward_is_read(tmp_path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / FILE).write_text("[tool.envkit.check]\nseed = 1\n")
    assert nearest_config(inner).seed == 1
    (tmp_path / "a" / FILE).write_text("[project]\n")
    assert nearest_config(inner).seed == 0


@pytest.mark.parametrize("data", [b"[tool", b"\xff\xfe", b"a = " + b"[" * 5000])
def test_a_file_that_is_no_toml_is_refused_in_a_line(tmp_path, data):
    (tmp_path / FILE).write_bytes(data)
    with pytest.raises(UsageError, match="is no TOML") as caught:
        nearest_config(tmp_path)
    assert "\n" not in str(caught.value)


def test_what_is_given_wins_over_the_file():
    config = Config(select=("EK3",), seed=4, strict=True).but(seed=0, select=(), strict=None)
    assert (config.seed, config.select, config.strict) == (0, (), True)


def test_an_exception_excuses_its_rule_for_its_environments_only():
    allow = (Exemption("*:Triple", "EK301", "it shines"), Exemption("other:*", "EK302", "never meant here"))
    report = check(Triple, select=["EK301", "EK302"], budget="quick", isolation=False, config=Config(allow=allow))
    assert [finding.code for finding in report.findings] == []
    assert [(each.finding.code, each.reason) for each in report.allowed] == [("EK301", "it shines")]
    assert report.notes == ()
    assert not report.fails(strict=True)
    assert "allowed: EK301 observation-outside-space" in str(report)
    assert "because it shines" in str(report)


def test_without_a_configuration_the_function_excuses_nothing(tmp_path, monkeypatch):
    (tmp_path / FILE).write_text("[tool.envkit.check]\nignore = ['EK301']\n")
    monkeypatch.chdir(tmp_path)
    assert check(Triple, select=["EK301"], budget="quick", isolation=False).fails()


@pytest.mark.parametrize(
    ("env", "remedy"), [(NAME, "no longer needed: take it out"), ("*Triple", "not needed for this environment")]
)
def test_an_exception_that_nothing_needed_is_told(env, remedy):
    config = Config(allow=(Exemption(env, "EK302", "r"),), file=FILE)
    report = check(Triple, select=["EK301", "EK302"], budget="quick", isolation=False, config=config)
    assert report.notes == (f"the exception of {env} from EK302 in {FILE} is {remedy}",)
    assert f"note: {report.notes[0]}"[:80] in str(report)


def test_an_exception_whose_rule_was_not_judged_is_not_called_stale():
    config = Config(allow=(Exemption(NAME, "EK302", "r"),))
    assert check(Triple, select=["EK301"], budget="quick", isolation=False, config=config).notes == ()


def test_a_file_is_the_same_with_and_without_the_current_folder_before_it():
    assert Exemption("pond.py:Pond", "EK301", "known").covers("./pond.py:Pond")
    assert Exemption("./pond.py:*", "EK301", "known").covers("pond.py:Pond")
    assert not Exemption("./pond.py:Pond", "EK301", "known").covers("../pond.py:Pond")
