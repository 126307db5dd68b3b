"""What a typed name becomes, and which are refused, each with one that works."""

import builtins
import keyword
import re
import shlex
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from envkit.core.errors import UsageError
from envkit.scaffold.names import LONGEST, Names, suggestion

SPOKEN = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,8}([-_][A-Za-z0-9]{1,8}){0,3}", fullmatch=True)
NEARLY = st.lists(
    st.sampled_from(["pond", "Env", "test", "con", "2", "-", "_", "/", "..", "\\", " ", "\n", "é", "а"])
).map("".join)
TYPED = st.one_of(st.text(), st.text(alphabet=st.characters(max_codepoint=127)), SPOKEN, NEARLY)


@pytest.mark.parametrize(
    ("typed", "package", "class_name", "env_id"),
    [
        ("frozen-pond", "frozen_pond", "FrozenPondEnv", "frozen_pond/FrozenPond-v0"),
        ("frozen_pond", "frozen_pond", "FrozenPondEnv", "frozen_pond/FrozenPond-v0"),
        ("FrozenPond", "frozen_pond", "FrozenPondEnv", "frozen_pond/FrozenPond-v0"),
        ("myenv", "myenv", "MyEnv", "myenv/MyEnv-v0"),
        ("my-env", "my_env", "MyEnv", "my_env/MyEnv-v0"),
        ("MyEnv", "my_env", "MyEnv", "my_env/MyEnv-v0"),
        ("HTTPPond", "http_pond", "HTTPPondEnv", "http_pond/HTTPPond-v0"),
        ("pong-3d", "pong_3d", "Pong3dEnv", "pong_3d/Pong3d-v0"),
        ("Pong3D", "pong3d", "Pong3DEnv", "pong3d/Pong3D-v0"),
        ("x", "x", "XEnv", "x/X-v0"),
    ],
)
def test_every_name_is_derived_from_the_typed_one(typed, package, class_name, env_id):
    project = package.replace("_", "-")
    assert Names.of(typed) == Names(typed, project, package, class_name, env_id)


@pytest.mark.parametrize(
    ("typed", "why", "instead"),
    [
        ("", "a project needs a name", "myenv"),
        (" \t", "a project needs a name", "myenv"),
        ("../../x", "'../../x' is a path", "x"),
        ("/etc/pond", "is a path; a project's name is one word, and --directory says where it goes", "pond"),
        ("C:\\pond", r"'C:\\pond' is a path", "pond"),
        ("-rf", "one begins with a letter", "rf"),
        (".pond", "'.' in it (full stop)", "pond"),
        ("pond.", "'.' in it (full stop)", "pond"),
        ("pond ", "' ' in it (space)", "pond"),
        ("a\nb", r"'\n' in it (a character without a name)", "a-b"),
        ("my\u0435nv", "'\u0435' in it (cyrillic small letter ie)", "mynv"),
        ("p\u00f6nd", "'ö' in it (latin small letter o with diaeresis)", "pond"),
        ("\ufb01sh", "'ﬁ' in it (latin small ligature fi)", "fish"),
        ("\u202epond", r"'\u202e' in it (right-to-left override)", "pond"),
        ("\U0001f680", "'🚀' in it (rocket)", "myenv"),
        ("\udcff", r"'\udcff' in it (a character without a name)", "myenv"),
        ("po$nd", "'$' in it (dollar sign)", "po-nd"),
        ("2048", "one begins with a letter", "game-2048"),
        ("a--b", "- and _ stand singly", "a-b"),
        ("pond-", "- and _ stand singly", "pond"),
        ("x" * 300, "has 300 characters; a name has at most 30", "x" * 22),
        ("class", "'class' is a word of Python's grammar", "class-env"),
        ("Match", "'match' is a word of Python's grammar", "Match-env"),
        ("random", "'random' is a module of Python's own library", "random-env"),
        ("print", "'print' is a function of Python's own", "print-env"),
        ("CON", "'con' is a device on Windows", "CON-env"),
        ("lpt1", "'lpt1' is a device on Windows", "lpt1-env"),
        ("envs", "'envs' is the name of another package", "my-envs"),
        ("env", "'env' is what every program calls its environment", "my-env"),
        ("envkit", "'envkit' is the kit's own", "my-envkit"),
        ("gymnasium", "'gymnasium' is Gymnasium's own", "gymnasium-env"),
        ("tests", "'tests' is the folder of the project's tests", "tests-env"),
        ("dist", "'dist' is a folder that the project's tools write", "dist-env"),
        ("numpy", "'numpy' is installed here already, in version ", "numpy-env"),
        ("pygame-ce", "'pygame-ce' is installed here already, in version ", "pygame-ce-env"),
        ("pygame", "'pygame' is a package that is installed here already, in ", "pygame-env"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused_with_the_reason_and_one_that_works(typed, why, instead):
    with pytest.raises(UsageError) as refusal:
        Names.of(typed)
    assert why in str(refusal.value)
    assert str(refusal.value).endswith(f"; try: envkit new {instead}")
    Names.of(instead)


@given(typed=TYPED)
@example(typed="a" * LONGEST)
@example(typed="Aa" * (LONGEST // 2))
@settings(max_examples=3000, deadline=None)
def test_a_name_is_either_good_everywhere_or_refused_in_one_printable_line(typed):
    try:
        names = Names.of(typed)
    except UsageError as refusal:
        line, _, instead = str(refusal).partition("; try: envkit new ")
        assert line.isprintable()
        assert shlex.split(instead) == [instead]
        assert Names.of(instead) == Names.of(suggestion(typed))
        return
    assert names.folder == typed
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,30}", typed)
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", names.project)  # as PEP 503 normalises it
    assert names.package.isidentifier()
    assert not keyword.iskeyword(names.package)
    assert names.package not in sys.stdlib_module_names
    assert names.package not in dir(builtins)
    assert names.class_name.isidentifier()
    assert names.class_name.endswith("Env")
    assert names.class_name != "Env"


def test_a_folder_beside_the_new_one_is_no_package(tmp_path, monkeypatch):
    (tmp_path / "frozen_pond").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    assert Names.of("FrozenPond").package == "frozen_pond"


def test_a_package_that_several_distributions_share_is_there_too(tmp_path, monkeypatch):
    (tmp_path / "site-packages" / "frozen_pond").mkdir(parents=True)
    monkeypatch.syspath_prepend(tmp_path / "site-packages")
    with pytest.raises(UsageError, match="'frozen_pond' is a package that is installed here already"):
        Names.of("frozen-pond")


def test_a_module_on_the_path_is_a_package_that_is_there(tmp_path, monkeypatch):
    (tmp_path / "frozen_pond.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(
        UsageError, match=r"'frozen_pond' is a package that is installed here already, in .*frozen_pond\.py"
    ):
        Names.of("frozen-pond")
