"""envkit export: a policy as files that need no envkit."""

from pathlib import Path

import click


@click.command("export", short_help="Write a policy as files that need NumPy alone, or as ONNX.")
@click.argument("run", metavar="RUN|ZIP", type=click.Path())
@click.option("--env", metavar="ENV", help="What a ZIP plays, which it does not say.")
@click.option(
    "--format", type=click.Choice(["numpy", "onnx"]), default="numpy", show_default=True, help="Of the files."
)
@click.option("--output", type=click.Path(path_type=Path), metavar="DIR", help="By default RUN/numpy or RUN/onnx.")
def COMMAND(  # noqa: N802 - the constant that the command line looks for
    run: str, env: str | None, format: str, output: Path | None
) -> None:
    """Write the policy of RUN, the directory of a run that `envkit solve` has made, for a place without envkit; or
    that of ZIP, a model that Stable-Baselines3 has saved.

    What is written are the weights, with the scaling of observations, and policy.py, a program of a few lines that
    plays them: it needs NumPy alone, or onnxruntime. It is played beside the policy on a thousand observations before
    anything is written, and has to act as it does.

    \b
    envkit export runs/CartPole-v1-ppo-s0-1
    envkit export ppo_cartpole.zip --env CartPole-v1
    envkit export runs/CartPole-v1-ppo-s0-1 --format onnx --output robot
    """
    from envkit.cli.streams import clean_stdout
    from envkit.core.ref import EnvRef
    from envkit.workflows.exporting.export import export

    with clean_stdout():
        made = export(run, env=EnvRef.of(env) if env else None, format=format, out=output)
    for file in made.files:
        click.echo(file)
    click.echo(f"policy.py has {made.lines} lines; on {made.compared:,} observations it acts as the policy does")
