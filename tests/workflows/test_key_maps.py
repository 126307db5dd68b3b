"""Keys are proposed from what the actions are called, never twice the same, and never against somebody's wish."""

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from envkit.core import catalogue
from envkit.core.errors import UsageError
from envkit.core.ref import EnvRef
from envkit.workflows.playing.keymap import RESERVED
from envkit.workflows.playing.names import action_names
from envkit.workflows.playing.propose import key_map
from envkit.workflows.playing.roles import roles


class Bare(gymnasium.Env):
    metadata = {"render_modes": []}  # noqa: RUF012

    def __init__(self, space, names=None):
        self.action_space, self.observation_space = space, spaces.Discrete(1)
        if names:
            self.action_names = names


def keys(env, given=""):
    """{what it means: its keys}."""
    made = env if isinstance(env, gymnasium.Env) else EnvRef.of(env).make()
    return {one.label: one.keys for one in key_map(made, "it", given).bindings}


def named(*names):
    return Bare(spaces.Discrete(len(names)), names)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("up", "up"), ("NORTH", "up"), ("Move south (down)", "down"), ("move_west", "left"), ("turnRight", "right"),
        ("upstream", ""), ("Push cart to the left", "left"), ("fire left orientation engine", "left"),
        ("fire main engine", "fire"), ("Don't accelerate", "noop"), ("do nothing", "noop"), ("NOOP", "noop"),
        ("no-op", "noop"), ("wait", "noop"), ("UPRIGHTFIRE", "fire right up"), ("DOWNLEFT", "down left"),
        ("jump", "jump"), ("move up and left", "left up"), ("Pickup passenger", "take"), ("pick up", "take"),
        ("Drop off passenger", "drop"), ("forward", "forward"), ("warmer", "more"), ("Ash", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_name_says_where_it_belongs(name, meant):
    assert roles(name) == set(meant.split())


def test_directions_are_on_the_arrows_and_on_wasd():
    walk = {"up": "up or w", "right": "right or d", "down": "down or s", "left": "left or a"}
    assert keys("gridworld") == walk
    assert keys(named("north", "east", "south", "west")) == dict(
        zip(("north", "east", "south", "west"), walk.values(), strict=True)
    )
    assert keys("shower") == {"colder": "down or s", "hold": "space", "warmer": "up or w"}


def test_names_are_found_in_gymnasium_s_documentation():
    assert keys("FrozenLake-v1")["Move up"] == "up or w"
    assert keys("CartPole-v1") == {"Push cart to the left": "left or a", "Push cart to the right": "right or d"}
    taxi = keys("Taxi-v4")
    assert (taxi["Move west (left)"], taxi["Pickup passenger"], taxi["Drop off passenger"]) == ("left or a", "e", "q")
    assert list(keys("Acrobot-v1").values()) == ["0", "1", "2"]
    assert keys("MountainCar-v0")["Don't accelerate"] == "space"


def test_names_in_metadata_in_a_method_and_in_an_enumeration():
    import enum

    class Metadata(Bare):
        metadata = {"action_names": {0: "left", 1: "right"}}  # noqa: RUF012

    class Meanings(Bare):
        def get_action_meanings(self):
            return ["NOOP", "FIRE"]

    class Enumerated(Bare):
        actions = enum.IntEnum("Actions", ["left", "forward"], start=0)

    class Card(Bare):
        """A game.

        Actions      Discrete(2): run left, run right.
        """

    class Broken(Bare):
        def get_action_meanings(self):
            raise RuntimeError("not now")

    two = spaces.Discrete(2)
    assert action_names(Metadata(two)) == ("left", "right")
    assert keys(Meanings(two)) == {"NOOP": "n", "FIRE": "space"}
    assert action_names(Enumerated(two)) == ("left", "forward")
    assert action_names(Card(two)) == ("run left", "run right")
    assert action_names(Broken(two)) is None
    assert action_names(Bare(two, ["same", "same"])) is None
    assert action_names(Bare(spaces.Discrete(3), ["left", "right"])) is None


def test_what_has_no_direction_is_on_digits_and_letters():
    assert keys(Bare(spaces.Discrete(12))) == {f"action {n}": key for n, key in enumerate("0123456789ab")}
    assert keys("nim") == {"take 1": "1", "take 2": "2", "take 3": "3"}
    assert keys("courier") == {town: town[0].lower() for town in ("Ash", "Birch", "Cedar", "Dale", "Elm", "Fern")}
    assert keys(Bare(spaces.Discrete(3, start=-1))) == {"action -1": "a", "action 0": "0", "action 1": "1"}


def test_names_for_the_terminal_are_of_printable_characters():
    assert keys(named("\x1b[31mred", "blue\n\x07")) == {"[31mred": "m", "blue": "b"}


@pytest.mark.parametrize("id", [*catalogue.bundled_ids(), "Acrobot-v1", "Blackjack-v1", "Taxi-v4"])
def test_no_key_has_two_meanings_and_each_action_has_one(id):
    try:
        env = EnvRef.of(id).make()
        made = key_map(env, id)
    except UsageError:
        assert isinstance(env.action_space, spaces.Text | spaces.Sequence | spaces.OneOf)
        return
    chords = [chord for one in made.bindings for chord in one.chords]
    assert len(set(chords)) == len(chords)
    assert all(one.chords for one in made.bindings)
    assert not {key for chord in chords for key in chord} & RESERVED
    values = [entry.low if entry.rest is None else entry.rest for entry in made.entries]
    for one in made.bindings:
        held = made.held(list(one.chords[0]), values)
        assert env.action_space.contains(made.action(held))


def test_several_keys_at_once_are_one_action():
    names = ["NOOP", "FIRE", "UP", "RIGHT", "LEFT", "UPRIGHT", "UPRIGHTFIRE"]
    made = key_map(named(*names), "it")
    act = lambda *held: names[made.action(made.held(held, [0]))]  # noqa: E731
    assert (act(), act("up"), act("up", "right"), act("right", "up", "space")) == (
        "NOOP",
        "UP",
        "UPRIGHT",
        "UPRIGHTFIRE",
    )
    assert act("left", "right") == "RIGHT"  # the last one pressed
    assert act("up", "space") == "FIRE"
    assert all(made.pressed(key) for key in ("space", "up", "n"))
    assert {one.label for one in made.bindings if any(len(chord) == 1 for chord in one.chords)} == set(names)


def test_numbers_have_keys_for_less_and_more():
    assert keys("MountainCarContinuous-v0") == {"-1": "left or a", "0": "space", "1": "right or d"}
    assert keys(Bare(spaces.Box(-1, 1, (2,)))) == {
        "[0] less": "left or a", "[0] more": "right or d", "[1] less": "down or s", "[1] more": "up or w",
    }  # fmt: skip


def test_numbers_are_called_as_the_documentation_calls_them():
    class Car(Bare):
        """A car.

        ## Action Space
        If continuous there are 3 actions:
        - 0: steering, -1 is full left
        - 1: gas
        - 2: braking

        ## Rewards
        - 0: none of these is an action
        """

    car = Car(spaces.Box(np.float32([-1, 0, 0]), np.float32([1, 1, 1])))
    assert keys(car) == {
        "steering less": "left or a", "steering more": "right or d", "gas more": "up or w", "braking more": "down or s",
    }  # fmt: skip


def test_arrays_and_parts_have_keys_for_each_entry():
    assert keys("whack") == {f"[{n}]": str(n) for n in range(5)}
    assert keys("crane") == {
        "up": "up or w", "down": "down or s", "left": "left or a", "right": "right or d", "hook open": "t",
        "hook closed": "c",
    }  # fmt: skip
    assert keys("greenhouse")["valves[2]"] == "4"
    made = key_map(EnvRef.of("golf").make(), "golf")
    club, swing = made.action([2, -0.5])
    assert (club, swing.tolist(), swing.dtype) == (2, [-0.5], np.float32)


def test_an_own_key_comes_first_and_the_others_make_room():
    assert keys("gridworld", "w=right, x=0") == {"up": "x", "right": "w", "down": "down or s", "left": "left or a"}
    assert keys("gridworld", "left=right") == {"up": "up or w", "right": "left", "down": "down or s", "left": "a"}
    assert keys("mooring", "k=0:0.25")["thrust along x 0.25"] == "k"
    assert keys("greenhouse", "l=lamp:1")["lamp 1"] == "l"
    endless = Bare(spaces.Box(-np.inf, np.inf, (1,), np.float32))
    assert keys(endless, "left=-2.5,right=2.5") == {"-2.5": "left", "2.5": "right"}
    assert keys(Bare(spaces.Discrete(500)), "a=0,b=499") == {"action 0": "a", "action 499": "b"}


@pytest.mark.parametrize(
    ("env", "given", "message"),
    [
        ("gridworld", "w", "--keys takes key=action, such as --keys 'w=0,s=1'; 'w' is none"),
        ("gridworld", "p=0", "--keys p=0: the key 'p' is taken for 'pause, and go on'; take another one"),
        ("gridworld", "f1=0", "no key is called 'f1'; it is one character, or up, down, left, right, space"),
        ("gridworld", "w=0,w=1", "--keys w=1: the key 'w' has two meanings"),
        ("gridworld", "w=4", "--keys w=4: 4 is not a whole number from 0 to 3"),
        ("gridworld", "w=nan", "not a whole number from 0 to 3"),
        ("gridworld", "w=0.5", "not a whole number from 0 to 3"),
        ("gridworld", "w=jump", "'jump' is no number nor one of up, right, down, left"),
        ("whack", "w=1", "the action has several entries, so say which: w=0:1"),
        ("whack", "w=9:1", "there is no entry '9' of the action; it has [0], [1], [2], [3], [4]"),
        ("Pendulum-v1", "w=3", "--keys w=3: 3 is not a number from -2.0 to 2.0"),
        (
            Bare(spaces.Box(-np.inf, np.inf, (1,), np.float32)),
            "",
            "it cannot be played with keys: its action is a number without bounds; name the values that you want, "
            "--keys 'left=-1,right=1', or offer a few actions",
        ),
        (Bare(spaces.Box(-1, np.inf, (2,), np.float32)), "", "[0] of its action is a number without bounds"),
        (
            Bare(spaces.Box(-1, 1, (4,), np.float32)),
            "",
            "its action has 4 entries, 4 of them continuous, more than 3; name the keys for some",
        ),
        (Bare(spaces.MultiBinary(11)), "", "its action has 11 entries, more than 10"),
        (Bare(spaces.Discrete(500)), "", "its action has 500 values, and there are 32 keys; name the keys for some"),
        ("cipher", "", "it cannot be played with keys: its action is of the kind Text; offer a few actions"),
        ("simon", "", "is of the kind Sequence"),
    ],
)
def test_what_cannot_be_is_one_clear_line_that_says_what_would_do(env, given, message):
    with pytest.raises(UsageError) as refused:
        keys(env, given)
    assert message in str(refused.value)


def test_actions_that_a_wrapper_leaves_keep_their_names():
    names = action_names(EnvRef.of("FrozenLake-v1 with actions=2,0 max-steps=9").make())
    assert names == ("Move right", "Move left")
    assert action_names(EnvRef.of("gridworld with actions=3,2,1,0").make()) == ("left", "down", "right", "up")
