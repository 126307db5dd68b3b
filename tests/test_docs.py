"""The README and the guides are run: commands with the output they promise, Python as it stands."""

import importlib.util
import os
import re
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^(?:<!-- ([\w-]+) -->\n)?```(\w+)\n(.*?)^```$", re.M | re.S)
RUN_BY_CI = {"main-job", "test-suite"}


def blocks(page):
    """(language, text) of the fenced blocks that a test can run."""
    for mark, language, text in BLOCK.findall(page.read_text()):
        if mark not in RUN_BY_CI and language in ("console", "python"):
            yield language, text


def commands(text):
    """(command, promised lines) of a console block."""
    for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
        command, *promised = part.rstrip("\n").split("\n")
        yield command, promised


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """A virtual environment that sees the packages of this one, so that what a page installs stays out of it."""
    home = tmp_path_factory.mktemp("venv")
    venv.create(home, with_pip=True, symlinks=True)
    python = home / "bin" / "python"
    subprocess.check_call(
        [python, "-m", "pip", "uninstall", "-q", "-y", "setuptools"]
    )  # may be older than what is here
    purelib = sysconfig.get_paths()["purelib"]
    site = subprocess.check_output(
        [python, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"], text=True
    )
    Path(site.strip(), "around.pth").write_text(f"import site; site.addsitedir({purelib!r})\n")
    for command in ("envkit", "pytest"):
        script = home / "bin" / command
        module = {"envkit": "envkit.cli.main", "pytest": "pytest"}[command]
        script.write_text(f'#!/bin/sh\nexec {python} -m {module} "$@"\n')
        script.chmod(0o755)
    return os.environ | {
        "PATH": f"{home / 'bin'}:{os.environ['PATH']}",
        "SDL_VIDEODRIVER": "dummy",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip's way to say: no isolation, use the setuptools that is here
        "PIP_NO_INDEX": "1",  # what the page installs needs nothing else
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


def run(command, *, cwd, env):
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    return done.returncode, done.stdout


def missing(promised, printed):
    """The first promised line that is not printed after the one before; `...` stands for anything."""
    lines = [" ".join(line.split()) for line in printed.splitlines()]
    for line in promised:
        wanted = " ".join(line.split())
        if wanted == "...":
            continue
        pattern = re.compile(".*".join(re.escape(part) for part in wanted.split("...")))
        while lines and not pattern.fullmatch(lines[0]):
            lines.pop(0)
        if not lines:
            return line
        lines.pop(0)
    return None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_shows_is_what_happens(page, environment, tmp_path):
    for package in re.findall(r"^<!-- needs: (\w+) -->$", page.read_text(), re.M):
        pytest.importorskip(package, reason=f"{page.name} is of the extra that brings {package}")
    where = tmp_path
    for language, text in blocks(page):
        if language == "python":
            name = re.match(r"# (\S+\.py)\n", text)
            file = where / (name.group(1) if name else "block.py")
            file.write_text(text)
            code, printed = run(f"{sys.executable} {file.name}", cwd=where, env=environment)
            assert code == 0, printed
            continue
        for command, promised in commands(text):
            expected = int(m.group(1)) if (m := re.search(r"# exits with (\d)", command)) else 0
            if command.startswith("cd "):
                where = where / command[3:]
                continue
            code, printed = run(command, cwd=where, env=environment)
            assert code == expected, f"$ {command}\n{printed}"
            assert missing(promised, printed) is None, f"$ {command}\n{printed}"


def test_the_generated_pages_are_current():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    for name, page in generate.PAGES.items():
        assert (ROOT / "docs" / name).read_text() == page(), f"docs/{name} is not current: python docs/generate.py"


def test_every_rule_has_its_page_and_no_page_is_left_over():
    from envkit.check.engine import all_rules

    pages = {page.stem for page in (ROOT / "docs" / "rules").glob("*.md")}
    assert pages == {rule.code for rule in all_rules()}


def test_the_links_between_pages_lead_somewhere():
    for page in [*PAGES, *(ROOT / "docs" / "rules").glob("*.md"), ROOT / "CONTRIBUTING.md"]:
        for link in re.findall(r"\]\(((?!https?:)[^)#]+)\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name} links to {link}"


def test_the_readme_has_the_two_commands_that_ci_runs():
    marks = {mark for mark, _, _ in BLOCK.findall((ROOT / "README.md").read_text())}
    assert marks >= RUN_BY_CI


def test_a_promise_that_is_not_kept_is_noticed():
    assert missing(["a ... c", "..."], "x\na b c\n") is None
    assert missing(["a ... d"], "a b c\n") == "a ... d"
    assert missing(["b", "a"], "a\nb\n") == "a"
