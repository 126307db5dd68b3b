"""envkit spaces: what each kind of space looks like, and which algorithms take it."""

from typing import Any

import click

from envkit.cli.options import format_option

WORDS = {  # the wrapper that an algorithm needs, in a word for the table, and what to type
    "": ("yes", "takes it as it is"),
    "FlattenObservation": ("flatten", "after FlattenObservation(env)"),
    "DiscretizeObservation": ("bins", "after DiscretizeObservation(env, bins) or DiscretizeAction(env, bins)"),
    "DiscretizeAction": ("bins", ""),
    "TransformAction": ("number", "after TransformAction(env, decode, Discrete(n)), which numbers the actions"),
    "ActionWrapper": ("own", "after an ActionWrapper of your own that puts the action together"),
    None: ("-", "cannot"),
}
LEFT = 36
COLOURS = {"yes": "green", "-": "bright_black"}
COLUMNS = (  # (over the column, algorithm, role, width)
    ("SB3", "PPO", "as_observation", 10),
    ("tabular", "tabular", "as_observation", 12),
    ("A2C, PPO", "PPO", "as_action", 10),
    ("DQN", "DQN", "as_action", 9),
    ("DDPG, SAC, TD3", "SAC", "as_action", 16),
    ("tabular", "tabular", "as_action", 0),
)


@click.command("spaces", short_help="Tour the kinds of space and their algorithms.")
@format_option("text", "json")
def COMMAND(format: str) -> None:  # noqa: N802 - the constant that the command line looks for
    """Tour the kinds of space: what each looks like, and which algorithms take it."""
    import json

    from envkit.workflows.spaces import tour

    stops = [stop.to_json() for stop in tour()]
    if format == "json":
        click.echo(json.dumps({"schema": 1, "spaces": stops}, indent=2))
        return
    over = "".join(f"{title:{width}}" for title, _, _, width in COLUMNS)
    click.echo(f"{'':{LEFT}}{'as observation':22}as action")
    click.echo(f"{'kind':19}{'numbers':>7}{'':{LEFT - 26}}{over}")
    for stop in stops:
        click.echo("\n".join(["", *_lines(stop)]))
    click.echo("")
    for word, meaning in (pair for pair in WORDS.values() if pair[1]):
        click.echo(f"{_coloured(word, 10)}{meaning}")
    click.echo("\nnumbers: how many there are in a flattened value. Each game is an environment: envkit check nim")


def _lines(stop: dict[str, Any]) -> list[str]:
    """One stop of the tour."""
    size = "any" if stop["flattened"] is None else stop["flattened"]
    marks = "".join(_coloured(_word(stop[role][algorithm]), width) for _, algorithm, role, width in COLUMNS)
    kind = click.style(f"{stop['kind']:19}", bold=True)
    lines = [
        f"{kind}{size:>7}{'':{LEFT - 26}}{marks}",
        f"    {stop['constructor']}",
        f"    {click.style('such as ' + stop['sample'], dim=True)}",
        f"    {click.style(stop['game'], fg='cyan')}: {stop['summary']}",
    ]
    if stop["action_space"] != stop["constructor"]:
        lines.append(f"    {' ' * len(stop['game'])}  played with {stop['action_space']}")
    return lines


def _word(wrapper: str | None) -> str:
    return WORDS[wrapper.partition(" ")[0] if wrapper else wrapper][0]


def _coloured(word: str, width: int) -> str:
    return click.style(f"{word:{width}}", fg=COLOURS.get(word, "yellow"))
