"""envkit watch: look on while a policy plays."""

import click

from envkit.cli.options import (
    env_kwargs_option,
    played_on,
    played_on_option,
    reference,
    say_trusted,
    trust_option,
    wrap_option,
)
from envkit.cli.streams import clean_stdout
from envkit.core.show import count


@click.command("watch", short_help="Look on while a policy plays, in several environments at once.")
@click.argument("target", metavar="RUN|ZIP|ENV")
@click.option("--policy", metavar="NAME", help="Of ENV: random, module:function, a run, or the ZIP of a model.")
@played_on_option
@trust_option
@env_kwargs_option
@wrap_option
@click.option("--n-envs", type=click.IntRange(1, 64), default=1, show_default=True, help="Tiles of the window.")
@click.option("--episodes", type=click.IntRange(min=1), help="Of each; by default until the window is closed.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the first environment.")
@click.option("--max-steps", type=click.IntRange(min=1), help="After which an episode is cut off.  [default: 1000]")
def COMMAND(  # noqa: N802 - the constant that the command line looks for
    target: str, policy: str | None, env: str | None, trust: bool, env_kwargs: tuple[str, ...], wrap: tuple[str, ...],
    n_envs: int, episodes: int | None, seed: int, max_steps: int | None,
) -> None:  # fmt: skip
    """Show the policy of RUN, the directory of a run that `envkit solve` has made, or on ENV that of --policy.

    The frames of all environments are the tiles of one window; closing it ends. Where there is no display,
    `envkit record` makes a film instead.

    \b
    envkit watch runs/CartPole-v1-ppo-s0-1 --n-envs 4
    envkit watch LunarLander-v3 --policy random
    """
    from envkit.core.errors import UsageError
    from envkit.workflows.players import is_run, known, player
    from envkit.workflows.watch import CAP, watch

    if is_run(target):
        if policy:
            raise UsageError(
                f"--policy is for an environment, and {target} is a run: envkit watch ENV --policy {policy}"
            )
        if trust:
            say_trusted(target)
        playing = player(target, played_on(target, env, env_kwargs, wrap), trust=trust)
    else:
        if env:
            raise UsageError(f"{target} is the environment, so --env {env} has no meaning")
        if trust:
            say_trusted(policy or "random")
        playing = player(policy or "random", known(reference(target, env_kwargs, wrap)), trust=trust)
    title = f"{playing.ref}, {playing.name}"
    with clean_stdout():
        returns = watch(
            playing.policy, playing.ref, title=title, n_envs=n_envs, episodes=episodes, seed=seed, cap=max_steps or CAP
        )
    if returns:
        mean = sum(returns) / len(returns)
        click.echo(f"{title}: return {mean:.6g} on average of {count(len(returns), 'episode')}")
