"""envkit replay: try the findings of a report again."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from envkit.cli.exits import Exit

if TYPE_CHECKING:
    from envkit.check.later.again import Outcome


@click.command("replay", short_help="Try the findings of a report again.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--only", multiple=True, metavar="CODE", help="Only the findings of this rule; repeatable.")
@click.option("--env", metavar="ENV", help="Try them on this environment instead of the report's.")
def COMMAND(file: Path, only: tuple[str, ...], env: str | None) -> int:  # noqa: N802 - as the command line looks for it
    """Try the findings of FILE again, each with the program that showed it, and say which are mended.

    FILE is what `envkit check ENV --output report.json` wrote. The environment that it names is run; nothing else in
    the file is. Exits with 0 when all are mended, mere advice aside, 1 when one is still there or cannot be judged, 2
    when there is no such file or environment, 4 when the file is no report.

    \b
    envkit check my_env.py:MyEnv --output report.json
    envkit replay report.json
    """
    from envkit.check.later import again, past
    from envkit.cli.progress import checking
    from envkit.core.finding import Severity

    reports = past.load(_read(file), str(file))
    with checking(str(file)) as progress:
        outcomes = again.again(reports, only=only, target=env, progress=progress)
    for outcome in outcomes:
        _tell(outcome, named=len(reports) > 1)
    left = [outcome.finding.severity for outcome in outcomes if outcome.state != again.MENDED]
    click.echo(f"{file}: {_summary(len(left), len(outcomes))}")
    return Exit.FINDINGS if any(severity > Severity.ADVICE for severity in left) else Exit.CLEAN


def _read(file: Path) -> bytes:
    from envkit.core.errors import UsageError

    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot read {file}: {error.strerror or error}; write it with `envkit check ENV --output {file}`"
        ) from error


def _tell(outcome: "Outcome", *, named: bool) -> None:
    from envkit.check.later.again import MENDED, STILL
    from envkit.check.reporters.safe import safe
    from envkit.check.reporters.text import WIDTH, labelled
    from envkit.cli.terminal import tell_pieces, terminal_width

    styles = {STILL: "bold red", MENDED: "bold green"}
    finding, width = outcome.finding, terminal_width(WIDTH)
    parts = [(f"{finding.code} {finding.name}", "bold"), ("  ", "")]
    parts += [(outcome.state, styles.get(outcome.state, "bold yellow")), (f"  {outcome.env}" if named else "", "dim")]
    parts.append(("\n", ""))
    if outcome.state != MENDED:
        parts += labelled("now" if outcome.state == STILL else "why", outcome.message, width)
    tell_pieces((safe(text), style) for text, style in parts)


def _summary(number: int, total: int) -> str:
    if not total:
        return "nothing was found then, so there is nothing to try"
    return f"{number} of {total} not mended" if number else f"all {total} mended" if total > 1 else "mended"
