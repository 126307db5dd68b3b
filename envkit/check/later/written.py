"""Writes what a check found: the report as a file, and the findings as tests that fail until they are mended."""

import ast
import contextlib
import json
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from envkit.check import engine
from envkit.check.later.played import playable
from envkit.check.probes.death import Death
from envkit.check.report import Report
from envkit.check.reporters.safe import safe
from envkit.core.errors import StorageFailed
from envkit.core.finding import Finding, Severity
from envkit.core.trace import literal, sequence
from envkit.runs.atomic import atomic_write

MARK = "# Written by `envkit check --write-test`, which may replace it."
WIDTH = 100


def check_place(path: Path) -> None:
    """Refuses a place where no report could be written, before any work is done. Raises StorageFailed."""
    if not path.parent.is_dir():
        raise StorageFailed(f"cannot write {path}: there is no folder {path.parent}; make it first")


def write_report(path: Path, text: str) -> None:
    """Writes a file whole or not at all; what is no regular file, such as /dev/stdout, is written to as it is.

    Raises:
      StorageFailed: it cannot be written.
    """
    data = text.encode(errors="backslashreplace")
    if path.exists() and not path.is_file() and not path.is_dir():
        try:
            with path.open("wb") as file:
                file.write(data)
        except OSError as error:
            raise StorageFailed(f"cannot write {path}: {error.strerror or error}") from error
        return
    target = path
    with contextlib.suppress(OSError, RuntimeError):  # a loop of links
        target = path.resolve()
    atomic_write(target, data)


def write_tests(report: Report, folder: Path) -> Path | None:
    """Writes a file with a test for each finding. Returns its path; None where there is nothing to write.

    Raises:
      StorageFailed: it cannot be written, or there is a file of that name that envkit has not written.
    """
    if not report.findings:
        return None
    path = folder / f"test_{_identifier(report.env)}_findings.py"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        foreign = path.exists() and not path.read_bytes().startswith(MARK.encode())
    except OSError as error:
        raise StorageFailed(f"cannot write {path}: {error.strerror or error}") from error
    if foreign:
        raise StorageFailed(f"{path} is not of envkit's writing, so it stays: move it, or name another folder")
    atomic_write(path, tests_of(report).encode())
    return path


def tests_of(report: Report) -> str:
    """The file: one test for each finding."""
    tests, names = [], set()
    for finding in report.findings:
        name, number = _identifier(finding.name or finding.code), 2
        while name in names:
            name, number = f"{_identifier(finding.name)}_{number}", number + 1
        names.add(name)
        tests.append("\n".join(_test(name, finding, report)))
    body = "\n\n\n".join(tests)
    imports = ["import numpy as np"] if "np." in body else []
    imports += ["import envkit"] if "envkit.check(" in body else []
    imports += ["from envkit.testing import assert_mended"] if "assert_mended(" in body else []
    summary = f'"""What envkit check found wrong with {_docstring(report.env)}: each test fails until it is mended."""'
    return "\n".join([MARK, summary, "", *imports, "", "", body, ""])


def _test(name: str, finding: Finding, report: Report) -> Iterator[str]:
    yield f"def test_{name}() -> None:"
    wrapped = textwrap.wrap(_docstring(finding.message), WIDTH, break_long_words=False)
    yield f'    """{wrapped[0] if wrapped else ""}'
    yield from (f"    {line}" for line in wrapped[1:])
    yield ""
    yield from (f"    {line}" for line in textwrap.wrap(f"Fix: {_docstring(finding.fix)}", WIDTH))
    yield '    """'
    call = _playing(finding, report)
    yield from (f"    {line}" for line in (call or _checking(finding, report)))


def _playing(finding: Finding, report: Report) -> list[str]:
    """The lines that play the finding's case; none where that would not show it."""
    rule = {rule.code: rule for rule in engine.all_rules()}.get(finding.code)
    if rule is None or finding.case is None or not (playable(rule, finding) or rule.needs == (Death,)):
        return []
    arguments = [_quoted(report.env), f"rule={_quoted(finding.code)}"]
    texts = [(episode.seed, map(literal, episode.actions)) for episode in finding.case.episodes]
    episodes = [f"({seed!r}, {sequence(list(actions))})" for seed, actions in texts]
    arguments.append(f"episodes=[{', '.join(episodes)}]")
    arguments += [f"{key}={_quoted(value)}" for key, value in finding.case.arguments.items()]
    if report.settings.timeout != 10:
        arguments.append(f"timeout={report.settings.timeout!r}")
    arguments += [f"{key}={_quoted(value)}" for key, value in report.settings.env_kwargs.items()]
    return _laid_out("assert_mended", arguments)


def _checking(finding: Finding, report: Report) -> list[str]:
    settings = report.settings
    arguments = [_quoted(report.env), f"select=[{_quoted(finding.code)}]", f"seed={settings.seed}"]
    arguments += [f"budget={_quoted(settings.budget)}"] * (settings.budget != "default")
    arguments += [f"timeout={settings.timeout!r}"] * (settings.timeout != 10)
    arguments += [f"{key}={_quoted(value)}" for key, value in settings.env_kwargs.items()]
    lines = _laid_out("envkit.check", arguments)
    if finding.severity == Severity.ADVICE:  # what only advises keeps no report from being clean
        return [f"report = {lines[0]}", *lines[1:], "assert not report.findings, report"]
    strict = "" if finding.severity == Severity.ERROR else "strict=True"
    return [*lines[:-1], f"{lines[-1]}.assert_clean({strict})"]


def _laid_out(function: str, arguments: list[str]) -> list[str]:
    """A call on one line, or where it is long, an argument a line; empty where it is no Python."""
    line = f"{function}({', '.join(arguments)})"
    try:
        ast.parse(line)
    except SyntaxError:
        return []
    if len(line) <= WIDTH:
        return [line]
    return [f"{function}(", *(f"    {argument}," for argument in arguments), ")"]


def _quoted(value: Any) -> str:
    """Python that makes the value again; a text in double quotes, where that is the same."""
    plain = isinstance(value, str) and value.isascii() and value.isprintable()
    return json.dumps(value) if plain else literal(value)


def _docstring(text: str) -> str:
    return " ".join(safe(text).split()).replace("\\", "\\\\").replace('"', "'")


def _identifier(text: str) -> str:
    """`pond.py:Pond` becomes pond_pond: letters, digits and single underscores."""
    return re.sub(r"_*[^a-z0-9]+", "_", text.lower().removesuffix(".py").replace(".py:", "_")).strip("_") or "env"
