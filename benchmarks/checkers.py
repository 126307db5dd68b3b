"""Three checkers of environments, side by side: what they find, whom they accuse without reason, how long they take.

`envkit check`, Gymnasium's `check_env` (without and with a registered spec) and that of Stable-Baselines3 judge the zoo
of `tests/zoo`: environments with exactly one fault each, and odd ones without any. Each judges each in a child process
with a time cap. A fault of level error counts as caught by an error, one of level warning by a warning too, and only if
the clean twin is not told the same. With --real they judge the installed packages instead.

    python benchmarks/checkers.py                        # the zoo; --jobs 1 for quotable seconds
    python benchmarks/checkers.py --only seeding         # families or names that match
    python benchmarks/checkers.py --real --json out.json

Exits with 1 where envkit misses a fault, rejects a valid environment or gives no verdict, or where its programs are too
long; with --real where it calls something an error that `real_defects.toml` does not list.
"""

import argparse
import json
import platform
import re
import sys
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from importlib import metadata
from pathlib import Path

from checking import show
from checking.judges import JUDGES, installed
from checking.nursery import Nursery
from checking.real import known_defects, real_environments
from checking.scores import Case, Verdicts
from checking.verdict import Verdict

ZOO = Path(__file__).resolve().parents[1] / "tests" / "zoo"


def zoo() -> list[Case]:
    sys.path.insert(0, str(ZOO))
    import catalogue  # type: ignore[import-not-found]

    faults = [
        Case(f.ref, f.name, f.family, f.what, f.level, f.hides, f.twin) for f in catalogue.faults()
    ]  # fmt: skip
    return faults + [Case(v.ref, v.name, v.family, v.what) for v in catalogue.valid()]


def real() -> list[Case]:
    found, lacking = real_environments()
    if lacking:
        print(f"left out, since not installed: {'; '.join(lacking)}", file=sys.stderr)
    return [Case(one.ref, one.id, one.package, one.id) for one in found]


def chosen(cases: Sequence[Case], pattern: str) -> list[Case]:
    """Those that match, and the twins that they are compared with."""
    matching = [case for case in cases if re.search(pattern, f"{case.family}/{case.name}", re.IGNORECASE)]
    twins = {case.twin for case in matching} - {case.ref for case in matching}
    return matching + [case for case in cases if case.ref in twins]


def judge(cases: Sequence[Case], checkers: Iterable[str], *, jobs: int, cap: float) -> Verdicts:
    """Every checker on every case; each worker thread has nurseries of its own, started when they are needed."""
    own = threading.local()
    nurseries: list[Nursery] = []

    def one(checker: str, case: Case) -> Verdict:
        if not hasattr(own, "nurseries"):
            own.nurseries = {}
        if checker not in own.nurseries:
            own.nurseries[checker] = Nursery(checker, cap)
            nurseries.append(own.nurseries[checker])
        verdict: Verdict = own.nurseries[checker].judge(case.ref)
        return verdict

    pairs = [(checker, case) for case in cases for checker in checkers]
    verdicts = {}
    with ThreadPoolExecutor(jobs) as pool, show.progress(len(pairs)) as advance:
        for (checker, case), verdict in zip(pairs, pool.map(lambda pair: one(*pair), pairs), strict=True):
            verdicts[checker, case.ref] = verdict
            advance(f"{checker} {case.name}")
    for nursery in nurseries:
        nursery.close()
    return verdicts


def versions() -> dict[str, str]:
    """Of the checkers and what they stand on."""
    packages = ("envkit", "gymnasium", "stable_baselines3", "numpy")
    found = {package: metadata.version(package) for package in packages if _is_installed(package)}
    return {"date": date.today().isoformat(), "python": platform.python_version(), **found}


def _is_installed(package: str) -> bool:
    try:
        return bool(metadata.version(package))
    except metadata.PackageNotFoundError:
        return False


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--real", action="store_true", help="the environments of installed packages, not the zoo")
    parser.add_argument("--only", default="", metavar="PATTERN", help="a regular expression for family/name")
    parser.add_argument("--checkers", default=",".join(JUDGES), metavar="NAMES", help="of %(default)s")
    parser.add_argument("--jobs", type=int, default=2, help="judged at once; 1 for quotable seconds (default 2)")
    parser.add_argument("--cap", type=float, default=150.0, metavar="SECONDS", help="for one verdict (default 150)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every verdict there")
    given = parser.parse_args()
    unknown = set(given.checkers.split(",")) - set(JUDGES)
    if unknown:
        parser.error(f"no checker is called {', '.join(sorted(unknown))}; there are {', '.join(JUDGES)}")
    return given


def main() -> int:
    given = arguments()
    cases = chosen(real() if given.real else zoo(), given.only)
    if not cases:
        raise SystemExit(f"nothing matches {given.only!r}")
    checkers = [name for name in given.checkers.split(",") if installed(name)]
    if given.real:  # they are registered anyway
        checkers = [name for name in checkers if name != "gymnasium*"]
    for name in set(given.checkers.split(",")) - {*checkers, "gymnasium*"}:
        print(f"{name} is not installed: left out", file=sys.stderr)
    verdicts = judge(cases, checkers, jobs=given.jobs, cap=given.cap)
    print(", ".join(f"{name} {version}" for name, version in versions().items()))
    bad = show.real(cases, checkers, verdicts, known_defects()) if given.real else show.zoo(cases, checkers, verdicts)
    if given.json:
        data = {"versions": versions(), "verdicts": [verdict.to_json() for verdict in verdicts.values()]}
        given.json.write_text(json.dumps(data, indent=1) + "\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
