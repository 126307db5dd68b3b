"""Proposing keys: directions on arrows and WASD, what else has a name on keys that recall it, the rest on digits.

Whatever was asked for comes first; no key ever gets two meanings.
"""

import re
import string
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import gymnasium

from envkit.core.errors import UsageError
from envkit.workflows.playing.entries import MOST_ENTRIES, MOST_NUMBERS, Entry, entries_of
from envkit.workflows.playing.keymap import RESERVED, Binding, Chord, KeyMap, label, own_keys
from envkit.workflows.playing.names import Names, action_names, entry_names, entry_titles
from envkit.workflows.playing.roles import AXES, roles

ARROWS = {
    "up": ("up", "w"), "down": ("down", "s"), "left": ("left", "a"), "right": ("right", "d"),
    "forward": ("up", "w"), "back": ("down", "s"), "more": ("up", "w"), "less": ("down", "s"),
}  # fmt: skip
OTHERS = {
    "fire": ("space", "f"), "jump": ("space", "j"), "noop": ("space", "n", "x"), "take": ("e", "g"),
    "drop": ("q", "x"), "use": ("t", "e"), "done": ("c", "z"),
}  # fmt: skip
PAIRS = ((("left", "a"), ("right", "d")), (("down", "s"), ("up", "w")), (("q",), ("e",)))  # less, more
SINGLES = (("up", "w"), ("down", "s"), ("right", "d"), ("left", "a"), ("e",), ("q",))
LETTERS = [letter for letter in string.ascii_lowercase if letter not in RESERVED]
ANY = {*LETTERS, *string.digits}
MOST_KEYS = len(LETTERS) + len(string.digits)
PART = 10  # of an entry's range: what a key changes where an action is put together
DIGITS = 10  # values that share the digits
SENTENCE = 3  # words, of which the letters recall nothing


def key_map(env: gymnasium.Env[Any, Any], name: str, keys: str = "") -> KeyMap:
    """The keys of an environment.

    Args:
      name: what the environment is called.
      keys: what somebody would rather have, as of `keymap.own_keys`.

    Raises:
      UsageError: no keys can be proposed for its actions, or those that were asked for do not fit.
    """
    space = env.action_space
    entries = entries_of(space)
    if entries is None:
        raise UsageError(_refusal(name, f"is of the kind {type(space).__name__}", remedy=WRAP))
    names = action_names(env)
    titles = entry_titles(env, len(entries)) if len(entries) > 1 else ()
    entries = [replace(entry, name=title) for entry, title in zip(entries, titles, strict=True)] if titles else entries
    own = own_keys(keys, entries, names)
    if not own:
        _require_few(name, entries)
    entries = _resting(entries, names, lists := entry_names(env, [entry.count for entry in entries]) or [])
    maker = _Maker(own)
    if len(entries) == 1:
        maker.one(entries[0], names, few=not own or entries[0].count <= MOST_KEYS)
    else:
        maker.several(entries, lists)
    order = sorted(maker.bindings, key=lambda one: (one.entry, one.value is None, one.value or 0))
    return KeyMap(space, tuple(entries), tuple(order), names)


WRAP = "offer a few actions (an ActionWrapper from a Discrete space) and name the function: file.py:make"


def _require_few(name: str, entries: Sequence[Entry]) -> None:
    numbers = [entry for entry in entries if not entry.whole]
    endless = [entry for entry in entries if not entry.bounded]
    if len(numbers) > MOST_NUMBERS or len(entries) > MOST_ENTRIES:
        what = f"has {len(entries)} entries" + (f", {len(numbers)} of them continuous" if numbers else "")
        example = "--keys 'left=0:-1,right=0:1'"
        most = f"more than {MOST_NUMBERS}" if len(entries) <= MOST_ENTRIES else f"more than {MOST_ENTRIES}"
        raise UsageError(
            _refusal(name, f"{what}, {most}", remedy=f"name the keys for some of them, {example}, or {WRAP}")
        )
    if endless:
        which = f"{endless[0].name} of its action" if endless[0].name else "its action"
        example = "left=-1,right=1" if len(entries) == 1 else f"left={entries.index(endless[0])}:-1"
        ways = f"name the values that you want, --keys '{example}', or {WRAP}"
        raise UsageError(f"{name} cannot be played with keys: {which} is a number without bounds; {ways}")
    if len(entries) == 1 and entries[0].count > MOST_KEYS:
        what = f"has {entries[0].count:,} values, and there are {MOST_KEYS} keys"
        raise UsageError(_refusal(name, what, remedy="name the keys for some of them, --keys 'a=0,b=1'"))


def _refusal(name: str, what: str, *, remedy: str) -> str:
    return f"{name} cannot be played with keys: its action {what}; {remedy}; --policy random shows it all the same"


def _resting(entries: Sequence[Entry], names: Names | None, lists: Sequence[Names]) -> list[Entry]:
    """The entries, each with the value that does nothing where its name says so."""
    told = lists or ([names] if names and len(entries) == 1 else [()] * len(entries))
    found = []
    for entry, words in zip(entries, told, strict=True):
        idle = [place for place, word in enumerate(words) if roles(word) == {"noop"}]
        found.append(replace(entry, rest=entry.low + idle[0]) if idle else entry)
    return found


class _Maker:
    """Hands out keys, each once."""

    def __init__(self, own: Sequence[Binding]):
        self.bindings = list(own)
        self.taken = set(RESERVED) | {key for one in own for chord in one.chords for key in chord}
        self.settled = {(one.entry, one.value) for one in own}

    def one(self, entry: Entry, names: Names | None, *, few: bool) -> None:
        """The keys of an action that is a single number."""
        if entry.whole and few:
            self._choices(0, entry, names)
        elif entry.bounded and not entry.whole:
            self._range(0, entry)
            self._give(0, entry, entry.rest, ("space", "n", "x"))

    def several(self, entries: Sequence[Entry], lists: Sequence[Names]) -> None:
        """The keys of an action that is put together."""
        absolute = sum(entry.count for entry in entries if entry.count > 2 or entry.rest is None) <= DIGITS
        for index, entry in enumerate(entries):
            if lists:
                self._choices(index, entry, lists[index], rests=entry.rest is not None)
            elif entry.count == 2 and entry.rest == entry.low:  # one entry of a MultiBinary
                self._toggle(index, entry)
            elif entry.whole and absolute:
                self._choices(index, entry, None)
            elif entry.bounded:
                self._range(index, entry)

    def _choices(self, index: int, entry: Entry, names: Names | None, *, rests: bool = False) -> None:
        """A key for each value: by its role, by a number in its name, by its letters.

        Args:
          rests: no key is needed for the value at rest.
        """
        values = [int(entry.low) + place for place in range(entry.count)]
        words = dict(zip(values, names or [""] * len(values), strict=True))
        todo = [one for one in values if (index, one) not in self.settled and not (rests and one == entry.rest)]
        keys = self._by_roles({value: roles(words[value]) for value in todo})
        digits, initials = _digits(words), [word[:1].lower() for word in words.values()]
        for value in todo:
            if not any(len(chord) == 1 for chord in keys[value]):
                first, *others = words[value].lower().split() or [""]
                own = [digits.get(value, ""), first[:1] if initials.count(first[:1]) == 1 else ""]
                own += [word[0] for word in others] if len(others) < SENTENCE else []
                own += [] if names and len(others) < SENTENCE else [str(value)]
                own += [letter for letter in words[value].lower() if letter.isalpha()]
                found = self._claim([key for key in (*own, *LETTERS, *string.digits) if key in ANY], many=False)
                keys[value] += [frozenset({key}) for key in found]
            self.bindings.append(Binding(tuple(keys[value]), index, value, label(entry, value, names)))

    def _by_roles(self, meant: Mapping[int, Collection[str]]) -> dict[int, list[Chord]]:
        """Keys for the values whose names say where they belong; several at once for `UPRIGHT`."""
        keys: dict[int, list[Chord]] = {value: [] for value in meant}
        pressing: dict[str, str] = {}  # role -> its key
        for role in (*AXES, *OTHERS):
            alike = [value for value, said in meant.items() if said == {role}]
            if alike and (role in AXES or len(alike) == 1):  # of `take 1` and `take 2` neither is the one to take
                given = self._claim(ARROWS.get(role, OTHERS.get(role, ())), many=role in AXES)
                keys[alike[0]] = [frozenset({key}) for key in given]
                if given:
                    pressing[role] = given[0]
        chords: set[Chord] = set()
        for value, said in meant.items():
            chord = frozenset(pressing.get(role, "") for role in said)
            if len(chord) > 1 and "" not in chord and chord not in chords:
                chords.add(chord)
                keys[value].append(chord)
        return keys

    def _range(self, index: int, entry: Entry) -> None:
        """Keys for less and more."""
        step = 1 if entry.whole else (entry.high - entry.low) / PART
        low, high = (None, None) if entry.whole else (entry.low, entry.high)
        if entry.rest == entry.low and not entry.whole:  # it falls back to rest by itself
            side = next((side for side in SINGLES if self.taken.isdisjoint(side)), LETTERS[:0])
            sides = [(self._claim(side, many=True), high, step, "more")]
        else:
            pair = next((pair for pair in PAIRS if self.taken.isdisjoint([*pair[0], *pair[1]])), None)
            less, more = (
                [self._claim(side, many=True) for side in pair]
                if pair
                else [self._claim(LETTERS, many=False) for _ in range(2)]
            )
            sides = [(less, low, -step, "less"), (more, high, step, "more")]
        for given, value, change, word in sides:
            if given and (index, value) not in self.settled:
                told = f"{entry.name} {word}" if entry.name else label(entry, value or 0, None)
                self.bindings.append(Binding(tuple(frozenset({key}) for key in given), index, value, told, change))

    def _toggle(self, index: int, entry: Entry) -> None:
        digit = str(index)
        self._give(index, entry, entry.high, [digit, *string.digits, *LETTERS], told=entry.name)

    def _give(self, index: int, entry: Entry, value: float | None, keys: Iterable[str], told: str = "") -> None:
        if value is not None and (index, value) not in self.settled:
            given = tuple(frozenset({key}) for key in self._claim(keys, many=False))
            self.bindings.append(Binding(given, index, value, told or label(entry, value, None)))

    def _claim(self, candidates: Iterable[str], many: bool) -> list[str]:
        """The free ones of the candidates, or the first of them."""
        free = [key for key in dict.fromkeys(candidates) if key not in self.taken]
        found = free if many else free[:1]
        self.taken |= set(found)
        return found


def _digits(words: Mapping[int, str]) -> dict[int, str]:
    """The digit in each name, such as 2 in `take 2`; none where not every name has one of its own."""
    found = {value: re.findall(r"(?<![-.\d])\d\b", word) for value, word in words.items()}
    told = {value: digits[0] for value, digits in found.items() if len(digits) == 1}
    return told if len(set(told.values())) == len(words) else {}
