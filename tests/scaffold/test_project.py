"""A project is made whole or not at all, at its place and nowhere else."""

import hashlib
import shutil
import stat
import tempfile
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envkit.core.errors import StorageFailed, UsageError
from envkit.scaffold import new, templates
from envkit.scaffold.record import BASE, RECORD, text_of

HOSTILE = st.one_of(
    st.text(max_size=30),
    st.lists(
        st.sampled_from(["..", "/", "\\", "~", "-", "rf", "$HOME", "%TEMP%", "C:", "NUL", "pond", "\0", "\n", ";"])
    ).map("".join),
)


def tree(folder: Path) -> dict[str, bytes | None]:
    """{path: content} of everything below; None for folders."""
    found = sorted(folder.rglob("*"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None for path in found}


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory) -> Path:
    """Two folders deep, so that a step upwards would be seen."""
    folder = tmp_path_factory.mktemp("sandbox")
    (folder / "some" / "where").mkdir(parents=True)
    return folder


@given(name=HOSTILE)
@settings(max_examples=2000, deadline=None)
def test_no_name_writes_outside_its_own_folder(sandbox, name):
    inside = sandbox / "some" / "where"
    try:
        made = new(name, directory=inside)
    except UsageError:
        assert set(tree(sandbox)) == {"some", "some/where"}
        return
    assert made == inside / name
    assert [names_in(folder) for folder in (sandbox, sandbox / "some", inside)] == [["some"], ["where"], [name]]
    shutil.rmtree(made)


def test_the_project_is_made_in_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert new("frozen-pond") == Path("frozen-pond")
    assert names_in(tmp_path) == ["frozen-pond"]


def test_the_record_knows_the_answers_and_every_file_as_it_was_made(tmp_path):
    made = new("frozen-pond", directory=tmp_path, answers={"author": "Ada Lovelace"})
    record = tomllib.loads((made / RECORD).read_text("utf-8"))
    files = {
        path: content for path, content in tree(made).items() if content is not None and path not in (RECORD, BASE)
    }
    assert record["template"] == "gymnasium-env"
    assert record["template_version"] == templates()["gymnasium-env"].version
    assert record["answers"]["author"] == "Ada Lovelace"
    assert record["answers"]["package"] == "frozen_pond"
    assert record["files"] == {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}


def test_the_same_answers_make_the_same_project(tmp_path):
    (tmp_path / "again").mkdir()
    assert tree(new("frozen-pond", directory=tmp_path)) == tree(new("frozen-pond", directory=tmp_path / "again"))


def test_an_empty_folder_is_taken(tmp_path):
    (tmp_path / "frozen-pond").mkdir()
    assert (new("frozen-pond", directory=tmp_path) / "README.md").is_file()


@pytest.mark.parametrize("kind", ["folder", "hidden", "file", "dangling link", "link to a folder"])
def test_what_exists_is_refused_and_not_touched(tmp_path, kind):
    target = tmp_path / "frozen-pond"
    if kind in ("folder", "hidden"):
        target.mkdir()
        (target / (".keep" if kind == "hidden" else "README.md")).write_text("mine")
    elif kind == "file":
        target.write_text("mine")
    else:
        (tmp_path / "elsewhere").mkdir()
        target.symlink_to(tmp_path / ("elsewhere" if kind == "link to a folder" else "nowhere"))
    before = tree(tmp_path)
    with pytest.raises(UsageError, match="frozen-pond exists already, and nothing in it was touched"):
        new("frozen-pond", directory=tmp_path)
    assert tree(tmp_path) == before


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"there is no folder '.*nowhere' to make the project in"):
        new("frozen-pond", directory=tmp_path / "nowhere")


def test_the_folders_rights_are_those_that_the_user_gives_to_new_folders(tmp_path):
    (tmp_path / "plain").mkdir()
    made = new("frozen-pond", directory=tmp_path)
    assert stat.S_IMODE(made.stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


def failing(method, at, error):
    """The method of Path, raising at its n-th call."""
    original, calls = getattr(Path, method), iter(range(1000))

    def call(self, *args, **kwargs):
        if next(calls) == at:
            raise error
        return original(self, *args, **kwargs)

    return call


@pytest.mark.parametrize("method", ["mkdir", "write_bytes", "rename"])
@pytest.mark.parametrize("at", [0, 1, 5, 12])
def test_a_full_disk_leaves_nothing_behind(tmp_path, monkeypatch, method, at):
    full = OSError(28, "No space left on device")
    if method == "rename" and at:
        at = 0  # there is one rename
    with monkeypatch.context() as patched:
        patched.setattr(Path, method, failing(method, at, full))
        with pytest.raises(
            StorageFailed, match=r"cannot make .*frozen-pond: No space left on device; nothing was left"
        ):
            new("frozen-pond", directory=tmp_path)
    assert tree(tmp_path) == {}


def test_an_interruption_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "write_bytes", failing("write_bytes", 6, KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        new("frozen-pond", directory=tmp_path)
    assert names_in(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_named_with_the_cause(tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    with pytest.raises(StorageFailed, match=r"cannot make .*frozen-pond: Permission denied"):
        new("frozen-pond", directory=tmp_path)


@pytest.mark.parametrize("author", ["{{ project }} {% raw %}", "\"quoted\" 'and' \\back\\", "Zoë Ünal 李", "# = [x]"])
def test_an_authors_name_is_text_and_never_code(tmp_path, author):
    made = new("frozen-pond", directory=tmp_path, answers={"author": author})
    project = tomllib.loads((made / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["authors"] == [{"name": author}]
    assert f"Copyright (c) {tomllib.loads((made / RECORD).read_text('utf-8'))['answers']['year']} {author}\n" in (
        made / "LICENSE"
    ).read_text("utf-8")


@pytest.mark.parametrize("author", ["", "  ", "a\nb", "a\x1b[2Jb", "x" * 201])
def test_an_authors_name_that_is_no_line_of_text_is_refused(tmp_path, author):
    with pytest.raises(UsageError, match="author is .*, which is no single line of at most 200 printable characters"):
        new("frozen-pond", directory=tmp_path, answers={"author": author})
    assert names_in(tmp_path) == []


def test_an_unknown_answer_is_refused_with_those_there_are(tmp_path):
    with pytest.raises(
        UsageError,
        match=r"answer to the template gymnasium-env 'auther': did you mean 'author'\? It is not one of author",
    ):
        new("frozen-pond", directory=tmp_path, answers={"auther": "Ada"})


def test_an_unknown_template_is_refused_with_those_there_are(tmp_path):
    with pytest.raises(UsageError, match=r"template 'gymnasium': did you mean 'gymnasium-env'\? It is not one of "):
        new("frozen-pond", directory=tmp_path, template="gymnasium")


@pytest.mark.parametrize("name", templates())
def test_every_template_makes_a_project_without_leftovers(tmp_path, name):
    template = templates()[name]
    made = new("frozen-pond", directory=tmp_path, template=name)
    files = {path: text for path, content in tree(made).items() if content and (text := text_of(content)) is not None}
    assert template.description
    assert template.commands
    assert not [path for path in files if path.endswith((".jinja", ".pyc", "template.toml"))]
    assert not [path for path, text in files.items() if "{%" in text or "{{ " in text.replace("${{ ", "")]
    assert {"picture.png", BASE} <= set(tree(made))


def test_the_templates_are_these():
    assert {"external", "finite", "grid", "gymnasium-env", "pixels", "vector"} <= set(templates())


def test_what_a_template_shares_is_not_in_its_own_folder_too():
    for template in templates().values():
        own = {path.relative_to(template.folder) for path in template.folder.rglob("*") if path.is_file()}
        for part in template.parts:
            shared = template.folder.parent / "shared" / part
            assert shared.is_dir()
            assert not own & {path.relative_to(shared) for path in shared.rglob("*")}
