"""envkit new: a project with an environment, tests and CI."""

import click


@click.command("new", short_help="Make a project for a new environment.")
@click.argument("name")
@click.option("--template", default="gymnasium-env", show_default=True, metavar="NAME", help="What to make.")
@click.option("--directory", default=".", metavar="DIR", help="The folder to make the project's folder in.")
@click.option("--author", metavar="NAME", help="Who holds the copyright.")
def COMMAND(name: str, template: str, directory: str, author: str | None) -> None:  # noqa: N802 - the constant that the command line looks for
    """Make the project NAME: an environment that plays, its renderer, tests, CI and README, ready to be changed.

    NAME is one word, such as frozen-pond. The package, the class and the environment's id are named after it.
    """
    from envkit.scaffold import project
    from envkit.scaffold.template import find

    folder = project.new(name, template=template, directory=directory, answers={"author": author} if author else {})
    click.echo(f"Made {folder} from the template {template}:\n")
    click.echo("\n".join(project.summary(folder, find(template))))
