"""Presets: the kit's own, and files of one's own in the same format."""

import tomllib

import pytest

from envkit.cli.main import run
from envkit.core.errors import ArtifactRefused, UsageError
from envkit.deep.presets import preset, written

CART = ("CartPole-v1",)


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_what_is_written_is_read_again(tmp_path):
    values = {
        "steps": 1000, "n_envs": 2, "normalize": ["observation"], "learning_rate": "linear(0.001, 0, 100%)",
        "gamma": 0.98, "use_sde": True, "target_kl": None, "n_steps": 32,
    }  # fmt: skip
    for env in ("CartPole-v1", 'my "odd" game.py:Gäme'):
        (tmp_path / "own.toml").write_text(written("double-dqn", env, values))
        assert preset("double-dqn", (env,), "own.toml") == values | {"target_kl": "none"}


def test_the_kits_own_file_is_written_as_it_is_read():
    from envkit.deep import presets

    for algorithm, known in presets._all().items():
        for env, values in known.items():
            assert tomllib.loads(written(algorithm, env, values)) == {algorithm: {env: values}}


def test_the_first_name_that_has_a_preset_counts(tmp_path):
    (tmp_path / "own.toml").write_text(written("ppo", "game.py:Game", {"steps": 7}))
    assert preset("ppo", ("Game-v0", "game.py:Game"), "own.toml") == {"steps": 7}


def test_none_is_no_preset_and_nothing_is_the_kits_own():
    assert preset("ppo", CART, "none") == {}
    assert preset("ppo", CART)["n_epochs"] == 8
    assert preset("ppo", ("Unknown-v0",)) == {}


def test_one_of_the_kits_own_is_taken_by_its_name_for_any_environment():
    assert preset("ppo", ("Unknown-v0",), "CartPole-v1") == preset("ppo", CART)
    with pytest.raises(
        UsageError, match=r"preset of ppo 'CartPole-v2': did you mean 'CartPole-v1'\? It is not one of .*"
    ):
        preset("ppo", ("Unknown-v0",), "CartPole-v2")


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        (None, UsageError, "--preset takes a name, a file or none; own.toml cannot be read: No such file"),
        ("", UsageError, "own.toml has no preset of ppo for CartPole-v1; it has none at all"),
        ('[dqn."CartPole-v1"]\n', UsageError, "own.toml has no preset of ppo for CartPole-v1; it has dqn for CartPole"),
        ("{", ArtifactRefused, "own.toml is no file of presets: Invalid"),
        ("\x00\x01", ArtifactRefused, "own.toml is no file of presets: "),
        ("[ppo]\nsteps = 3", ArtifactRefused, 'own.toml is no file of presets: ppo is no [ppo."ENVIRONMENT"]'),
        ('[ppo."CartPole-v1"]\nsteps = 0', ArtifactRefused, "own.toml: steps is 0, not a whole number of at least 1"),
        ('[ppo."CartPole-v1"]\nnormalize = "all"', ArtifactRefused, "own.toml: normalize is 'all', not a list of obs"),
    ],
)
def test_what_is_no_preset_is_told_in_one_line(tmp_path, text, kind, message):
    if text is not None:
        (tmp_path / "own.toml").write_text(text)
    with pytest.raises(kind) as caught:
        preset("ppo", CART, "own.toml")
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_solve_takes_a_file_and_none(tmp_path, capsys):
    (tmp_path / "own.toml").write_text(written("ppo", "CartPole-v1", {"steps": 500, "n_envs": 3, "gamma": 0.5}))
    shown = ["solve", "CartPole-v1", "--algo", "ppo", "--show-config", "--preset"]
    assert run([*shown, "own.toml"]) == 0
    config = capsys.readouterr().out
    assert '"steps": 500' in config
    assert '"n_envs": 3' in config
    assert '"gamma": 0.5' in config
    assert '"n_epochs": 10' in config  # the default: the kit's own preset is not mixed in
    assert run([*shown, "none"]) == 0
    assert '"gamma": 0.99' in capsys.readouterr().out
    assert run([*shown, "other.toml"]) == 2


def test_an_unknown_setting_of_a_file_is_named(tmp_path):
    (tmp_path / "own.toml").write_text(written("ppo", "CartPole-v1", {"gama": 0.5}))
    from envkit.workflows.solve import configuration

    with pytest.raises(UsageError, match="own.toml: hyper-parameter 'gama': did you mean 'gamma'"):
        configuration("CartPole-v1", "ppo", preset="own.toml")


def test_a_table_has_no_preset():
    assert run(["solve", "gridworld", "--algo", "qlearning", "--preset", "none"]) == 2
