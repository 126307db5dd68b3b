"""envkit check: judge environments against the rules."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from envkit.cli.exits import Exit
from envkit.cli.options import env_kwargs_option, reference, wrap_option

if TYPE_CHECKING:
    from envkit.check.config import Config
    from envkit.check.report import Report
    from envkit.core.errors import EnvkitError

FORMATS = ("text", "json", "junit", "sarif", "github", "markdown")  # a test holds them against the reporters' files
SUFFIXES = {".txt": "text", ".json": "json", ".xml": "junit", ".sarif": "sarif", ".md": "markdown"}


@click.command("check", short_help="Find the faults of an environment.")
@click.argument("envs", nargs=-1, required=True, metavar="ENV...")
@env_kwargs_option
@wrap_option
@click.option("--select", metavar="CODES", help="Only these rules: codes, prefixes or names, comma-separated.")
@click.option("--ignore", metavar="CODES", help="Not these rules.")
@click.option("--strict/--no-strict", default=None, help="Warnings fail too.")
@click.option("--budget", metavar="LEVEL", help="How much is tried: quick, default or thorough.")
@click.option("--seed", type=click.IntRange(min=0), help="Of everything that is drawn.  [default: 0]")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="For one call of the environment.  [default: 10]",
)
@click.option("--no-isolation", is_flag=True, help="Run in this process, for a debugger.")
@click.option("--format", type=click.Choice(FORMATS), help="How to report.  [default: by the name of FILE, else text]")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the report there; print text.")
@click.option(
    "--write-test", type=click.Path(path_type=Path), metavar="DIR", help="Write the findings there as pytest files."
)
def COMMAND(  # noqa: N802 - the constant that the command line looks for
    envs: tuple[str, ...],
    env_kwargs: tuple[str, ...],
    wrap: tuple[str, ...],
    no_isolation: bool,
    format: str | None,
    output: Path | None,
    write_test: Path | None,
    **given: Any,
) -> int:
    """Judge environments against the rules; each finding comes with a fix and a program that shows it.

    What is not given is taken from [tool.envkit.check] of the nearest pyproject.toml. FILE.json, .sarif, .xml (junit),
    .md or .txt say their format by their name; `envkit replay FILE.json` tries its findings again.

    Exits with 0 when there is no error, 1 when there is one (with --strict also for a warning; a hang or a crash of the
    environment is an error), 2 when ENV names nothing, 5 when a file cannot be written.
    """
    from envkit.isolate.start import ahead

    if not no_isolation:
        ahead("envkit.check.session:ready")  # it takes as long to load all rules as this process does: both at once
    from envkit.check.config import nearest_config
    from envkit.check.later.written import check_place
    from envkit.core.errors import EnvkitError, UsageError

    format = format or _format_of(output)
    if output is not None:
        check_place(output)
    given |= {name: _names(given[name]) for name in ("select", "ignore")}
    config = nearest_config(Path.cwd()).but(**given)
    reports: list[Report] = []
    failures: list[EnvkitError] = []
    for env in envs:
        try:
            reports.append(_checked(env, env_kwargs, wrap, config, isolation=not no_isolation))
        except UsageError as error:  # one wrong name does not lose the other reports
            failures.append(error)
            continue
        if output is not None or format == "text":
            _show(reports[-1], first=len(reports) == 1)
    failures += _keep(reports, format, output, write_test)
    if failures:
        worst = max(failures, key=lambda error: error.exit_code)
        raise type(worst)("; ".join(dict.fromkeys(str(error) for error in failures)))
    return Exit.FINDINGS if any(report.fails() for report in reports) else Exit.CLEAN


def _format_of(output: Path | None) -> str:
    """By the name of the file; text without one, and for names without an ending."""
    from envkit.core.errors import UsageError

    ending = output.suffix.lower() if output else ""
    if ending and ending not in SUFFIXES and not (output and output.exists() and not output.is_file()):
        known = ", ".join(f"{suffix} ({name})" for suffix, name in SUFFIXES.items())
        raise UsageError(f"the ending of {output} says no format: give --format, or a name that ends in {known}")
    return SUFFIXES.get(ending, "text")


def _checked(
    env: str, env_kwargs: tuple[str, ...], wrap: tuple[str, ...], config: "Config", *, isolation: bool
) -> "Report":
    from envkit.check.api import check
    from envkit.cli.progress import checking

    with checking(env) as progress:
        return check(reference(env, env_kwargs, wrap), isolation=isolation, config=config, progress=progress)


def _show(report: "Report", *, first: bool) -> None:
    from envkit.check.reporters.text import WIDTH, pieces
    from envkit.cli.terminal import tell_pieces, terminal_width

    if not first:
        click.echo()
    tell_pieces(pieces([report], terminal_width(WIDTH)))


def _keep(reports: "list[Report]", format: str, output: Path | None, write_test: Path | None) -> "list[EnvkitError]":
    """Writes or prints the reports, and their tests; what could not be written is returned, so that the rest is."""
    from envkit.check.later.written import write_report, write_tests
    from envkit.check.reporters import reporters
    from envkit.cli.terminal import tell
    from envkit.core.errors import EnvkitError

    failures: list[EnvkitError] = []
    if reports and output is None and format != "text":
        tell(reporters()[format](reports))
    if reports and output is not None:
        try:
            write_report(output, reporters()[format](reports) + "\n")
        except EnvkitError as error:
            failures.append(error)
    for report in reports if write_test is not None else ():
        assert write_test is not None
        try:
            file = write_tests(report, write_test)
        except EnvkitError as error:
            failures.append(error)
            continue
        if file:
            click.echo(f"envkit: wrote {file}", err=True)
    return failures


def _names(text: str | None) -> list[str] | None:
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]
