"""Which rules a person means by codes, beginnings of codes, and names."""

from collections.abc import Iterable

from envkit.check import engine
from envkit.check.model import Rule
from envkit.core.errors import UsageError, nearest


def chosen(select: Iterable[str], ignore: Iterable[str]) -> tuple[Rule, ...]:
    """The rules that are selected and not ignored, by code; the essential ones are always among them."""
    rules = engine.all_rules()
    wanted = {code for name in select for code in named(name)} or {rule.code for rule in rules}
    unwanted = {code for name in ignore for code in named(name)}
    return tuple(rule for rule in rules if rule.essential or rule.code in wanted - unwanted)


def named(name: str) -> set[str]:
    """The codes of the rules that a code, the beginning of one, or a name means. Raises UsageError for none."""
    rules = engine.all_rules()
    codes = {rule.code for rule in rules if rule.code.startswith(name.upper()) or rule.name == name.lower()}
    if not codes or not name:
        raise unknown_rule(name)
    return codes


def unknown_rule(name: str) -> UsageError:
    rules = engine.all_rules()
    close = nearest(name, [rule.code for rule in rules] + [rule.name for rule in rules], most=1)
    meant = f"did you mean {close[0]!r}? " if close else ""
    return UsageError(f"no rule is called {name!r}; {meant}`envkit explain` lists all")
