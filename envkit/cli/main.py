"""The entry point `envkit`: finds the command, and turns every way it can end into an exit code and one clear line."""

import importlib
import os
import pkgutil
import signal
import sys
from pathlib import Path
from types import FrameType

import click

import envkit
from envkit.cli import commands
from envkit.cli.exits import Exit
from envkit.core.errors import EnvkitError, unknown_option


class LazyGroup(click.Group):
    """Imports a command's module when it is asked for; only `--help` imports them all."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(info.name for info in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(f"{commands.__name__}.{cmd_name}").COMMAND
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in self.list_commands(ctx):
            raise unknown_option("command", args[0], self.list_commands(ctx))
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(envkit.__version__, prog_name="envkit")
def cli() -> None:
    """The kit for the whole life of a Gymnasium environment.

    \b
    envkit new myenv                         a project with tests and CI
    envkit check envs.shower:ShowerEnv       each fault, and a program for it
    envkit solve gridworld --algo qlearning  learn, beside the exact optimum

    ENV is an alias (gridworld), a registered id (CartPole-v1), module:Id-v0, module:Class,
    module:function or path/to/file.py:Class.
    """


class Terminated(BaseException):
    """SIGTERM, as an exception, so that `finally` blocks run before the process ends."""


def _terminate(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signal module's signature
    raise Terminated


def main(argv: list[str] | None = None) -> None:
    """Runs a command and exits with its code (`envkit.cli.exits`)."""
    signal.signal(signal.SIGTERM, _terminate)
    code = run(argv)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def run(argv: list[str] | None = None) -> int:
    """As `main`, but returns the exit code."""
    if sys.stdout is None:  # closed by the shell: `>&-`
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - for the rest of the process
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        if "_ENVKIT_COMPLETE" in os.environ:
            cli.main(prog_name="envkit")  # click's own answer to the shell's completion
        # Not cli.main, which would answer a closed pipe with exit code 1.
        with cli.make_context("envkit", arguments or ["--help"]) as context:
            result = cli.invoke(context)
        return int(result) if isinstance(result, int) else Exit.CLEAN
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except EnvkitError as error:
        return _fail(str(error), error.exit_code)
    except click.ClickException as error:
        return _fail(_with_hint(error), Exit.USAGE)
    except (click.Abort, KeyboardInterrupt):
        return _fail("interrupted", Exit.INTERRUPTED)
    except Terminated:
        return _fail("terminated", Exit.TERMINATED)
    except BrokenPipeError:  # the reader of a pipe, such as `head`, has gone: that is no fault
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.CLEAN
    except OSError as error:
        return _fail(
            f"cannot read or write {error.filename or 'standard output'}: {error.strerror or error}",
            Exit.STORAGE_FAILED,
        )
    except SystemExit as ending:
        if "_ENVKIT_COMPLETE" in os.environ:
            raise
        return _fail(f"the environment's code has called sys.exit({ending.code!r})", Exit.ENVIRONMENT_FAILED)
    except Exception as error:  # noqa: BLE001 - the last resort: a bug of ours, told in one line
        return _fail(_bug_text(error), Exit.BUG)


def _fail(message: str, code: int) -> int:
    click.echo(f"envkit: {message}", err=True)
    return int(code)


def _with_hint(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    hint = f"; see `{context.command_path} --help`" if context else ""
    return error.format_message().rstrip(".?") + hint


def _bug_text(error: Exception) -> str:
    """One line for the terminal; the traceback goes to a file, for a report."""
    import tempfile
    import traceback

    from envkit.core.show import error_line

    try:
        with tempfile.NamedTemporaryFile("w", prefix="envkit-bug-", suffix=".txt", delete=False) as file:
            file.write(f"envkit {envkit.__version__}\nargv {sys.argv}\n\n{''.join(traceback.format_exception(error))}")
        where = f"; please report it with {file.name}"
    except OSError:
        where = ""
    return f"a bug in envkit: {error_line(error)}{where}"


if __name__ == "__main__":
    main()
