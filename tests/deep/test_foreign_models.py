"""Models that Stable-Baselines3 has saved act here as they do there, and are read without executing anything."""

import base64
import hashlib
import io
import json
import pickle
import struct
import sys
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra deep")
pytest.importorskip("stable_baselines3", reason="needs the extra deep")

import stable_baselines3 as sb3
import torch

import envkit
from envkit.cli.main import run as command_line
from envkit.core.errors import ArtifactRefused, UsageError
from envkit.core.ref import EnvRef
from envkit.deep.foreign import reading
from envkit.runs import archives
from envkit.workflows.exporting.export import export

GAMES = str(Path(__file__).parent / "training_games.py")
CORRIDOR = f"{GAMES}:Corridor"
SMALL = {"buffer_size": 100, "learning_starts": 16}
ON = {"n_steps": 32, "batch_size": 32, "n_epochs": 1}
ELU = {"activation_fn": torch.nn.ELU, "net_arch": {"pi": [8], "vf": [4, 4]}}
CHANGED = {"normalize_images": False, "net_arch": []}
MODELS = {  # algorithm, policy, what is seen, what is done, arguments
    "ppo-box": ("PPO", "MlpPolicy", "box", "box", ON),
    "ppo-number": ("PPO", "MlpPolicy", "number", "one", ON),
    "ppo-numbers": ("PPO", "MlpPolicy", "numbers", "two", ON),
    "ppo-bits": ("PPO", "MlpPolicy", "bits", "bits", ON),
    "ppo-elu": ("PPO", "MultiInputPolicy", "mixed", "two", {**ON, "policy_kwargs": ELU}),
    "ppo-sde": ("PPO", "MlpPolicy", "box", "box", {**ON, "use_sde": True}),
    "ppo-unscaled": ("PPO", "CnnPolicy", "image", "one", {**ON, "policy_kwargs": CHANGED}),
    "a2c-image": ("A2C", "CnnPolicy", "image", "bits", {}),
    "a2c-flat-image": ("A2C", "MlpPolicy", "image", "one", {}),
    "dqn-parts": ("DQN", "MultiInputPolicy", "parts", "one", SMALL),
    "dqn-image": ("DQN", "CnnPolicy", "image", "one", SMALL),
    "sac-box": ("SAC", "MlpPolicy", "box", "box", SMALL),
    "td3-image": ("TD3", "CnnPolicy", "image", "box", {**SMALL, "policy_kwargs": {"net_arch": [8]}}),
    "ddpg-numbers": ("DDPG", "MlpPolicy", "numbers", "box", SMALL),
}


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def corridor(sees="box", acts="box"):
    return EnvRef.of(CORRIDOR, sees=sees, acts=acts)


@cache
def trained(name):
    """(a model, the file that it was saved to); it was trained for a moment, so that no weight is as it began."""
    algo, policy, sees, acts, arguments = MODELS[name]
    torch.set_num_threads(1)
    model = getattr(sb3, algo)(policy, corridor(sees, acts).make(), seed=1, device="cpu", **arguments).learn(32)
    file = io.BytesIO()
    model.save(file)
    return model, file.getvalue()


def saved(name="ppo-box"):
    """(the model, the environment's name), and the model's file lies here."""
    model, content = trained(name)
    Path("model.zip").write_bytes(content)
    return model, corridor(*MODELS[name][2:4])


def observations(ref, count=100):
    space = ref.make().observation_space
    space.seed(0)
    return [space.sample() for _ in range(count)]


@pytest.mark.parametrize("name", MODELS)
def test_it_acts_as_stable_baselines3_says(name):
    model, ref = saved(name)
    policy = envkit.load("model.zip", env=ref)
    assert policy.algo == name.partition("-")[0]
    for observation in observations(ref):
        expected, _ = model.predict(observation, deterministic=True)
        action = policy(observation)
        assert ref.make().action_space.contains(action)
        np.testing.assert_allclose(action, expected, atol=1e-5)


def chances(draws):
    values, counts = np.unique(np.array(draws, int), axis=0, return_counts=True)
    return dict(zip(map(str, values.tolist()), counts / len(draws), strict=True))


@pytest.mark.parametrize("name", ["ppo-number", "ppo-numbers", "ppo-bits"])
def test_drawn_actions_have_the_chances_that_stable_baselines3_gives_them(name):
    model, ref = saved(name)
    policy = envkit.load("model.zip", env=ref, deterministic=False)
    (observation,) = observations(ref, 1)
    ours = chances([policy(observation) for _ in range(4000)])
    many = np.repeat(np.asarray(observation)[None], 4000, axis=0)
    torch.manual_seed(0)
    theirs = chances(model.predict(many, deterministic=False)[0])
    assert ours.keys() == theirs.keys()
    assert all(abs(ours[action] - theirs[action]) < 0.04 for action in ours)


@pytest.mark.parametrize("name", ["ppo-box", "sac-box"])
def test_drawn_numbers_are_spread_as_stable_baselines3_spreads_them(name):
    model, ref = saved(name)
    policy = envkit.load("model.zip", env=ref, deterministic=False)
    (observation,) = observations(ref, 1)
    ours = np.array([policy(observation) for _ in range(4000)])
    torch.manual_seed(0)
    theirs, _ = model.predict(np.repeat(observation[None], 4000, axis=0), deterministic=False)
    for share in (0.1, 0.5, 0.9):
        np.testing.assert_allclose(np.quantile(ours, share, axis=0), np.quantile(theirs, share, axis=0), atol=0.12)


@pytest.mark.parametrize("name", ["dqn-parts", "ddpg-numbers", "ppo-sde"])
def test_what_has_no_chances_is_not_drawn_from(name):
    _, ref = saved(name)
    with pytest.raises(UsageError, match="no chances to draw from"):
        envkit.load("model.zip", env=ref, deterministic=False)


def test_every_command_that_takes_a_policy_takes_a_model(capsys):
    pytest.importorskip("PIL")
    sb3.PPO("MlpPolicy", "CartPole-v1", seed=0, **ON).learn(32).save("pole")
    quick = ["--episodes", "3"]
    assert command_line(["eval", "pole.zip", "--env", "CartPole-v1", *quick, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["algo"], told["env"], told["threshold"]) == ("ppo", "CartPole-v1", 475)
    assert command_line(["eval", "CartPole-v1", "--policy", "pole.zip", *quick, "--drawn"]) == 0
    assert "CartPole-v1  pole.zip (ppo)  seed 0" in capsys.readouterr().out
    assert command_line(["record", "CartPole-v1", "--policy", "pole.zip", "--max-steps", "3"]) == 0
    assert command_line(["record", "pole.zip", "--env", "CartPole-v1", "--output", "pole.gif", "--max-steps", "3"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith("return 3; cut off after 3 steps: 1")
    assert command_line(["export", "pole.zip", "--env", "CartPole-v1"]) == 0
    assert capsys.readouterr().out.splitlines()[:2] == ["pole/numpy/policy.npz", "pole/numpy/policy.py"]
    film = envkit.film("CartPole-v1", "pole.zip", steps=3)
    assert len(film) == 4
    loaded = envkit.load("pole.zip", env="CartPole-v1")
    assert loaded.make().spec.id == "CartPole-v1"
    assert "policy of CartPole-v1, by ppo: pole.zip" in loaded._repr_html_()


def test_a_model_says_nothing_of_its_environment(capsys):
    saved()
    for argv in (["eval", "model.zip"], ["record", "model.zip"], ["watch", "model.zip"], ["export", "model.zip"]):
        assert command_line(argv) == 2
        err = capsys.readouterr().err
        assert "model.zip does not name its environment, as runs do: --env ENV, or ENV --policy model.zip" in err


def test_an_exported_model_plays_alone():
    _, ref = saved("sac-box")
    made = export("model.zip", env=ref, out=Path("alone"))
    assert made.compared == 1000


@pytest.mark.parametrize(
    ("name", "other", "message"),
    [
        ("ppo-box", corridor("number"), r"its observations are Box \(2, 2\), and those of .* are Discrete 10"),
        ("ppo-box", corridor(acts="one"), r"its actions are Box \(2,\), and those of .* are Discrete 2"),
        ("a2c-image", corridor("box", "bits"), r"its observations are Box \(3, 40, 48\), and those of .* are Box \(2, 2\)"),
        ("dqn-parts", corridor("mixed", "one"), r"its q_net.q_net.0 takes 13 numbers, and an observation .* has"),
        ("ppo-number", EnvRef.of("FrozenLake-v1"), r"its observations are Discrete 10, and those of FrozenLake-v1 are"),
        ("sac-box", EnvRef.of("Pendulum-v1"), r"its observations are Box \(2, 2\), and those of Pendulum-v1 are Box \(3,\)"),
    ],
)  # fmt: skip
def test_a_model_of_other_spaces_is_refused_and_what_differs_is_named(name, other, message):
    saved(name)
    with pytest.raises(ArtifactRefused, match=message):
        envkit.load("model.zip", env=other)


def rewritten(change, source="model.zip", target="model.zip"):
    """The archive with `change(name, data)` of each member; None leaves it out."""
    with zipfile.ZipFile(source) as archive:
        members = [(name, change(name, archive.read(name))) for name in archive.namelist()]
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in members:
            if data is not None:
                archive.writestr(name, data)


def with_data(**changed):
    def change(name, data):
        return json.dumps({**json.loads(data), **changed}).encode() if name == "data" else data

    rewritten(change)


def with_weights(alter):
    def change(name, data):
        if name != "policy.pth":
            return data
        tensors = alter(torch.load(io.BytesIO(data), weights_only=True))
        buffer = io.BytesIO()
        torch.save(tensors, buffer)
        return buffer.getvalue()

    rewritten(change)


def without(name):
    return lambda tensors: {key: value for key, value in tensors.items() if key != name}


def renamed(tensors):
    return {f"mine.{name}": value for name, value in tensors.items()}


NET = "mlp_extractor.policy_net"


@pytest.mark.parametrize(
    ("alter", "message"),
    [
        (lambda t: {**t, "action_net.weight": t["action_net.weight"].double()}, r"action_net.weight of policy.pth .* is of torch.float64, not of torch.float32"),
        (lambda t: {**t, "action_net.bias": t["action_net.bias"] * np.nan}, r"action_net.bias of policy.pth .* holds numbers that are not finite"),
        (lambda t: {**t, "action_net.weight": torch.zeros(1).expand(2, 10**12)}, r"does not lie in memory as weights do"),
        (lambda t: {**t, "action_net.weight": torch.zeros(2, 64).to_sparse()}, r"does not lie in memory as weights do"),
        (lambda t: {**t, f"{NET}.0.weight": torch.zeros(64, 5)}, rf"its {NET}.0 takes 5 numbers, and an observation of .*, Box \(2, 2\), has 4"),
        (lambda t: {**t, f"{NET}.2.weight": torch.zeros(64, 63)}, rf"its {NET}.2 takes 63 numbers, and {NET}.0 has 64"),
        (lambda t: {**t, "action_net.bias": torch.zeros(3)}, r"its action_net.bias has 3 numbers, and action_net.weight 2 rows"),
        (lambda t: {**t, "action_net.weight": torch.zeros(3, 64), "action_net.bias": torch.zeros(3)}, r"its action_net says 3 numbers, and an action of .*, Box \(2,\), takes 2"),
        (lambda t: {**t, "log_std": torch.zeros(3)}, r"its log_std has 3 numbers, and an action of .* 2"),
        (lambda t: {**t, "lstm.weight": torch.zeros(3)}, r"it has lstm.weight, which is no part of a network that is known here; --trust"),
        (without("action_net.bias"), r"it has no action_net.bias"),
        (without(f"{NET}.0.weight"), r"its mlp_extractor.policy_net.0 takes|it has no mlp_extractor"),
        (renamed, r"it is made of mine, and has no action_net, q_net or actor; --trust"),
        (lambda t: {}, r"holds a dict, not tensors by name"),
        (lambda t: [1, 2], r"holds a list, not tensors by name"),
        (lambda t: {**t, "more": "text"}, r"more of policy.pth .* is a str, not a tensor"),
        (lambda t: {**t, 3: torch.zeros(1)}, r"holds something under 3, which is no name"),
        (lambda t: {**t, "action_net.weight": torch.zeros(0, 64)}, r"its action_net.weight has the shape \(0, 64\)"),
    ],
)  # fmt: skip
def test_tensors_that_are_not_the_weights_of_such_a_network_are_refused(alter, message):
    _, ref = saved()
    with_weights(alter)
    with pytest.raises(ArtifactRefused, match=message) as caught:
        envkit.load("model.zip", env=ref)
    assert "model.zip" in str(caught.value)


def typed(**more):
    return {":type:": "<class 'dict'>", ":serialized:": "gAWVIQ==", **more}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"policy_kwargs": typed(activation_fn="<class 'mine.Wave'>")}, "its activation function is .*mine.Wave.*, none of tanh, relu"),
        ({"policy_kwargs": None}, "does not say policy_kwargs, and so not its activation function; --trust"),
        ({"policy_kwargs": typed(features_extractor_class="<class 'mine.Eyes'>")}, "its features extractor is .*mine.Eyes"),
        ({"policy_kwargs": typed(squash_output=True)}, "it was made with squash_output=True, which is not computed here"),
        ({"policy_class": {"__module__": "mine"}}, "its policy is of 'mine', and what that computes cannot be told"),
        ({"policy_class": None}, "its data does not say of which class its policy is"),
        ({"action_space": {":type:": "<class 'gymnasium.spaces.box.Box'>", "low": "[-2.  0.]"}}, r"the lowest of its actions is -2. 0., and in .* -1.0 0.0"),
    ],
)  # fmt: skip
def test_what_cannot_be_known_of_a_network_is_refused(changed, message):
    _, ref = saved()
    with_data(**changed)
    with pytest.raises(ArtifactRefused, match=message):
        envkit.load("model.zip", env=ref)


class Evil:
    """Whoever unpickles it leaves a file behind."""

    def __reduce__(self):
        return (open, ("executed", "w"))


def pickled(tensors):
    return {**tensors, "evil": Evil()}


def archive_of(*members, names=()):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return buffer.getvalue()


def hostile():
    """{name: bytes} of files that mean harm, made out of the good one that lies here."""
    good = Path("model.zip").read_bytes()
    with zipfile.ZipFile("model.zip") as archive:
        members, directory = {name: archive.read(name) for name in archive.namelist()}, archive.start_dir
    evil = io.BytesIO()
    torch.save(pickled({}), evil)
    with zipfile.ZipFile(io.BytesIO(members["policy.pth"])) as inner:
        parts = [(info.filename, inner.read(info)) for info in inner.infolist()]
    index = next(name for name, _ in parts if name.endswith("data.pkl"))

    def model(**changed):
        return archive_of(*{**members, **changed}.items())

    def weights(data):
        return model(**{"policy.pth": data})

    def stored(*inside):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, data in inside:
                archive.writestr(name, data)
        return buffer.getvalue()

    sized, locked = bytearray(good), bytearray(good)  # the directory says of `data` that it has 4 GB, or a password
    sized[directory + 24 : directory + 28] = struct.pack("<I", 0xFFFFFFF0)
    locked[directory + 8] |= 1
    twice = io.BytesIO(good)
    with zipfile.ZipFile(twice, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("data", b"{}")
    return {
        "empty": b"",
        "text": b"a model, honestly",
        "head-alone": b"PK\x03\x04",
        "half": good[: len(good) // 2],
        "without-its-end": good[:-1],
        "flipped": good[:3000] + bytes([good[3000] ^ 255]) + good[3001:],
        "no-weights": archive_of(("data", members["data"])),
        "no-data": archive_of(("policy.pth", members["policy.pth"])),
        "bare": archive_of(("x", b"")),
        "pickle-in-weights": weights(evil.getvalue()),
        "pickle-alone": weights(pickle.dumps(Evil())),
        "old-pickle-alone": weights(pickle.dumps(Evil(), protocol=2)),
        "pickle-in-index": weights(stored(*[(n, pickle.dumps(Evil(), 2) if n == index else d) for n, d in parts])),
        "pickled-data": model(data=pickle.dumps(Evil())),
        "packed-inside": weights(archive_of(*parts)),
        "bomb-inside": weights(archive_of(*parts, ("archive/data/99", bytes(2**27)))),
        "bomb": model(data=bytes(2**27)),
        "bomb-of-names": archive_of(*((f"m{number}", b"") for number in range(archives.MOST_MEMBERS + 1))),
        "long-index": weights(stored(*[(n, d + bytes(reading.MOST_INDEX) if n == index else d) for n, d in parts])),
        "sized": bytes(sized),
        "locked": bytes(locked),
        "twice": twice.getvalue(),
        "no-tensors": weights(stored(*[part for part in parts if "data/" not in part[0]])),
        "deep-json": model(data=b"[" * 100_000),
        "no-object": model(data=b"[1]"),
        "no-json": model(data=b"\xff\xfe{"),
        "long-number": model(data=b'{"gamma": ' + b"9" * 10_000 + b"}"),
        "no-marks": model(data=b"{}"),
        **{
            f"named-{number}": archive_of(*members.items(), (name, b"x"))
            for number, name in enumerate(
                ("../evil", "/etc/evil", "..\\evil", "C:/evil", "a/../../evil", "a\nb", "-rf", "..")
            )
        },
        "named-zero": archive_of(*members.items(), ("eviX", b"x")).replace(b"eviX", b"ev\0X"),
    }


def test_files_that_mean_harm_are_refused_in_one_line_and_nothing_is_executed(capfd, tmp_path):
    _, ref = saved()
    files = hostile()
    assert len(files) >= 35
    name, arguments = str(ref.target), ["--env-kwargs", "sees=box", "--env-kwargs", "acts=box"]
    for case, data in files.items():
        Path("bad.zip").write_bytes(data)
        before = set(tmp_path.rglob("*"))
        for argv in (
            ["eval", "bad.zip", "--env", name, *arguments],
            ["watch", name, *arguments, "--policy", "bad.zip"],
        ):
            code = command_line(argv)
            err = capfd.readouterr().err
            assert (case, code) == (case, 4), err
            assert err.count("\n") == 1, err
            assert "bad.zip" in err
            assert "Traceback" not in err
        assert set(tmp_path.rglob("*")) == before
        assert not Path("executed").exists()


def test_a_pickle_in_its_data_is_never_looked_at():
    _, ref = saved()
    with_data(lr_schedule={":type:": "x", ":serialized:": base64.b64encode(pickle.dumps(Evil())).decode()})
    envkit.load("model.zip", env=ref)
    assert not Path("executed").exists()
    envkit.load("model.zip", env=ref, trust=True)
    assert Path("executed").exists()  # which is what --trust means


@pytest.mark.parametrize("name", ["ppo-sde", "ppo-box", "ppo-number"])
def test_what_is_trusted_is_played_by_stable_baselines3_itself(name):
    model, ref = saved(name)
    policy = envkit.load("model.zip", env=ref, trust=True)
    for observation in observations(ref, 10):
        np.testing.assert_array_equal(policy(observation), model.predict(observation, deterministic=True)[0])
    drawn = envkit.load("model.zip", env=ref, trust=True, deterministic=False)
    (observation,) = observations(ref, 1)
    actions = [drawn.reset(seed) or str(drawn(observation)) for seed in (*range(20), 0)]
    assert len(set(actions)) > 1
    assert actions[-1] == actions[0]


def test_the_command_says_what_it_trusts(capsys):
    sb3.PPO("MlpPolicy", "CartPole-v1", seed=0, **ON).save("pole")
    asked = ["eval", "pole.zip", "--env", "CartPole-v1", "--episodes", "2", "--trust"]
    assert command_line(asked) == 0
    digest = hashlib.sha256(Path("pole.zip").read_bytes()).hexdigest()
    assert f"envkit: trusting pole.zip, sha256 {digest}: what is in it is executed\n" in capsys.readouterr().err
    assert command_line(["eval", "pole.zip", "--env", "MountainCar-v0", "--trust"]) == 4
    assert "its observations are Box (4,), and those of MountainCar-v0 are Box (2,)" in capsys.readouterr().err
    assert command_line(["eval", "CartPole-v1", "--policy", "random", "--trust"]) == 2
    assert "--trust is for the .zip of a model, and random is none: leave it out" in capsys.readouterr().err


def test_a_file_that_is_too_large_is_refused_before_it_is_read(monkeypatch):
    _, ref = saved()
    monkeypatch.setattr(reading, "MOST_FILE", 1000)
    with pytest.raises(ArtifactRefused, match=r"model.zip has [\d,]+ bytes; more than 1,000 are not read"):
        envkit.load("model.zip", env=ref)


def test_naming_a_model_imports_neither_torch_nor_stable_baselines3():
    import subprocess

    saved()
    probe = (
        "import sys; from pathlib import Path; from envkit.workflows.players import is_run; assert is_run('model.zip');"
        "assert not {'torch', 'stable_baselines3'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", probe], check=True)
