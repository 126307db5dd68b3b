"""envkit list: every environment that can be named here."""

import click

from envkit.cli.options import format_option


@click.command("list", short_help="Show the environments that can be named.")
@format_option("text", "json")
def COMMAND(format: str) -> None:  # noqa: N802 - the constant that the command line looks for
    """Show the bundled environments and those that installed packages announce: alias, id and what it is.

    On a terminal, lines end where its width does.
    """
    import json
    import shutil
    import sys

    from envkit.workflows.listing import listing, table

    rows, warnings = listing()
    if format == "json":
        click.echo(json.dumps({"schema": 1, "environments": rows, "warnings": warnings}, indent=2))
        return
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in table(rows, width=width):
        click.echo(line)
    for warning in warnings:
        click.echo(f"envkit: warning: {warning}", err=True)
