"""What learners record while they train, and what it says: the pages of metrics.toml.

A metric is named as it is recorded, `train/approx_kl`, or without the group in front.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("metrics.toml")
GROUPS = {
    "rollout": "Episodes of training, as Stable-Baselines3 records them",
    "train": "The networks",
    "time": "The clock",
    "eval": "Episodes of evaluation, of an EvalCallback",
    "curve": "Columns of curve.csv, of the tabular learners",
}


@dataclass(frozen=True)
class Metric:
    """One page.

    Args:
      name: as it is recorded, with its group.
      by: who records it.
      what: what it is.
      good: what it looks like when all is well.
      otherwise: what to try when it does not.
    """

    name: str
    by: str
    what: str
    good: str
    otherwise: str

    @property
    def group(self) -> str:
        return self.name.partition("/")[0]

    @property
    def plain(self) -> str:
        """The name without its group."""
        return self.name.partition("/")[2]

    @property
    def summary(self) -> str:
        """How the text begins, for lists."""
        return re.split(r"[.:;](?: |$)", self.what, maxsplit=1)[0] + "."


@cache
def metrics() -> tuple[Metric, ...]:
    """All of them, in the order of the file."""
    pages = tomllib.loads(FILE.read_text(encoding="utf-8"))
    texts = {name: {part: " ".join(text.split()) for part, text in page.items()} for name, page in pages.items()}
    return tuple(Metric(name, **text) for name, text in texts.items())


def find(name: str) -> list[Metric]:
    """Those that a name means, with or without its group; case, hyphens and underscores make no difference."""
    wanted = _plain(name)
    return [one for one in metrics() if wanted in (_plain(one.name), _plain(one.plain))]


def names() -> list[str]:
    """Everything that can be typed."""
    return [name for one in metrics() for name in (one.plain, one.name)]


def page(metric: Metric) -> str:
    """All about a metric, in lines of 80 columns."""
    parts = [("", metric.what), ("Good       ", metric.good), ("Otherwise  ", metric.otherwise)]
    return "\n\n".join([f"{metric.name}  ({metric.by})", *(_wrapped(title, text) for title, text in parts)])


def _wrapped(title: str, text: str) -> str:
    import textwrap

    return textwrap.fill(text, 80, initial_indent=title, subsequent_indent=" " * len(title), break_on_hyphens=False)


def _plain(name: str) -> str:
    return name.strip().lower().replace("-", "").replace("_", "").replace(" ", "")
