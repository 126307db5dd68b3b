"""envkit explain: the page of a rule, an algorithm, a metric, or a wrapper."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

    from envkit.check.model import Rule

LAMP = "The examples run as they stand: Lamp is envkit.check.lamp.Lamp, gym is gymnasium, np is numpy."


@click.command("explain", short_help="Show the page of a rule, an algorithm, a metric or a wrapper.")
@click.argument("name", required=False)
def COMMAND(name: str | None) -> None:  # noqa: N802 - the constant that the command line looks for
    """Show why a rule exists, what breaks it and what mends it; how an algorithm works and what it takes; or what a
    metric of training says, and what to try when it is out of its good range.

    NAME is a rule's code, the beginning of one, or its name; an algorithm's name, as of --algo; or a metric's, with or
    without its group; or a wrapper's, as of --wrap, `wrap` for all of them. Without it, all rules, algorithms and
    metrics are listed.

    \b
    envkit explain EK604
    envkit explain qlearning
    envkit explain approx_kl
    envkit explain wrap
    """
    if not name:
        _everything()
        return
    from envkit.authoring import wrapping
    from envkit.check.engine import all_rules
    from envkit.workflows import metrics

    exact = [each for each in all_rules() if name.upper() == each.code or name.lower() == each.name]
    family = [each for each in all_rules() if each.code.startswith(name.upper())]
    if exact:
        rule = exact[0]
        click.echo(f"{rule.code} {rule.name}  {rule.severity.label}\n\n{rule.doc.strip()}\n\n{LAMP}")
    elif family:
        _rules(family)
    elif name in ("wrap", *wrapping.wrappings()):
        click.echo(wrapping.page(name))
    elif found := metrics.find(name):
        click.echo("\n\n\n".join(map(metrics.page, found)))
    else:
        _algorithm(name)


def _algorithm(name: str) -> None:
    """An algorithm's page.

    Raises:
      UsageError: where nothing is called so; the message says the nearest name.
    """
    from envkit.check.engine import all_rules
    from envkit.core.errors import UsageError, nearest
    from envkit.workflows import metrics
    from envkit.workflows.algorithms import algorithms, elsewhere, find, page

    try:
        algorithm = find(name)
    except UsageError:
        rules = [called for rule in all_rules() for called in (rule.code, rule.name)]
        close = nearest(name, [*rules, *algorithms(), *metrics.names()], most=1)
        meant = f"did you mean {close[0]!r}? " if close else ""
        text = f"no rule, algorithm or metric is called {name!r}; {meant}`envkit explain` lists all"
        raise UsageError(elsewhere(name) or text) from None
    click.echo(page(algorithm))


def _everything() -> None:
    """All names, in sections."""
    from envkit.check.engine import all_rules
    from envkit.workflows.algorithms import groups
    from envkit.workflows.metrics import GROUPS, metrics

    click.secho("Rules of envkit check\n", bold=True)
    _rules(all_rules())
    click.secho("\nAlgorithms of envkit solve", bold=True)
    for title, _, members in groups():
        _section(title, members)
    click.secho("\nMetrics of training", bold=True)
    for group, title in GROUPS.items():
        _section(title, [(one.name, one.summary) for one in metrics() if one.group == group])


def _rules(rules: "Iterable[Rule]") -> None:
    rules = list(rules)
    width = max(len(each.name) for each in rules)
    for each in rules:
        click.echo(f"{each.code}  {each.severity.label:7}  {each.name:{width}}  {each.title}")


def _section(title: str, rows: list[tuple[str, str]]) -> None:
    width = max(len(name) for name, _ in rows)
    click.echo(f"\n{title}:")
    for name, about in rows:
        click.echo(f"  {name:{width}}  {about}")
