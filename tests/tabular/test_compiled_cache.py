import numpy as np
import pytest

from envkit.tabular import compiled, loop

FACTOR = 2


@pytest.fixture(autouse=True)
def _nothing_compiled_yet(monkeypatch):
    monkeypatch.setattr(compiled, "_compiled", {})


def helper(x):
    return x * FACTOR


def divided(x):
    return 1 / x


def whole(x):
    return helper(x) + 1


def test_a_function_is_compiled_with_all_that_it_calls(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert compiled.compiled(whole, keep=False)(20.5) == whole(20.5) == 42.0


def test_replaced_helpers_and_constants_have_a_cache_of_their_own():
    other = loop.bound(whole, {"helper": loop.bound(helper, {"FACTOR": 3})})
    digests = {compiled._digest(compiled._parts(function)) for function in (whole, whole, other)}
    assert len(digests) == 2
    assert other(1) == 4


def test_what_was_compiled_is_kept_below_the_users_cache_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    compiled.compiled(whole, keep=True)(1.0)
    assert list((tmp_path / "envkit" / "compiled").glob("whole-*/**/*.nbc"))
    assert compiled.compiled(whole, keep=True) is compiled.compiled(whole, keep=True)
    compiled._compiled.clear()  # as in another process
    again = compiled.compiled(whole, keep=True)
    assert again(1.0) == 3.0
    assert sum(again.dispatcher.stats.cache_hits.values()) == 1


@pytest.mark.parametrize("ending", ["nbi", "nbc"])
@pytest.mark.parametrize("damage", [b"", b"\x80\x04 not what numba wrote"], ids=["empty", "foreign"])
def test_a_damaged_cache_is_made_anew(tmp_path, monkeypatch, ending, damage):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    compiled.compiled(whole, keep=True)(1.0)
    for file in tmp_path.glob(f"**/*.{ending}"):
        file.write_bytes(damage)
    compiled._compiled.clear()
    assert compiled.compiled(whole, keep=True)(1.0) == 3.0
    compiled._compiled.clear()
    again = compiled.compiled(whole, keep=True)
    assert again(1.0) == 3.0
    assert sum(again.dispatcher.stats.cache_hits.values()) == 1


def test_a_disk_that_fills_up_while_keeping_costs_no_result(tmp_path, monkeypatch):
    from numba.core.caching import FunctionCache

    def full(self, signature, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(FunctionCache, "save_overload", full)
    assert compiled.compiled(whole, keep=True)(1.0) == 3.0


def test_an_error_of_the_function_itself_is_not_hidden(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(ZeroDivisionError):
        compiled.compiled(divided, keep=True)(0)


def test_a_cache_that_cannot_be_written_is_named_with_the_remedy(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(file))
    assert compiled.cache_problem().startswith(f"{file / 'envkit' / 'compiled'} cannot be written (")
    assert compiled.cache_problem().endswith("set XDG_CACHE_HOME to a folder that can")


def test_numba_keeps_its_own_cache_folder(tmp_path, monkeypatch):
    import numba

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    before = numba.config.CACHE_DIR
    compiled.compiled(whole, keep=True)
    assert before == numba.config.CACHE_DIR


@pytest.mark.parametrize("size", [1, 2, 5, 64])
def test_the_drawn_outcome_is_the_first_whose_cumulative_probability_is_above(size):
    rng = np.random.default_rng(size)
    cumulative = np.append(np.sort(rng.random(size - 1)), 2.0)
    for luck in rng.random(200):
        assert loop.drawn(cumulative.tolist(), 0, size, luck) == np.searchsorted(cumulative, luck, side="right")
