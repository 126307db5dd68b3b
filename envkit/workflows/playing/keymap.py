"""Which key means which action: a proposal from the names of the actions, and what somebody would rather have.

A key sets one entry of the action. Where an action has one entry only, a key is an action. Keys are called by what
they type, such as `w` or `1`, or by name: up, down, left, right, space. Some belong to the game, see CONTROLS.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from envkit.core.errors import UsageError
from envkit.core.show import number as number_text
from envkit.workflows.playing.entries import Entry, Number, Space, assembled
from envkit.workflows.playing.names import Names, in_words

Chord = frozenset[str]  # keys that are held together
CONTROLS: Mapping[str, str] = {
    "p": "pause, and go on", ".": "pause and take one step", "+": "faster", "-": "slower", "u": "undo the last step",
    "r": "begin a new episode", "tab": "hand over to the policy, and back", "h": "these keys", "escape": "end",
}  # fmt: skip
COMPOSING: Mapping[str, str] = {
    "enter": "play this action",
    "backspace": "back to rest",
}  # where an action has several entries
RESERVED = {*CONTROLS, *COMPOSING, "="}  # the last is + without shift
NAMED = ("up", "down", "left", "right", "space")


@dataclass(frozen=True)
class Binding:
    """A key's meaning: it sets an entry to a value, or changes it by a step.

    Args:
      chords: any of these will do; the first ones are the best to remember.
      entry: the number of the entry.
      value: what it is set to; None where it is only changed.
      step: by how much it is changed where an action is put together key by key; 0 where it is set.
    """

    chords: tuple[Chord, ...]
    entry: int
    value: Number | None
    label: str
    step: Number = 0

    @property
    def keys(self) -> str:
        """`up or w`, `up + space`."""
        return " or ".join(" + ".join(sorted(chord)) for chord in self.chords)


@dataclass(frozen=True)
class KeyMap:
    """All keys of an environment, and the actions that they make.

    Args:
      names: of the actions, where there is one entry and they are known.
    """

    space: Space
    entries: tuple[Entry, ...]
    bindings: tuple[Binding, ...]
    names: Names | None = None

    @property
    def composed(self) -> bool:
        """Whether an action has several entries, so that it is put together before it is played."""
        return len(self.entries) > 1

    @property
    def rest(self) -> tuple[Number | None, ...]:
        """The value of each entry while nothing is pressed; None where every value does something."""
        return tuple(entry.rest for entry in self.entries)

    def pressed(self, key: str) -> Binding | None:
        """What a key means by itself."""
        return next((one for one in self.bindings if frozenset({key}) in one.chords), None)

    def named(self, word: str) -> Binding | None:
        """The binding with this label."""
        return next((one for one in self.bindings if one.label.lower() == word.lower()), None)

    def held(self, keys: Sequence[str], before: Sequence[Number]) -> list[Number]:
        """The values while these keys are held, the last one pressed being last; `before` stays where nothing rests."""
        values, place = list(before), {key: number for number, key in enumerate(keys)}
        for index, entry in enumerate(self.entries):
            chords = [(chord, one) for one in self.bindings if one.entry == index for chord in one.chords]
            down = [(chord, one.value) for chord, one in chords if one.value is not None and chord <= place.keys()]
            if down:
                _, value = max(down, key=lambda pair: (len(pair[0]), max(place[key] for key in pair[0])))
                values[index] = value
            elif entry.rest is not None:
                values[index] = entry.rest
        return values

    def action(self, values: Sequence[Number]) -> Any:
        return assembled(self.space, values)

    def describe(self, action: Any) -> str:
        """An action in words, whoever chose it."""
        return in_words(action, self.space, self.names)

    def lines(self) -> list[tuple[str, str]]:
        """(keys, what they mean), for somebody to read."""
        return [(one.keys, one.label) for one in self.bindings if one.chords]


def own_keys(text: str, entries: Sequence[Entry], names: Names | None) -> list[Binding]:
    """What somebody has typed: `w=0,s=1`, `w=up`, `left=-0.5`, or with several entries `a=0:1,d=lamp:1`.

    Raises:
      UsageError: a key or a value that there is not.
    """
    found: dict[tuple[int, Number], list[str]] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        key, equals, meaning = item.partition("=")
        key = key.strip().lower()
        if not equals or not meaning.strip():
            raise UsageError(f"--keys takes key=action, such as --keys 'w=0,s=1'; {item!r} is none")
        if key in RESERVED:
            known = {**CONTROLS, **COMPOSING, "=": "faster"}
            raise UsageError(f"--keys {item}: the key {key!r} is taken for {known[key]!r}; take another one")
        if key not in NAMED and (len(key) != 1 or not key.isprintable() or key.isspace()):
            raise UsageError(f"--keys {item}: no key is called {key!r}; it is one character, or {', '.join(NAMED)}")
        if any(key in keys for keys in found.values()):
            raise UsageError(f"--keys {item}: the key {key!r} has two meanings")
        found.setdefault(_meaning(item, meaning.strip(), entries, names), []).append(key)
    return [
        Binding(tuple(frozenset({key}) for key in keys), entry, value, label(entries[entry], value, names))
        for (entry, value), keys in found.items()
    ]


def label(entry: Entry, value: Number, names: Collection[str] | None) -> str:
    """What an entry's value is called."""
    if names and entry.whole:
        return list(names)[int(value - entry.low)]
    return (
        f"{entry.name} {number_text(value) if not entry.whole else value}".strip()
        if entry.name
        else (f"action {value}" if entry.whole else number_text(value))
    )


def _meaning(item: str, text: str, entries: Sequence[Entry], names: Names | None) -> tuple[int, Number]:
    place, colon, word = text.rpartition(":")
    if len(entries) > 1 and not colon:
        raise UsageError(f"--keys {item}: the action has several entries, so say which: {item.partition('=')[0]}=0:1")
    places = [str(number) for number in range(len(entries))] + [entry.name for entry in entries]
    if colon and place not in places:
        known = ", ".join(entry.name or "0" for entry in entries)
        raise UsageError(f"--keys {item}: there is no entry {place!r} of the action; it has {known}")
    index = places.index(place) % len(entries) if colon else 0
    entry = entries[index]
    lower = [name.lower() for name in names or ()]
    if word.lower() in lower:
        return index, int(entry.low) + lower.index(word.lower())
    try:
        value = float(word)
    except ValueError as error:
        known = f" nor one of {', '.join(names)}" if names else ""
        raise UsageError(f"--keys {item}: {word!r} is no number{known}") from error
    if not entry.takes(value):
        kind = "a whole number" if entry.whole else "a number"
        raise UsageError(f"--keys {item}: {word} is not {kind} from {entry.low} to {entry.high}")
    return index, int(value) if entry.whole else value


def without(bindings: Sequence[Binding], keys: Collection[str]) -> list[Binding]:
    """The same bindings, less the chords in which one of these keys is."""
    return [replace(one, chords=tuple(chord for chord in one.chords if not chord & set(keys))) for one in bindings]
