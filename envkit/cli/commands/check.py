"""envkit check: judge environments against the rules."""

from typing import Any

import click

from envkit.cli.exits import Exit
from envkit.cli.options import env_kwargs_option, format_option, reference


@click.command("check", short_help="Find the faults of an environment.")
@click.argument("envs", nargs=-1, required=True, metavar="ENV...")
@env_kwargs_option
@click.option(
    "--select", default="", metavar="CODES", help="Only these rules: codes, prefixes or names, comma-separated."
)
@click.option("--ignore", default="", metavar="CODES", help="Not these rules.")
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of everything that is drawn.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="For one call of the environment.",
)
@click.option("--no-isolation", is_flag=True, help="Run in this process, for a debugger.")
@format_option("text", "json")
def COMMAND(  # noqa: N802 - the constant that the command line looks for
    envs: tuple[str, ...],
    env_kwargs: tuple[str, ...],
    select: str,
    ignore: str,
    strict: bool,
    seed: int,
    timeout: float,
    no_isolation: bool,
    format: str,
) -> int:
    """Judge environments against the rules; each finding comes with a fix and a program that shows it.

    Exits with 0 when there is no error, 1 when there is one (with --strict also for a warning; a hang or a crash of the
    environment is an error), 2 when ENV names nothing.
    """
    from envkit.check.api import check
    from envkit.check.reporters import reporters
    from envkit.core.errors import UsageError

    report_on = reporters()[format]
    chosen: dict[str, Any] = {
        "select": _names(select),
        "ignore": _names(ignore),
        "seed": seed,
        "timeout": timeout,
        "isolation": not no_isolation,
    }
    reports, refused = [], []
    for env in envs:
        try:
            reports.append(check(reference(env, env_kwargs), **chosen))
        except UsageError as error:  # one wrong name does not lose the other reports
            refused.append(error)
            continue
        if format == "text":
            click.echo(report_on(reports[-1:]))
    if format != "text" and reports:
        click.echo(report_on(reports))
    if refused:
        raise UsageError("; ".join(dict.fromkeys(str(error) for error in refused)))
    return Exit.FINDINGS if any(report.fails(strict=strict) for report in reports) else Exit.CLEAN


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
