"""envkit list: every environment that can be named here."""

import click

from envkit.cli.options import format_option


@click.command("list", short_help="Show the environments that can be named.")
@click.option("--all", "everything", is_flag=True, help="Gymnasium's registry too, the newest versions.")
@format_option("text", "json")
def COMMAND(everything: bool, format: str) -> None:  # noqa: N802 - the constant that the command line looks for
    """Show the bundled environments and those that installed packages announce: alias, id and what it is.

    With --all, also whatever else is registered, by package: id, time limit, and the return from which on it counts
    as solved. This reads the registry and imports no environment.

    On a terminal, lines end where its width does.
    """
    import json
    import shutil
    import sys

    from envkit.workflows.listing import listing, registered, registered_table, table

    rows, warnings = listing()
    others = registered(but={row["id"] for row in rows}) if everything else []
    if format == "json":
        more = {"registered": others} if everything else {}
        click.echo(json.dumps({"schema": 1, "environments": rows, **more, "warnings": warnings}, indent=2))
        return
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in [*table(rows, width=width), *registered_table(others)]:
        click.echo(line)
    for warning in warnings:
        click.echo(f"envkit: warning: {warning}", err=True)
