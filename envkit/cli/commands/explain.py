"""envkit explain: a rule's page."""

import click


@click.command("explain", short_help="Show a rule's page.")
@click.argument("rule", required=False)
def COMMAND(rule: str | None) -> None:  # noqa: N802 - the constant that the command line looks for
    """Show why a rule exists, what breaks it and what mends it.

    RULE is a code or a name; without it, all are listed.
    """
    from envkit.check.engine import all_rules
    from envkit.core.errors import unknown_option

    rules = all_rules()
    if rule is None:
        width = max(len(each.name) for each in rules)
        for each in rules:
            click.echo(f"{each.code}  {each.severity.label:7}  {each.name:{width}}  {each.title}")
        return
    found = [each for each in rules if rule.upper() == each.code or rule.lower() == each.name]
    if not found:
        raise unknown_option("rule", rule, [each.code for each in rules] + [each.name for each in rules])
    click.echo(f"{found[0].code} {found[0].name}  {found[0].severity.label}\n\n{found[0].doc.strip()}")
