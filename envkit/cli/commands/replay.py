"""envkit replay: episodes again, bit for bit; or the findings of a report."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from envkit.cli.exits import Exit

if TYPE_CHECKING:
    from envkit.check.later.again import Outcome
    from envkit.core.ref import EnvRef


@click.command("replay", short_help="Play recorded episodes, or the findings of a report, again.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--env", metavar="ENV", help="On this environment instead of the file's.")
@click.option("--render", is_flag=True, help="Of episodes: show them, at their own pace.")
@click.option("--text", "as_text", is_flag=True, help="Likewise, on the terminal.")
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="FILE", help="Of episodes: a film of them, .gif or .mp4."
)
@click.option("--only", multiple=True, metavar="CODE", help="Of a report: only the findings of this rule; repeatable.")
def COMMAND(  # noqa: N802 - the constant that the command line looks for
    file: Path, env: str | None, render: bool, as_text: bool, output: Path | None, only: tuple[str, ...]
) -> int:
    """Play again what FILE holds, and say whether it comes out the same.

    FILE holds episodes, of `envkit play` or `envkit record`, or it is a report of `envkit check`. Episodes are played
    on a fresh instance, and every answer is compared; a report's findings are tried with the programs that showed them.
    The environment that the file names is run; nothing else in the file is. Exits with 0 when all is the same, or all
    findings are mended, mere advice aside; 1 when not; 2 when there is no such file or environment, 4 when the file is
    damaged or neither of the two.

    \b
    envkit play gridworld --record game.json
    envkit replay game.json --render
    envkit check my_env.py:MyEnv --output report.json
    envkit replay report.json
    """
    from envkit.core.errors import UsageError
    from envkit.core.ref import EnvRef
    from envkit.runs.transcripts import holds_episodes

    data = _read(file)
    ref = EnvRef.of(env) if env else None
    if holds_episodes(data):
        if only:
            raise UsageError(f"--only is for the findings of a report, and {file} holds episodes")
        if output and (render or as_text):
            raise UsageError("--output makes a film; without it --render shows the episodes: give one of the two")
        return _episodes(file, data, ref, render=render or as_text, as_text=as_text, output=output)
    for name, given in (("--render", render), ("--text", as_text), ("--output", output)):
        if given:
            raise UsageError(f"{name} is for episodes, and {file} holds none; `envkit play ENV --record {file}` does")
    return _report(file, data, env, only)


def _read(file: Path) -> bytes:
    from envkit.core.errors import UsageError

    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot read {file}: {error.strerror or error}; write it with `envkit check ENV --output {file}`, or "
            f"`envkit play ENV --record {file}`"
        ) from error


def _episodes(
    file: Path, data: bytes, ref: "EnvRef | None", *, render: bool, as_text: bool, output: Path | None
) -> int:
    from envkit.cli.streams import clean_stdout
    from envkit.cli.terminal import tell
    from envkit.runs.transcripts import read
    from envkit.workflows.replay import film, replay, show_replay

    transcript = read(data, str(file))
    if output:
        with clean_stdout():
            replayed, frames, blank = film(transcript, output, ref=ref)
        note = "; all are of one and the same colour" if blank else ""
        tell(f"{output}: {frames} frames, the last of an episode held{note}")
    elif render:
        replayed = show_replay(transcript, ref=ref, as_text=as_text, write=tell)
    else:
        with clean_stdout():
            replayed = replay(transcript, ref=ref)
    tell(f"{file}: {replayed}")
    return Exit.CLEAN if replayed.same else Exit.FINDINGS


def _report(file: Path, data: bytes, env: str | None, only: tuple[str, ...]) -> int:
    from envkit.check.later import again, past
    from envkit.cli.progress import checking
    from envkit.core.finding import Severity

    reports = past.load(data, str(file))
    with checking(str(file)) as progress:
        outcomes = again.again(reports, only=only, target=env, progress=progress)
    for outcome in outcomes:
        _tell(outcome, named=len(reports) > 1)
    left = [outcome.finding.severity for outcome in outcomes if outcome.state != again.MENDED]
    click.echo(f"{file}: {_summary(len(left), len(outcomes))}")
    return Exit.FINDINGS if any(severity > Severity.ADVICE for severity in left) else Exit.CLEAN


def _tell(outcome: "Outcome", *, named: bool) -> None:
    from envkit.check.later.again import MENDED, STILL
    from envkit.check.reporters.safe import safe
    from envkit.check.reporters.text import WIDTH, labelled
    from envkit.cli.terminal import tell_pieces, terminal_width

    styles = {STILL: "bold red", MENDED: "bold green"}
    finding, width = outcome.finding, terminal_width(WIDTH)
    parts = [(f"{finding.code} {finding.name}", "bold"), ("  ", "")]
    parts += [(outcome.state, styles.get(outcome.state, "bold yellow")), (f"  {outcome.env}" if named else "", "dim")]
    parts.append(("\n", ""))
    if outcome.state != MENDED:
        parts += labelled("now" if outcome.state == STILL else "why", outcome.message, width)
    tell_pieces((safe(text), style) for text, style in parts)


def _summary(number: int, total: int) -> str:
    if not total:
        return "nothing was found then, so there is nothing to try"
    return f"{number} of {total} not mended" if number else f"all {total} mended" if total > 1 else "mended"
