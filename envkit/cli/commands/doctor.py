"""envkit doctor: what is installed here, what is missing, and what is wrong."""

import click

from envkit.cli.exits import Exit
from envkit.cli.options import format_option


@click.command("doctor", short_help="Show what is installed, missing or wrong.")
@click.option("--gpu", is_flag=True, help="Ask torch and the driver about the devices too; takes seconds.")
@format_option("text", "json")
def COMMAND(gpu: bool, format: str) -> int:  # noqa: N802 - the constant that the command line looks for
    """Show versions, extras, display, GPU and plugins; what is missing comes with the line that gets it.

    Exits with 1 when something is wrong. A missing extra is not wrong.
    """
    import json

    from envkit.workflows import doctor

    items = doctor.diagnose(gpu=gpu)
    click.echo(json.dumps(doctor.to_json(items), indent=2) if format == "json" else doctor.to_text(items))
    return Exit.CLEAN if doctor.healthy(items) else Exit.FINDINGS
