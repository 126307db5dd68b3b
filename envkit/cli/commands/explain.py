"""envkit explain: a rule's page."""

import click

LAMP = "The examples run as they stand: Lamp is envkit.check.lamp.Lamp, gym is gymnasium, np is numpy."


@click.command("explain", short_help="Show a rule's page.")
@click.argument("rule", required=False)
def COMMAND(rule: str | None) -> None:  # noqa: N802 - the constant that the command line looks for
    """Show why a rule exists, what breaks it and what mends it.

    RULE is a code, the beginning of one, or a name; without it, all are listed.
    """
    from envkit.check.engine import all_rules
    from envkit.check.selection import unknown_rule

    name = rule or ""
    exact = [each for each in all_rules() if name and (name.upper() == each.code or name.lower() == each.name)]
    family = [each for each in all_rules() if each.code.startswith(name.upper())]
    if exact:
        page = exact[0]
        click.echo(f"{page.code} {page.name}  {page.severity.label}\n\n{page.doc.strip()}\n\n{LAMP}")
    elif family:
        width = max(len(each.name) for each in family)
        for each in family:
            click.echo(f"{each.code}  {each.severity.label:7}  {each.name:{width}}  {each.title}")
    else:
        raise unknown_rule(name)
