"""What envkit's metadata ask for, and what of it is installed: names and versions, without importing anything."""

import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution

PURPOSES = {  # what each extra in pyproject.toml is for, in a word or two
    "deep": "learners on torch",
    "atari": "Atari games",
    "box2d": "LunarLander and its like",
    "plots": "curves as pictures",
    "video": "MP4 recordings",
    "tune": "hyperparameter search",
    "hub": "sharing on Hugging Face",
    "export": "policies as ONNX",
    "ray": "runs on a cluster",
    "tensorboard": "curves in TensorBoard",
    "notebook": "notebooks executed by the suite",
    "test": "the test suite",
    "dev": "work on envkit itself",
}


@dataclass(frozen=True)
class Requirement:
    """A line of the metadata, such as `torch>=2.10; extra == "deep"`; `extra` is empty for what is always needed."""

    name: str
    bounds: str
    extra: str

    @classmethod
    def parse(cls, line: str) -> "Requirement":
        needed, _, marker = line.partition(";")
        name, bounds = re.fullmatch(r"\s*([\w.-]+(?:\[[^]]*])?)\s*\(?([^)]*)\)?\s*", needed).groups()  # type: ignore[union-attr]
        extra = re.search(r"""extra == ['"]([\w.-]+)['"]""", marker)
        return cls(name, bounds.strip(), extra[1] if extra else "")


def requirements() -> list[Requirement]:
    """All of envkit's; none where it runs without being installed."""
    try:
        return [Requirement.parse(line) for line in distribution("envkit").requires or ()]
    except PackageNotFoundError:
        return []


def version(name: str) -> str:
    """Of the installed distribution; an empty text if there is none."""
    try:
        return distribution(name).version
    except PackageNotFoundError:
        return ""


def within(version: str, bounds: str) -> bool:
    """Whether a version keeps bounds of the kinds `>=` and `<`, the only ones that envkit sets."""
    release = _release(version)
    least = [_release(bound[2:]) for bound in bounds.replace(" ", "").split(",") if bound.startswith(">=")]
    beyond = [_release(bound[1:]) for bound in bounds.replace(" ", "").split(",") if re.match(r"<[^=]", bound)]
    return all(release >= bound for bound in least) and all(release < bound for bound in beyond)


def _release(version: str) -> tuple[int, ...]:
    """The leading numbers, without zeros at the end: 2.10.0+cpu is (2, 10)."""
    numbers = re.match(r"[\d.]*", version.strip())
    parts = [int(part) for part in (numbers[0] if numbers else "").split(".") if part]
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)
