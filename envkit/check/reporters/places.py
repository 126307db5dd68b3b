"""Where a finding is shown: the file and the line that it names, else the method that it is about, else the class."""

import re
from dataclasses import dataclass
from pathlib import Path

from envkit.check.report import Report
from envkit.core.finding import Finding

NAMED = (re.compile(r"([^\s'\"<>|()]+\.py):(\d+)"), re.compile(r'File "([^"]+\.py)", line (\d+)'))
METHOD = re.compile(r"\b(step|reset|render|close|make)\(")
UNKNOWN = "pyproject.toml"  # where nothing at all is known: code scanning refuses results without a place


@dataclass(frozen=True)
class Place:
    """A line of a file, whose path is relative to the current folder where it lies below it, with forward slashes."""

    file: str
    line: int


def place_of(finding: Finding, report: Report) -> Place:
    """The line that helps most; a line of some library helps only where nothing else is known."""
    places = [Place(_relative(file), int(line)) for text in _texts(finding) for file, line in _named(text)]
    own = [place for place in places if not Path(place.file).is_absolute()]
    if own:
        return own[-1]
    if report.source.file:
        found = METHOD.search(finding.at)
        lines = report.source.lines
        return Place(_relative(report.source.file), lines.get(found[1] if found else "", lines.get("", 1)))
    return places[0] if places else Place(_guessed(report.env), 1)


def _texts(finding: Finding) -> tuple[str, ...]:
    return finding.message, finding.at, finding.fix


def _named(text: str) -> list[tuple[str, str]]:
    return [(match[1], match[2]) for pattern in NAMED for match in pattern.finditer(text)]


def _relative(file: str) -> str:
    path = Path(file)
    try:
        return path.absolute().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def _guessed(env: str) -> str:
    """The file that a reference means, where it can be told without importing anything."""
    name = env.partition(".py:")[0] + ".py" if ".py:" in env else env
    if name.endswith(".py"):
        return _relative(name)
    module = name.partition(":")[0].replace(".", "/")
    candidates = [f"{root}{module}{end}" for root in ("", "src/") for end in (".py", "/__init__.py")]
    return next((file for file in candidates if Path(file).is_file()), UNKNOWN)
