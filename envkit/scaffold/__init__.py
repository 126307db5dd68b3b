"""New projects from templates: what `envkit new` does.

A template is a folder of `templates/`; a new one is a new folder there with a manifest, `template.toml`.
"""

from envkit.scaffold.project import new
from envkit.scaffold.template import templates

__all__ = ["new", "templates"]
