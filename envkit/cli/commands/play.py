"""envkit play: look at a policy."""

import click

from envkit.cli.options import env_kwargs_option, reference
from envkit.cli.terminal import tell


@click.command("play", short_help="Look at a policy, in a window or as text.")
@click.argument("env", required=False)
@click.option("--policy", "run", required=True, type=click.Path(), metavar="RUN", help="A run of envkit solve.")
@env_kwargs_option
@click.option("--episodes", type=click.IntRange(min=1), default=1, show_default=True, help="To play.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of all randomness.")
@click.option("--text", "as_text", is_flag=True, help="On the terminal, even where there could be a window.")
def COMMAND(  # noqa: N802 - the constant that the command line looks for
    env: str | None, run: str, env_kwargs: tuple[str, ...], episodes: int, seed: int, as_text: bool
) -> None:
    """Show the policy of RUN on ENV, by default the environment that it was learnt from.

    \b
    envkit play --policy runs/gridworld-qlearning-s0-1
    envkit play FrozenLake-v1 --policy runs/FrozenLake-v1-sarsa-s0-1 --text
    """
    from envkit.core.errors import UsageError
    from envkit.workflows.play import play
    from envkit.workflows.saved import load

    if env_kwargs and env is None:
        raise UsageError("--env-kwargs are for the environment that is named: envkit play ENV --policy RUN ...")
    ref = reference(env, env_kwargs) if env else None
    saved = load(run, env=ref)
    episodes_played = play(
        saved.policy, ref or saved.asked.ref, episodes=episodes, seed=seed, as_text=as_text, write=tell
    )
    for number, played in enumerate(episodes_played):
        tell(f"episode {number}: return {played.reward:.6g} after {played.steps:,} steps, {played.ended}")
