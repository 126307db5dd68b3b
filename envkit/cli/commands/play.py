"""envkit play: play an environment, or look at a policy."""

from pathlib import Path
from typing import Any

import click

from envkit.cli.options import env_kwargs_option, reference, wrap_option
from envkit.cli.terminal import tell


@click.command("play", short_help="Play an environment yourself, or look at a policy.")
@click.argument("env", required=False)
@click.option("--policy", metavar="RUN", help="`random`, a run of envkit solve, or the ZIP of a model: shows it.")
@click.option("--take-over", is_flag=True, help="You play beside the policy: any key takes over, Tab hands back.")
@click.option("--keys", default="", metavar="KEY=ACTION,...", help="Keys that you would rather have: w=0,s=1.")
@click.option("--real-time/--turn-based", "real_time", default=None, help="Whether time goes on by itself; see below.")
@env_kwargs_option
@wrap_option
@click.option("--episodes", type=click.IntRange(min=1), help="To play; 1 of a policy, else as many as you like.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of all randomness.")
@click.option("--max-steps", type=click.IntRange(min=1), help="After which an episode is stopped.")
@click.option("--text", "as_text", is_flag=True, help="On the terminal, even where there could be a window.")
@click.option(
    "--record", type=click.Path(path_type=Path), metavar="FILE",
    help="Keeps the episodes: a .json to replay, a .gif or an .mp4.",
)  # fmt: skip
def COMMAND(  # noqa: N802 - the constant that the command line looks for
    env: str | None, policy: str | None, take_over: bool, keys: str, real_time: bool | None,
    env_kwargs: tuple[str, ...], wrap: tuple[str, ...], episodes: int | None, seed: int, max_steps: int | None,
    as_text: bool, record: Path | None,
) -> None:  # fmt: skip
    """Play ENV with the keyboard; with --policy alone, look at a policy of it.

    The keys are proposed from the names of the actions, and shown. Arrows or WASD for
    directions; u undoes a step, r begins anew, p pauses, h helps, Esc ends. Where the
    environment moves by itself (its metadata say real_time, or 20 frames a second or
    more), time goes on; else each key is a step.

    \b
    envkit play gridworld
    envkit play CartPole-v1 --turn-based --record game.json
    envkit play --policy runs/gridworld-qlearning-s0-1
    envkit play FrozenLake-v1 --policy random --take-over
    """
    from envkit.core.errors import UsageError
    from envkit.workflows.players import player
    from envkit.workflows.recorder import recorder

    if env is None and policy is None:
        raise UsageError("name an environment, envkit play ENV, or a policy, envkit play --policy RUN")
    if (env_kwargs or wrap) and env is None:
        given = "--env-kwargs are" if env_kwargs else "--wrap is"
        raise UsageError(f"{given} for the environment that is named: envkit play ENV --policy RUN ...")
    ref = reference(env, env_kwargs, wrap) if env else None
    keep = recorder(record, tell) if record else None
    beside = player(policy, ref) if policy else None
    if beside and not take_over:
        _refuse_by_hand(keys, real_time)
        from envkit.workflows.play import CAP, play

        shown = play(
            beside.policy, beside.ref, episodes=episodes or 1, seed=seed, as_text=as_text, cap=max_steps or CAP,
            write=tell, keep=keep, player=beside.name,
        )  # fmt: skip
        for number, played in enumerate(shown):
            tell(_told(number, played))
        return
    if take_over and not beside:
        raise UsageError("--take-over is from a policy: --policy RUN, or --policy random")
    from envkit.workflows.playing.game import play_by_hand

    played_ref = beside.ref if beside else ref
    if played_ref is not None:
        play_by_hand(
            played_ref, keys=keys, player=beside, player_begins=take_over, real_time=real_time, as_text=as_text,
            seed=seed, episodes=episodes, max_steps=max_steps, write=tell, keep=keep,
            told=lambda score: tell(_told(score.number, score)),
        )  # fmt: skip


def _refuse_by_hand(keys: str, real_time: bool | None) -> None:
    from envkit.core.errors import UsageError

    given = [name for name, used in (("--keys", keys), ("--real-time", real_time is not None)) if used]
    if given:
        raise UsageError(f"{given[0]} is for playing yourself: add --take-over, or leave out --policy")


def _told(number: int, played: Any) -> str:
    shaped = "" if played.shaped is None else f" (shaped {played.shaped:.6g})"
    steps = f"{played.steps:,} step{'' if played.steps == 1 else 's'}"
    return f"episode {number}: return {played.reward:.6g}{shaped} after {steps}, {played.ended}"
