"""envkit list: every environment that can be named here."""

import click

from envkit.cli.options import format_option


@click.command("list", help="Show the bundled environments and those that installed packages announce.")
@format_option("text", "json")
def COMMAND(format: str) -> None:  # noqa: N802 - the constant that the command line looks for
    import json

    from envkit.workflows.listing import listing

    rows, warnings = listing()
    if format == "json":
        click.echo(json.dumps({"schema": 1, "environments": rows, "warnings": warnings}, indent=2))
        return
    width = max((len(row["alias"]) for row in rows), default=0)
    id_width = max((len(row["id"]) for row in rows), default=0)
    for row in rows:
        click.echo(f"{row['alias']:{width}}  {row['id']:{id_width}}  {row['summary']}".rstrip())
    for warning in warnings:
        click.echo(f"envkit: warning: {warning}", err=True)
