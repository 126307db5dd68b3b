"""envkit new: a project with an environment, tests and CI; and an older project brought to the newer template."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from envkit.cli.exits import Exit

if TYPE_CHECKING:
    from envkit.scaffold.update import Update

DEFAULT = "gymnasium-env"


@click.command("new", short_help="Make a project, or update one.")
@click.argument("name", required=False)
@click.option("--template", metavar="NAME", help=f"What to make; --list shows what there is.  [default: {DEFAULT}]")
@click.option("--directory", metavar="DIR", help="The folder to make the project's folder in.  [default: .]")
@click.option("--author", metavar="NAME", help="Who holds the copyright.")
@click.option("--list", "list_", is_flag=True, help="Show all templates, a line each.")
@click.option("--update", is_flag=True, help="Merge the newer template into the project in the folder NAME or here.")
@click.option("--dry-run", is_flag=True, help="With --update: show what would happen.")
@click.option("--force", is_flag=True, help="With --update: even where git has changes that are not committed.")
def COMMAND(  # noqa: N802 - the constant that the command line looks for
    name: str | None,
    template: str | None,
    directory: str | None,
    author: str | None,
    list_: bool,
    update: bool,
    dry_run: bool,
    force: bool,
) -> int:
    """Make the project NAME: an environment that plays, its renderer, tests, CI and README, ready to be changed.

    NAME is one word, such as frozen-pond. The package, the class and the environment's id are named after it.

    \b
    envkit new frozen-pond --template grid
    envkit new --update --dry-run          (in the project's folder)

    With --update it exits with 1 where you and the template have changed the same lines; the file then has both,
    between marks as git writes them.
    """
    if list_:
        return _list()
    for option, given in {"--template": template, "--directory": directory, "--author": author}.items():
        if given and update:
            raise click.UsageError(f"{option} is for a new project; --update takes what the project's record says")
    for option, is_set in {"--dry-run": dry_run, "--force": force}.items():
        if is_set and not update:
            raise click.UsageError(f"{option} goes with --update")
    if update:
        return _update(name or ".", dry_run=dry_run, force=force)
    if name is None:
        raise click.MissingParameter(param_type="argument", param_hint="'NAME'")
    return _make(name, template or DEFAULT, directory or ".", author)


def _list() -> int:
    from envkit.scaffold.template import templates

    known = templates()
    width = max(map(len, known))
    for name, template in known.items():
        click.echo(f"{name:{width}}  {template.description}")
    return Exit.CLEAN


def _make(name: str, template: str, directory: str, author: str | None) -> int:
    from envkit.scaffold import project
    from envkit.scaffold.template import find

    folder = project.new(name, template=template, directory=directory, answers={"author": author} if author else {})
    click.echo(f"Made {folder} from the template {template}:\n")
    click.echo("\n".join(project.summary(folder, find(template))))
    return Exit.CLEAN


def _update(folder: str, *, dry_run: bool, force: bool) -> int:
    from envkit.scaffold import update

    done = update(folder, dry_run=dry_run, force=force)
    if not done.is_needed:
        click.echo(f"{Path(folder)} is up to date: version {done.after} of the template {done.template}")
        return Exit.CLEAN
    click.echo(_told(done, dry_run=dry_run))
    return Exit.FINDINGS if done.conflicts else Exit.CLEAN


def _told(done: "Update", *, dry_run: bool) -> str:
    """A line for each file, and what to do now."""
    from envkit.core.show import count

    verb = "Would bring" if dry_run else "Brought"
    versions = f"version {done.after}" + (f" (from {done.before})" if done.before != done.after else "")
    lines = [f"{verb} {done.project} to {versions} of the template {done.template}:", ""]
    width = max((len(change.path) for change in done.changes if change.note), default=0)
    for change in done.changes:
        lines.append(f"  {change.status:9}  {change.path:{width if change.note else 0}}  {change.note}".rstrip())
    lines.append("")
    if dry_run:
        lines.append("Nothing was changed: this was --dry-run.")
    elif done.conflicts:
        lines.append(f"Resolve the conflicts in {count(len(done.conflicts), 'file')}, then run the tests and commit.")
    else:
        lines.append("Look at it with `git diff`, run the tests and commit.")
    return "\n".join(lines)
