"""A newer template reaches a project that has been worked on, and nothing that its author wrote is lost."""

import dataclasses
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envkit.core.errors import ArtifactRefused, EnvkitError, StorageFailed, UsageError
from envkit.scaffold import new, update
from envkit.scaffold import template as templates_module
from envkit.scaffold.record import BASE, RECORD, Record, is_inside
from envkit.scaffold.template import Template, find
from envkit.scaffold.update import Status

ENV, README = "frozen_pond/env.py", "README.md"


def tree(folder: Path) -> dict[str, bytes]:
    """{path: content} of every file below, but git's own."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and ".git" not in path.parts]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def project(tmp_path) -> Path:
    return new("frozen-pond", directory=tmp_path)


class Newer:
    """A later version of a template, whose files a test may change."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch):
        real = find("gymnasium-env")
        shutil.copytree(real.folder.parent, folder)
        self.template = dataclasses.replace(real, version=real.version + 1, folder=folder / real.name)
        monkeypatch.setattr(templates_module, "templates", lambda: {real.name: self.template})

    def file(self, name: str) -> Path:
        return self.template.folder / name

    def edit(self, name: str, old: str, new: str) -> None:
        text = self.file(name).read_text("utf-8")
        assert text.count(old) == 1
        self.file(name).write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def newer(tmp_path, monkeypatch, project) -> Newer:
    """Made after the project, so that the project is of the older one."""
    return Newer(tmp_path / "newer", monkeypatch)


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), "utf-8")


def statuses(done) -> dict[str, Status]:
    return {change.path: change.status for change in done.changes if change.status is not Status.UNCHANGED}


def test_a_project_of_today_is_up_to_date(project):
    before = tree(project)
    edit(project / ENV, "ROWS, COLUMNS = 6, 7", "ROWS, COLUMNS = 8, 9")
    mine = tree(project)
    done = update(project)
    assert not done.is_needed
    assert tree(project) == mine != before


def test_an_untouched_project_becomes_what_the_newer_template_makes(project, newer, tmp_path):
    newer.edit("package/env.py.jinja", "ROWS, COLUMNS = 6, 7", "ROWS, COLUMNS = 6, 8")
    newer.file("docs.md.jinja").write_text("# {{ project }}\n")
    newer.file("tests/test_rules.py.jinja").unlink()
    done = update(project)
    assert statuses(done) == {
        ENV: Status.UPDATED, "docs.md": Status.NEW, "tests/test_rules.py": Status.REMOVED
    }  # fmt: skip
    (tmp_path / "fresh").mkdir()
    assert tree(project) == tree(new("frozen-pond", directory=tmp_path / "fresh"))
    assert not update(project).is_needed


def test_what_the_author_and_the_template_changed_in_different_places_is_merged(project, newer):
    edit(project / ENV, "A_MOVE, THE_WEIR = -1.0, -20.0", "A_MOVE, THE_WEIR = -1.0, -5.0")
    newer.edit("package/env.py.jinja", "ROWS, COLUMNS = 6, 7", "ROWS, COLUMNS = 6, 8")
    done = update(project)
    text = (project / ENV).read_text()
    assert statuses(done) == {ENV: Status.MERGED}
    assert not done.conflicts
    assert "THE_WEIR = -1.0, -5.0" in text
    assert "COLUMNS = 6, 8" in text


def test_what_both_changed_in_one_place_is_marked_with_its_line(project, newer):
    edit(project / ENV, "ROWS, COLUMNS = 6, 7", "ROWS, COLUMNS = 9, 9")
    newer.edit("package/env.py.jinja", "ROWS, COLUMNS = 6, 7", "ROWS, COLUMNS = 6, 8")
    (conflict,) = update(project).conflicts
    lines = (project / ENV).read_text().splitlines()
    number = lines.index("<<<<<<< yours")
    assert lines[number : number + 5] == [
        "<<<<<<< yours", "ROWS, COLUMNS = 9, 9", "=======", "ROWS, COLUMNS = 6, 8", ">>>>>>> gymnasium-env 2",
    ]  # fmt: skip
    assert conflict.note == f"marked in line {number + 1}"


def test_conflicts_of_an_earlier_update_have_to_be_resolved_first(project, newer, monkeypatch):
    edit(project / ENV, "ROWS, COLUMNS = 6, 7", "ROWS, COLUMNS = 9, 9")
    newer.edit("package/env.py.jinja", "ROWS, COLUMNS = 6, 7", "ROWS, COLUMNS = 6, 8")
    update(project)
    newer.edit("package/env.py.jinja", "ROWS, COLUMNS = 6, 8", "ROWS, COLUMNS = 5, 8")
    before = tree(project)
    with pytest.raises(UsageError, match="env.py has conflicts of an earlier update in it; resolve them first"):
        update(project)
    assert tree(project) == before


def test_what_the_author_deleted_stays_deleted_and_what_the_author_changed_is_never_removed(project, newer):
    (project / "CHANGELOG.md").unlink()
    (project / README).write_text("Mine.\n")
    newer.file("README.md.jinja").unlink()
    done = update(project)
    assert statuses(done) == {"CHANGELOG.md": Status.DELETED, README: Status.KEPT}
    assert not (project / "CHANGELOG.md").exists()
    assert (project / README).read_text() == "Mine.\n"


def test_a_picture_that_both_changed_stays_and_the_new_one_lies_beside_it(project, newer):
    (project / "picture.png").write_bytes(b"\0mine")
    newer.file("picture.png").write_bytes(b"\0new")
    (conflict,) = update(project).conflicts
    assert (project / "picture.png").read_bytes() == b"\0mine"
    assert (project / "picture.template.png").read_bytes() == b"\0new"
    assert "picture.template.png" in conflict.note


def test_a_file_of_the_authors_under_a_new_files_name_is_not_lost(project, newer):
    (project / "docs.md").write_text("Mine.\n")
    newer.file("docs.md").write_text("The template's.\n")
    (conflict,) = update(project).conflicts
    assert conflict.path == "docs.md"
    assert "Mine.\n=======\nThe template's.\n" in (project / "docs.md").read_text()


def test_line_ends_of_windows_are_no_change_and_stay(project, newer):
    file = project / ENV
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    newer.edit("package/env.py.jinja", "ROWS, COLUMNS = 6, 7", "ROWS, COLUMNS = 6, 8")
    assert statuses(update(project)) == {ENV: Status.UPDATED}
    assert b"COLUMNS = 6, 8\r\n" in file.read_bytes()
    assert file.read_bytes().count(b"\n") == file.read_bytes().count(b"\r\n")


def test_without_the_base_only_files_that_both_changed_suffer(project, newer):
    (project / BASE).unlink()
    edit(project / ENV, "A_MOVE, THE_WEIR = -1.0, -20.0", "A_MOVE, THE_WEIR = -1.0, -5.0")
    newer.edit("package/env.py.jinja", "ROWS, COLUMNS = 6, 7", "ROWS, COLUMNS = 6, 8")
    newer.edit("README.md.jinja", "![The ferry]", "![A ferry]")
    done = update(project)
    assert statuses(done) == {ENV: Status.CONFLICT, README: Status.UPDATED}
    assert "as the original is not known" in done.conflicts[0].note
    assert zipfile.ZipFile(project / BASE).read(ENV).decode().count("COLUMNS = 6, 8") == 1


def test_a_dry_run_says_the_same_and_changes_nothing(project, newer):
    edit(project / ENV, "ROWS, COLUMNS = 6, 7", "ROWS, COLUMNS = 9, 9")
    newer.edit("package/env.py.jinja", "ROWS, COLUMNS = 6, 7", "ROWS, COLUMNS = 6, 8")
    before = tree(project)
    planned = update(project, dry_run=True)
    assert tree(project) == before
    assert statuses(update(project)) == statuses(planned)


def test_rights_of_files_stay(project, newer):
    (project / ENV).chmod(0o750)
    newer.edit("package/env.py.jinja", "ROWS, COLUMNS = 6, 7", "ROWS, COLUMNS = 6, 8")
    update(project)
    assert (project / ENV).stat().st_mode & 0o777 == 0o750


@pytest.mark.parametrize("at", range(4))  # two files and the two of the record are moved into place
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["disk", "ctrl-c"])
def test_a_failure_half_way_leaves_every_file_as_it_was(project, newer, monkeypatch, at, error):
    newer.edit("package/env.py.jinja", "ROWS, COLUMNS = 6, 7", "ROWS, COLUMNS = 6, 8")
    newer.file("some").mkdir()
    newer.file("some/file.md").write_text("new\n")
    newer.file("tests/test_rules.py.jinja").unlink()
    before = tree(project)
    replace, calls = Path.replace, iter(range(100))

    def failing(self, target):
        if self.name == "new" and next(calls) == at:
            raise error
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises((StorageFailed, KeyboardInterrupt)):
        update(project)
    assert tree(project) == before
    assert not (project / "some").exists()


def test_what_could_not_be_put_back_is_kept_and_said(project, newer, monkeypatch):
    newer.edit("package/env.py.jinja", "ROWS, COLUMNS = 6, 7", "ROWS, COLUMNS = 6, 8")
    replace = Path.replace

    def failing(self, target):
        if self.name == "old" or target.name == RECORD:
            raise OSError(5, "Input/output error")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(StorageFailed, match="could not be put back; what was there is in "):
        update(project)
    (shelves,) = project.glob(".envkit-update-*")
    assert any("ROWS, COLUMNS = 6, 7" in old.read_text(errors="replace") for old in shelves.glob("*/old"))


def test_a_link_is_left_alone_wherever_it_leads(project, newer, tmp_path):
    outside = tmp_path / "outside.md"
    outside.write_text("mine\n")
    (project / README).unlink()
    (project / README).symlink_to(outside)
    newer.edit("README.md.jinja", "![The ferry]", "![A ferry]")
    assert statuses(update(project)) == {README: Status.KEPT}
    assert outside.read_text() == "mine\n"


def git(project: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    subprocess.run(["git", *identity, *arguments], cwd=project, check=True, capture_output=True)


needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@needs_git
def test_changes_that_git_has_not_committed_are_refused_but_by_force(project, newer):
    newer.edit("README.md.jinja", "![The ferry]", "![A ferry]")
    git(project, "init", "-q")
    git(project, "add", ".")
    git(project, "commit", "-qm", "first")
    edit(project / ENV, "ROWS, COLUMNS = 6, 7", "ROWS, COLUMNS = 9, 9")
    before = tree(project)
    with pytest.raises(
        UsageError, match=r"git has 1 file here .*uncommitted changes, 'frozen_pond/env.py' first; commit"
    ):
        update(project)
    assert tree(project) == before
    assert update(project, dry_run=True).is_needed
    assert statuses(update(project, force=True)) == {README: Status.UPDATED}


@needs_git
def test_a_clean_checkout_is_updated(project, newer):
    newer.edit("README.md.jinja", "![The ferry]", "![A ferry]")
    git(project, "init", "-q")
    git(project, "add", ".")
    git(project, "commit", "-qm", "first")
    assert statuses(update(project)) == {README: Status.UPDATED}


def test_a_repository_without_a_git_command_is_refused(project, newer, monkeypatch):
    (project / ".git").mkdir()
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(UsageError, match="no git command to ask whether all is committed"):
        update(project)


def test_a_folder_without_a_record_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"has no \.envkit\.toml, so `envkit new` did not make it"):
        update(tmp_path)
    with pytest.raises(UsageError, match=r"has no \.envkit\.toml"):
        update(tmp_path / "nowhere")


def test_a_project_of_a_newer_template_is_refused(project):
    edit(project / RECORD, "template_version = 1", "template_version = 7")
    with pytest.raises(UsageError, match="of version 7 of the template gymnasium-env, and this envkit has version 1"):
        update(project)


def test_an_unknown_template_is_refused_with_those_there_are(project):
    edit(project / RECORD, 'template = "gymnasium-env"', 'template = "gymnasium"')
    with pytest.raises(UsageError, match=r"template 'gymnasium': did you mean 'gymnasium-env'\? It is not one of "):
        update(project)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('template = "gymnasium-env"', "template = [", "is no TOML"),
        ('template = "gymnasium-env"', "template = 3", "has the template 3, which is no name"),
        ("template_version = 1", "template_version = 1.5", "has the template_version 1.5, which is no whole number"),
        ("[answers]", "[questions]", r"has no table \[answers\] of texts"),
        (
            'package = "frozen_pond"',
            'package = "../../tmp"',
            "has the answer package = '../../tmp', not the name of a p",
        ),
        ('package = "frozen_pond"', 'package = "thawed"', "the package 'thawed', which is not that of 'frozen-pond'"),
        ('class_name = "FrozenPondEnv"', 'class_name = "X: pass"', "has the answer class_name"),
        ('author = "The frozen-pond developers"', 'author = ""', "has the answer author = ''"),
        ('"README.md" = "', '"../README.md" = "', "has the file '../README.md' ="),
        ('"README.md" = "', '"README.md" = "x', "which is no path and SHA-256"),
    ],
)
def test_a_record_that_was_edited_into_nonsense_is_refused(project, newer, old, new, why):
    edit(project / RECORD, old, new)
    before = tree(project)
    with pytest.raises(ArtifactRefused, match=why) as refusal:
        update(project)
    assert "\n" not in str(refusal.value)
    assert tree(project) == before


def test_an_answer_that_was_edited_well_is_taken(project):
    edit(project / RECORD, 'author = "The frozen-pond developers"', 'author = "Ada"')
    done = update(project)
    assert statuses(done) == {"LICENSE": Status.UPDATED, "pyproject.toml": Status.UPDATED}
    assert " Ada\n" in (project / "LICENSE").read_text()


@given(damage=st.binary(max_size=200), at=st.integers(0, 3000))
@settings(max_examples=60, deadline=None)
def test_a_damaged_base_is_refused_and_never_believed(tmp_path_factory, damage, at):
    folder = tmp_path_factory.mktemp("damaged")
    project = new("frozen-pond", directory=folder)
    whole = (project / BASE).read_bytes()
    (project / BASE).write_bytes(whole[:at] + damage + whole[at + len(damage) :])
    try:
        texts = Record.read(project).texts
    except ArtifactRefused:
        return
    assert set(texts.items()) <= set(_texts(whole, folder).items())


def test_a_base_that_says_other_than_the_record_is_refused(project):
    with zipfile.ZipFile(project / BASE, "w") as archive:
        archive.writestr(README, "Another project's.\n")
    with pytest.raises(ArtifactRefused, match=r"has another 'README\.md' in it than \.envkit\.toml says; restore it"):
        update(project)


def _texts(whole: bytes, folder: Path) -> dict[str, str]:
    (folder / "whole.zip").write_bytes(whole)
    with zipfile.ZipFile(folder / "whole.zip") as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


@given(st.text(max_size=30))
@settings(max_examples=500, deadline=None)
def test_a_path_that_is_accepted_stays_inside(path):
    if is_inside(path):
        assert Path("/a/b/c", path).resolve().is_relative_to("/a/b/c")


def test_every_error_is_one_of_ours(project, newer):
    (project / BASE).write_bytes(b"")
    with pytest.raises(EnvkitError, match=r"envkit-base.zip is damaged: .*; restore it, as with `git checkout"):
        update(project)


def test_every_template_says_its_version():
    for name in templates_module.templates():
        assert isinstance(find(name), Template)
        assert find(name).version >= 1
