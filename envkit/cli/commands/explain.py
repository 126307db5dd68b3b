"""envkit explain: a rule's page, or a solver's."""

import click

LAMP = "The examples run as they stand: Lamp is envkit.check.lamp.Lamp, gym is gymnasium, np is numpy."


@click.command("explain", short_help="Show the page of a rule or of a solver.")
@click.argument("name", required=False)
def COMMAND(name: str | None) -> None:  # noqa: N802 - the constant that the command line looks for
    """Show why a rule exists, what breaks it and what mends it; or how a solver works and what it takes.

    NAME is a rule's code, the beginning of one, or its name; or a solver's name, as of --algo. Without it, all rules
    are listed.

    \b
    envkit explain EK604
    envkit explain qlearning
    """
    from envkit.check.engine import all_rules
    from envkit.check.selection import unknown_rule

    name = name or ""
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
        _solver(name, unknown_rule(name))


def _solver(name: str, unknown: Exception) -> None:
    """The page of a solver; raises `unknown` where there is none of the name, unless one is called nearly so."""
    from envkit.check.engine import all_rules
    from envkit.core.errors import UsageError, nearest
    from envkit.tabular.solver import find, page, solvers

    try:
        solver = find(name)
    except UsageError:
        close = nearest(name, [*solvers(), *(rule.name for rule in all_rules())], most=1)
        if close and close[0] in solvers():
            raise UsageError(f"no solver is called {name!r}; did you mean {close[0]!r}?") from None
        raise unknown from None
    click.echo(page(solver))
