"""Every reporter tells the same findings in its own form, whatever foreign text they hold."""

import json
import re
import xml.etree.ElementTree as ElementTree

import pytest

from envkit.check.model import Severity
from envkit.check.report import Allowed, Report, Settings, Source, symptom_codes
from envkit.check.reporters import reporters
from envkit.check.reporters.places import Place, place_of
from envkit.check.reporters.safe import safe
from envkit.check.reporters.text import pieces, report_text
from envkit.core.case import Case, Episode
from envkit.core.finding import Finding

NASTY = "[/oops] [bold]x[/] \x1b[2J\a\r\n::error::x \ud800\uffff @someone #12 <b>&amp;|`x`| ``` 100% ]]> \u202e"
PROGRAM = "import envkit\n\nenv = envkit.make('pond.py:Pond')\nprint(env.reset(seed=0))"


def finding(code="EK301", severity=Severity.ERROR, **changes):
    given = {"message": "observation[0] is 3", "fix": "clip it", "at": "step(1), step 2 of episode 1"} | changes
    name = given.pop("name", "observation-outside-space")
    return Finding(**given, code=code, name=name, severity=severity, program=PROGRAM)


def report(*findings, **changes):
    given = {"not_judged": {"EK204": "the time was over"}, "coverage": {"episodes": 3, "steps": 1234}} | changes
    judged = ("EK201", "EK301", "EK302")
    return Report("pond.py:Pond", findings, seconds=1.5, **{"judged": judged} | given)


NASTY_REPORT = Report(
    NASTY,
    (finding(message=NASTY, fix=NASTY, at=NASTY, also=(NASTY, f"EK302 observation-not-finite: {NASTY}")),),
    {"EK204": NASTY},
    {"episodes": 1, "cut": [NASTY]},
    0.1,
    allowed=(Allowed(finding("EK707", Severity.WARNING, message=NASTY), NASTY),),
    notes=(NASTY,),
)


def test_there_is_a_reporter_for_each_format_that_the_command_offers():
    from envkit.cli.commands.check import FORMATS

    assert set(reporters()) == set(FORMATS)


@pytest.mark.parametrize("name", sorted(reporters()))
def test_foreign_text_breaks_no_reporter_and_leaves_nothing_that_a_terminal_obeys(name):
    text = reporters()[name]([NASTY_REPORT])
    assert text.replace("\n", "").isprintable()
    assert "EK301" in text
    text.encode()  # no half characters


@pytest.mark.parametrize("name", sorted(reporters()))
def test_a_reporter_tells_every_finding_of_every_report(name):
    text = reporters()[name]([report(finding()), report(finding("EK302", Severity.WARNING))])
    assert "EK301" in text
    assert "EK302" in text


def test_safe_spells_out_what_is_not_printable_and_keeps_lines():
    assert safe("a\x1b[0m\n\ud800é…") == "a\\x1b[0m\n\\ud800é…"


# text


def test_the_text_has_a_line_for_each_symptom_and_counts_the_rest():
    also = tuple(f"symptom {number}" for number in range(10))
    lines = report_text([report(finding(also=also))]).splitlines()
    assert [line.split()[-1] for line in lines if line.startswith("  also")] == list("01234567")
    assert "        and 2 more" in lines


@pytest.mark.parametrize(
    ("coverage", "line"),
    [
        (
            {"states": 81, "actions": 4, "proved": True},
            "proved for all 81 states and 4 actions, where a rule is about single steps",
        ),
        (
            {"states": 81, "actions": 4, "proved": False},
            "each of 4 actions was tried in each of 81 states that were seen",
        ),
        ({"states": 81, "actions": 0, "proved": False}, "81 kinds of states seen"),
        ({"longest": 1}, "no episode longer than 1 step, for longer ones end the process"),
        ({"cut": ["search", "soak"]}, "the time was over before all was done in: search, soak; --budget thorough"),
    ],
)
def test_the_text_says_how_far_the_coverage_goes(coverage, line):
    assert f"\n  {line}" in report_text([report(coverage={"steps": 5} | coverage)])


@pytest.mark.parametrize(("file", "told"), [("/games/lake.py", True), ("/games/pond.py", False)])
def test_the_file_is_told_where_the_reference_does_not_name_it(file, told):
    said = f"it is written in {file}:12"
    source = Source(file, {"": 12})
    assert (said in report_text([report(finding(), source=source)])) is told
    assert said not in report_text([report(source=source)])  # there is nothing to mend


def test_the_text_ends_with_the_verdict():
    told = report(finding(), finding("EK302", Severity.WARNING), finding("EK109", Severity.ADVICE))
    last = report_text([told]).splitlines()[-1]
    assert last.startswith(
        "pond.py:Pond: 1 error, 1 warning, 1 advice, 1 rule not judged (3 episodes, 1,234 steps; 1.5 s)"
    )
    assert report_text([report(not_judged={})]).startswith("pond.py:Pond: clean (")


def test_what_is_allowed_is_told_with_its_reason_and_does_not_fail():
    told = report(allowed=(Allowed(finding(), "kept for the old agents"),), not_judged={})
    text = report_text([told])
    assert "allowed: EK301 observation-outside-space: observation[0] is 3\n  because kept for the old agents" in text
    assert not told.fails(strict=True)
    assert "clean, 1 allowed" in text


def test_no_line_of_the_text_is_wider_than_asked_for():
    told = [report(finding(message="word " * 80, also=("word " * 60,)), not_judged={"EK204": "word " * 50})]
    for width in (60, 110):
        lines = "".join(text for text, _ in pieces(told, width)).splitlines()
        assert max(map(len, lines)) <= width


def test_many_rules_that_could_not_judge_for_one_reason_are_told_in_one_line():
    codes = {f"EK{number}": "it died" for number in range(200, 260)}
    assert "not judged: 60 rules, EK200 to EK259: it died" in report_text([report(not_judged=codes)])


# github


def commands(text):
    return [line for line in text.splitlines() if line.startswith("::")]


def unescaped(text):
    for code, char in (("%3A", ":"), ("%2C", ","), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(code, char)
    return text


def test_an_annotation_is_one_command_whose_text_comes_back_whole():
    lines = commands(reporters()["github"]([report(finding(message="50% of: a,b\nis wrong"))]))
    found = re.fullmatch(r"::error file=pond\.py,line=1,title=([^:,]+)::(.*)", lines[0])
    assert found[1] == "EK301 observation-outside-space"
    assert unescaped(found[2]) == f"pond.py:Pond: 50% of: a,b\nis wrong\nfix: clip it\n{PROGRAM}"


def test_the_level_of_an_annotation_is_the_findings():
    findings = [finding(severity=severity) for severity in (Severity.ERROR, Severity.WARNING, Severity.ADVICE)]
    lines = commands(reporters()["github"]([report(*findings, not_judged={})]))
    assert [line.split()[0] for line in lines] == ["::error", "::warning", "::notice"]


def test_foreign_text_forms_no_workflow_command():
    text = reporters()["github"]([NASTY_REPORT])
    assert [line.split()[0] for line in commands(text)] == ["::error", "::notice", "::notice"]
    assert all(re.match(r"::(error|notice) [^:]*::", line) for line in commands(text))


# markdown


def test_markdown_leaves_foreign_text_no_markup():
    text = reporters()["markdown"]([NASTY_REPORT])
    prose = re.sub(r"(`{3,}).*?\n\1|`+ ?.*? ?`+(?!`)", "", text, flags=re.S)
    assert "<b>" not in prose.replace("\\<b\\>", "")
    assert not re.search(r"@\w|#\d", text.partition("\n")[2])
    assert text.count("<details>") == text.count("</details>") == 2


def test_a_fence_is_longer_than_any_run_of_backticks_in_it():
    from envkit.check.reporters.markdown import code, fenced

    assert fenced("print('```')", "python") == "````python\nprint('```')\n````"
    assert code("a`b") == "``a`b``"
    assert code("`") == "`` ` ``"


# junit


def suites(*reports):
    return ElementTree.fromstring(reporters()["junit"](list(reports)))


def test_junit_has_a_suite_an_environment_and_its_totals_add_up():
    root = suites(report(finding()), report())
    assert root.tag == "testsuites"
    assert [suite.get("name") for suite in root] == ["pond.py:Pond"] * 2
    for element in (root, *root):
        cases = list(element.iter("testcase"))
        assert int(element.get("tests")) == len(cases)
        for total, tag in (("failures", "failure"), ("skipped", "skipped")):
            assert int(element.get(total)) == sum(case.find(tag) is not None for case in cases)


def test_junit_passes_only_what_was_judged_and_found_nothing():
    told = report(
        finding(also=("EK302 observation-not-finite: it is inf",)),
        finding("EK303", Severity.WARNING),
        allowed=(Allowed(finding("EK201"), "on purpose"),),
        judged=("EK101", "EK201", "EK301", "EK302", "EK303"),
    )
    cases = {case.get("name").split()[0]: case for case in suites(told).iter("testcase")}
    assert {code: [child.tag for child in case] for code, case in cases.items()} == {
        "EK101": [],
        "EK201": ["skipped"],
        "EK204": ["skipped"],
        "EK301": ["failure"],
        "EK302": ["skipped"],
        "EK303": ["system-out"],
    }
    assert cases["EK302"].find("skipped").get("message") == "a symptom, told under EK301"
    assert cases["EK204"].find("skipped").get("message") == "not judged: the time was over"
    assert PROGRAM in cases["EK301"].find("failure").text


def test_junit_fails_for_warnings_where_the_report_does():
    told = finding("EK303", Severity.WARNING)
    assert suites(report(told)).get("failures") == "0"
    assert suites(report(told, strict=True)).get("failures") == "1"


# sarif


def sarif(*reports):
    return json.loads(reporters()["sarif"](list(reports)))


def test_sarif_has_the_structure_of_the_standard():
    log = sarif(report(finding(), finding("EK201", Severity.WARNING)), NASTY_REPORT)
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "envkit"
    ids = [rule["id"] for rule in driver["rules"]]
    assert ids == sorted(set(ids)) == ["EK201", "EK301", "EK707"]
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert rule["fullDescription"]["text"]
        assert "Why:" in rule["help"]["text"]
        assert "class Env(" in rule["help"]["markdown"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    for result in run["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        (location,) = result["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"]
        assert location["physicalLocation"]["region"]["startLine"] >= 1
        assert re.fullmatch(r"[0-9a-f]{32}", result["partialFingerprints"]["envkitFinding/v1"])
    for told in run["invocations"][0]["toolExecutionNotifications"]:
        assert told["level"] == "note"
        assert told["message"]["text"]


def test_sarif_suppresses_what_is_allowed():
    told = sarif(report(finding(), allowed=(Allowed(finding("EK201"), "on purpose"),)))
    results = {result["ruleId"]: result for result in told["runs"][0]["results"]}
    assert "suppressions" not in results["EK301"]
    assert results["EK201"]["suppressions"] == [{"kind": "external", "justification": "on purpose"}]


def test_sarif_knows_a_finding_again_whose_numbers_have_changed():
    one, other = (sarif(report(finding(message=f"observation[0] is {value}"))) for value in (3, 4))
    prints = [log["runs"][0]["results"][0]["partialFingerprints"] for log in (one, other)]
    assert prints[0] == prints[1]


# places


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_finding_stands_beside_the_line_that_it_names(here):
    told = finding(fix=f"handle it where it fails: {here}/pkg/pond.py:18 in step")
    assert place_of(told, report(told)) == Place("pkg/pond.py", 18)


def test_a_finding_that_names_no_line_stands_beside_its_method_or_the_class(here):
    source = Source(str(here / "pond.py"), {"": 5, "step": 30})
    assert place_of(finding(), report(source=source)) == Place("pond.py", 30)
    assert place_of(finding(at="reset(seed=0)"), report(source=source)) == Place("pond.py", 5)


def test_a_line_of_a_library_is_not_preferred_to_the_environment(here):
    told = finding(message="raised; it was in /usr/lib/python3/site-packages/numpy/core.py:7 in dot")
    source = Source(str(here / "pond.py"), {"": 5, "step": 30})
    assert place_of(told, report(source=source)) == Place("pond.py", 30)
    assert place_of(told, report()).file.endswith("core.py")


def test_without_a_source_the_place_is_guessed_from_the_name(here):
    (here / "src" / "pond").mkdir(parents=True)
    (here / "src" / "pond" / "__init__.py").write_text("")
    assert place_of(finding(), report()) == Place("pond.py", 1)
    for env, file in (("pond:Pond-v0", "src/pond/__init__.py"), ("Pond-v0", "pyproject.toml")):
        assert place_of(finding(), Report(env, (), {}, {}, 0.0)) == Place(file, 1)


def test_the_symptoms_of_other_rules_are_known_by_how_they_begin():
    told = finding(also=("EK302 observation-not-finite: x", "EK301 y", "a plain line: with a colon"))
    assert symptom_codes(told) == {"EK302"}


def test_json_keeps_how_the_check_was_run():
    settings = Settings({"size": (3, 4)}, seed=5, budget="quick", timeout=2.0)
    case = Case((Episode(0, (1,)),))
    data = json.loads(reporters()["json"]([report(finding(case=case), settings=settings)]))
    assert data["settings"]["seed"] == 5
    assert data["settings"]["env_kwargs"] is not None
    assert (
        json.loads(reporters()["json"]([report(settings=Settings({"engine": object()}))]))["settings"]["env_kwargs"]
        is None
    )
    assert data["findings"][0]["case"]["episodes"] == [{"seed": 0, "actions": [1]}]
