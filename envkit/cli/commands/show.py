"""envkit show: what an environment is, at a glance."""

from pathlib import Path

import click

from envkit.cli.options import env_kwargs_option, format_option, reference
from envkit.cli.streams import clean_stdout


@click.command("show", short_help="Show what an environment is, at a glance.")
@click.argument("env")
@env_kwargs_option
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the random play.")
@click.option("--png", type=click.Path(path_type=Path), metavar="FILE", help="Write the first frame there.")
@click.option("--dpi", type=click.IntRange(min=1), default=100, show_default=True, help="Of --png, when printed.")
@format_option("text", "json")
def COMMAND(  # noqa: N802 - the constant that the command line looks for
    env: str, env_kwargs: tuple[str, ...], seed: int, png: Path | None, dpi: int, format: str
) -> None:
    """Show ENV: its registration, every number that it shows and takes with name, bounds and unit, what it pays and
    when it ends, five random episodes, and which algorithms can take it.

    Names and texts are those of its documentation.

    \b
    envkit show CartPole-v1
    envkit show gridworld --png gridworld.png
    """
    import json

    from envkit.cli.terminal import tell, tell_pieces
    from envkit.workflows.looking.glance import check_picture, glance, picture
    from envkit.workflows.looking.text import shown

    ref = reference(env, env_kwargs)
    if png:
        check_picture(png)
    with clean_stdout():
        found = glance(ref, seed=seed)
        size = picture(ref, png, seed=seed, dpi=dpi) if png else None
    if format == "json":
        frame = {"file": str(png), "width": size[0], "height": size[1]} if size else None
        click.echo(json.dumps({**found.to_json(), "picture": frame}, indent=2, allow_nan=False))
        return
    tell_pieces(shown(found))
    if size:
        tell(f"\n{png}: the first frame, {size[0]} x {size[1]} pixels")
