"""Every rule's page is run: its failing example breaks exactly this rule, its passing example none."""

import re
import textwrap
from pathlib import Path

import pytest

from envkit.check import engine
from envkit.check.api import check
from envkit.check.model import SECTIONS

RULES = engine.all_rules()


PRELUDE = "import os\n\nimport gymnasium as gym\nimport numpy as np\n\nfrom envkit.check.lamp import Lamp\n\n"


def judged(rule, section):
    """The example as a person would have it: in a file of the current directory, and in a process of its own."""
    code = re.search(rf"^{section}:\n\n((?:    .*\n|\n)+)", rule.doc, re.M).group(1)
    Path("example.py").write_text(PRELUDE + textwrap.dedent(code))
    timeout = {"EK002": 1.0, "EK003": 5.0}.get(rule.code, 10.0)
    return check("example.py:Env", timeout=timeout)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_the_page_has_its_sections_in_order(rule):
    assert re.findall(r"^([A-Z][a-z]+):", rule.doc, re.M) == list(SECTIONS)
    assert rule.title.endswith(".")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_the_failing_example_breaks_this_rule_and_no_other(rule, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    report = judged(rule, "Fails")
    assert {(finding.code, finding.name, finding.severity) for finding in report.findings} == {
        (rule.code, rule.name, rule.severity)
    }
    for finding in report.findings:
        assert finding.message
        assert finding.fix
        assert finding.at
        assert finding.count >= 1
        compile(finding.program, "program", "exec")
        assert "envkit.make(" in finding.program or rule.code.startswith("EK0")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_the_passing_example_breaks_nothing(rule, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    report = judged(rule, "Passes")
    assert report.findings == ()
    assert report.not_judged == {}
    assert report.verdict == "clean"


def test_codes_and_names_are_unique_and_each_file_is_named_for_its_fault():
    assert len({rule.code for rule in RULES}) == len({rule.name for rule in RULES}) == len(RULES) >= 25
    for rule in RULES:
        assert rule.check.__module__.rpartition(".")[2] == rule.name.replace("-", "_")
        assert re.fullmatch(r"EK\d{3}", rule.code)
