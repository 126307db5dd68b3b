"""New projects from templates: what `envkit new` does.

`new` makes a project, `update` merges a newer template into one that has been worked on. A template is a folder of
`templates/`; a new one is a new folder there with a manifest, `template.toml`.
"""

from envkit.scaffold.project import new
from envkit.scaffold.template import templates
from envkit.scaffold.update import update

__all__ = ["new", "templates", "update"]
