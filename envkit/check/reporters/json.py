"""For programs: one object on standard output and nothing else. For several environments, a list of them in one."""

import json
from collections.abc import Sequence

from envkit.check.report import SCHEMA, Report


def report_json(reports: Sequence[Report]) -> str:
    if len(reports) == 1:
        return json.dumps(reports[0].to_json(), indent=2)
    worst = next((v for v in ("errors", "warnings") if any(r.verdict == v for r in reports)), "clean")
    return json.dumps(
        {"schema": SCHEMA, "verdict": worst, "reports": [report.to_json() for report in reports]}, indent=2
    )


REPORTER = report_json
