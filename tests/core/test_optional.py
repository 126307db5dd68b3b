"""A missing package is answered with the command that works for this installation."""

import pytest

from envkit.core import optional
from envkit.core.errors import MissingExtra


@pytest.mark.parametrize(
    ("checkout", "line"),
    [
        ("", "pip install 'envkit[deep]'"),
        (".", "pip install -e '.[deep]'"),
        ("/shelf/envkit", "pip install -e '/shelf/envkit[deep]'"),
    ],
)
def test_a_missing_package_names_the_line_to_type(monkeypatch, checkout, line):
    monkeypatch.setattr(optional, "editable_checkout", lambda: checkout)
    with pytest.raises(MissingExtra) as caught:
        optional.need("no_such_package", extra="deep", purpose="training PPO")
    assert str(caught.value) == f"training PPO needs no_such_package: {line}"
    assert caught.value.exit_code == 2


def test_a_package_that_is_there_and_broken_speaks_for_itself(tmp_path, monkeypatch):
    (tmp_path / "cracked.py").write_text("import no_such_part\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModuleNotFoundError, match="no_such_part"):
        optional.need("cracked", extra="deep", purpose="training PPO")


def test_a_package_that_is_there_is_returned():
    assert optional.need("json", extra="deep", purpose="reading").loads("3") == 3


def test_the_checkout_is_found_from_inside_it_too(monkeypatch):
    here = optional.editable_checkout()
    monkeypatch.chdir("/")
    elsewhere = optional.editable_checkout()
    assert bool(here) == bool(elsewhere)
