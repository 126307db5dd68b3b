"""A transcript comes back from its text as it was, and says where another answer differs."""

import json

import numpy as np
import pytest
from gymnasium import spaces

from envkit.check.strategies import from_space
from envkit.core.digest import digest
from envkit.core.errors import ArtifactRefused
from envkit.core.note import changed, noted
from envkit.core.ref import EnvRef
from envkit.core.transcript import EpisodeRecord, StepRecord, Transcript
from envkit.runs.transcripts import holds_episodes, read

SPACES = [
    spaces.Discrete(5, start=-2),
    spaces.Box(-np.inf, np.inf, (2,), np.float64),
    spaces.Box(0, 255, (40, 40, 3), np.uint8),
    spaces.Dict(a=spaces.MultiBinary(3), b=spaces.Tuple([spaces.Box(0, 1, ()), spaces.Text(4)])),
    spaces.Graph(spaces.Box(0, 1, (2,)), spaces.Discrete(3)),
    spaces.Sequence(spaces.Discrete(3)),
    spaces.OneOf([spaces.Discrete(2), spaces.Box(0, 1, (1,))]),
]


def transcript(space, *, kwargs=None):
    """Two episodes of samples of one space, which are actions and observations alike."""
    space.seed(3)
    steps = tuple(StepRecord(space.sample(), noted(space.sample()), reward, False, False) for reward in (0.1, -2.0))
    last = StepRecord(space.sample(), noted(space.sample()), 1 / 3, True, False)
    first = EpisodeRecord(7, noted(space.sample()), (*steps, last), {"size": 3}, "person and random")
    return Transcript(
        EnvRef("gridworld", kwargs or {}), (first, EpisodeRecord(None, noted(space.sample()))), {"a": "1"}
    )


@pytest.mark.parametrize("space", SPACES, ids=lambda space: type(space).__name__)
def test_it_comes_back_from_strict_json_as_it_was(space):
    kept = transcript(space, kwargs={"rows": 3, "teleporters": {1: 2}})
    text = kept.to_text()
    assert json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))["schema"] == 1
    again = read(text.encode(), "file")
    assert again.to_text() == text
    assert (again.steps, again.ref.kwargs, again.episodes[0].options) == (3, kept.ref.kwargs, {"size": 3})
    assert again.episodes[0].score == pytest.approx(0.1 - 2 + 1 / 3)
    for old, new in zip(kept.episodes[0].actions, again.episodes[0].actions, strict=True):
        assert changed(noted(old), new) is None


def test_a_step_is_a_line():
    lines = transcript(SPACES[0]).to_text().splitlines()
    assert sum(line.startswith('{"action"') for line in lines) == 3


def test_what_it_was_rendered_for_is_no_part_of_it():
    ref = EnvRef("gridworld", {"render_mode": "rgb_array", "rows": 3})
    assert json.loads(Transcript(ref, ()).to_text())["env_kwargs"] == {"rows": 3}


def test_what_cannot_be_compared_is_counted():
    note = noted(type("Odd", (), {})())
    assert Transcript(EnvRef("x"), (EpisodeRecord(0, note, (StepRecord(0, 1, 0.0, False, False),)),)).unknown == 1


def test_all_that_is_another_is_told():
    step = StepRecord(0, noted(1), 1.0, False, False)
    assert list(step.differences(1, 1.0, False, False)) == []
    assert list(step.differences(2, 0.5, True, False)) == [
        "observation is 1 in the file and 2 in the replay",
        "reward is 1 in the file and 0.5 in the replay",
        "terminated is False in the file and True in the replay",
    ]


@pytest.mark.parametrize("space", SPACES, ids=lambda space: type(space).__name__)
def test_a_digest_is_that_of_equal_values_only(space):
    space.seed(0)
    values = [space.sample() for _ in range(20)]
    by_digest = {}
    for value in values:
        met = by_digest.setdefault(digest(value), value)
        assert changed(noted(met), value) is None
    assert len(by_digest) > 1
    assert from_space(space) is not None  # every one of them is a space that envkit can draw from


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.zeros(4, np.float32), np.zeros(4, np.float64)),
        (np.zeros((2, 2)), np.zeros(4)),
        ({"a": 1, "b": 2}, {"a": 2, "b": 1}),
        ((1, 2), [1, 2]),
        ((1, (2, 3)), ((1, 2), 3)),
        (1, True),
        (1, np.int64(1)),
        ("1", 1),
        (("ab", "c"), ("a", "bc")),
    ],
    ids=str,
)
def test_what_differs_in_kind_or_shape_has_another_digest(one, other):
    assert digest(one) != digest(other)


def test_the_order_of_keys_and_of_memory_is_no_difference():
    array = np.arange(6).reshape(2, 3)
    assert digest({"a": 1, "b": array}) == digest({"b": np.asfortranarray(array), "a": 1})


def damaged(change):
    data = json.loads(transcript(SPACES[0]).to_text())
    change(data)
    return json.dumps(data).encode()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (transcript(SPACES[0]).to_text().encode()[:-30], "it is no JSON"),
        (b"\x80\x04K", "it is no JSON"),
        (b"[" * 100_000, "it is no JSON"),
        (b"[1]", "this is no file of episodes"),
        (damaged(lambda d: d.update(schema=2)), "have schema 2; this envkit reads 1"),
        (damaged(lambda d: d.update(schema=True)), "have schema True"),
        (damaged(lambda d: d.pop("env")), "are damaged: KeyError: 'env'"),
        (damaged(lambda d: d.update(env="os:system")), "Python's own modules hold no environments"),
        (damaged(lambda d: d.update(env=3)), "`env` is 3, not the name of an environment"),
        (damaged(lambda d: d.update(env_kwargs=[1])), "[1] is no dict"),
        (damaged(lambda d: d["episodes"][0].update(seed=-1)), "a seed is -1"),
        (damaged(lambda d: d["episodes"][0].update(steps={})), "{} is no list"),
        (damaged(lambda d: d["episodes"][0]["steps"][0].update(reward="1")), "a reward is '1'"),
        (damaged(lambda d: d["episodes"][0]["steps"][0].update(terminated=1)), "1 is no bool"),
        (damaged(lambda d: d["episodes"][0]["steps"][0].update(action={"is": "pickle"})), "was not"),
        (damaged(lambda d: d["episodes"][0]["steps"][0].update(observation={"is": "digest"})), "KeyError: 'sha256'"),
    ],
    ids=range(16),
)
def test_what_is_damaged_or_foreign_is_refused_in_one_line(data, message):
    with pytest.raises(ArtifactRefused) as refused:
        read(data, "file.json")
    told = str(refused.value)
    assert told.startswith("file.json: ")
    assert "\n" not in told
    assert message in told or message == "was not"


def test_a_file_is_told_by_what_it_holds():
    text = transcript(SPACES[0]).to_text()
    assert holds_episodes(text.encode())
    assert holds_episodes(json.dumps(json.loads(text), indent=8).encode())
    assert holds_episodes(text.encode()[:-9])
    assert not holds_episodes(b'{"schema": 1, "reports": []}')
    assert not holds_episodes(b"\xff\xfe")
