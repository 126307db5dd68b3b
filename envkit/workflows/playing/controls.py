"""What happens when a key goes down or up, and when time passes: the game's rules for whoever sits before it.

Turn by turn a key is a step. In real time a step is due at every tick, with the action of the keys that are held then,
or else the one that does nothing; where every action does something the last one goes on, and time stands still until
the first key. An action with several entries is put together key by key and played with Enter; in real time keys hold
it. A policy plays by ticks as well, until a key is pressed for it.
"""

from collections.abc import Sequence
from typing import Any

from envkit.workflows.playing.entries import Number
from envkit.workflows.playing.keymap import Binding, KeyMap
from envkit.workflows.playing.session import Session

SPEEDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
PERSON = "person"
MOST_TAPPED = 8  # keys that are remembered from tick to tick
REST = 1.5  # seconds for which the end of a policy's episode is seen


class Controls:
    """A session with somebody at its keys.

    Args:
      keys: what they mean; None where only the policy can play.
      real_time: whether steps follow the clock.
      fps: steps a second in real time, and of a policy.
      policy: what the policy is called; empty without one.
      policy_plays: whether it begins.
      why_no_undo: for the panel; empty where there is undo.
    """

    def __init__(
        self, session: Session, keys: KeyMap, *, real_time: bool = False, fps: float = 4.0, policy: str = "",
        policy_plays: bool = False, why_no_undo: str = "",
    ):  # fmt: skip
        self.session, self.keys = session, keys
        self.real_time, self.fps = real_time, fps
        self.policy, self.policy_plays = policy, policy_plays
        self.why_no_undo = why_no_undo
        self.speed = 1.0
        self.paused = self.quit = self.help = False
        self.note = ""
        self.held: list[str] = []  # the last one pressed being last
        self._touched = False  # in this episode
        self._tapped: list[str] = []  # since the last tick
        self.draft: list[Number] = self._at_rest()

    @property
    def ticking(self) -> bool:
        """Whether time passes by itself."""
        if self.paused or self.quit or self.help:
            return False
        if self.policy_plays:
            return True
        waits = not self._touched and None in self.keys.rest
        return self.real_time and not self.session.now.ended and not waits

    @property
    def pause(self) -> float:
        """Seconds until the next tick."""
        return REST if self.policy_plays and self.session.now.ended else 1 / (self.fps * self.speed)

    def tick(self) -> None:
        """A step by the clock: of the policy, or in real time with what is held."""
        self._step_by_clock()
        self._tapped = []

    def _step_by_clock(self) -> None:
        if self.policy_plays and self.session.now.ended:
            self._again()
        elif self.policy_plays:
            self.session.act(self.session.now.advice, player=self.policy)
        else:
            # what went down and up between two ticks counts for the second one
            self.draft = self.keys.held([*self._tapped, *self.held], self.draft)
            self._act(self.keys.action(self.draft))

    def press(self, key: str) -> None:
        """A key goes down; a held one that repeats is pressed again."""
        repeated = key in self.held
        self.held = [*(one for one in self.held if one != key), key]
        self._tapped = [*self._tapped[-MOST_TAPPED:], key]
        self.note = ""
        command = COMMANDS.get(key)
        if command:
            if not repeated or key in ("u", "."):
                command(self)
            return
        if key == "enter" and (self.session.now.ended or not self.keys.composed):
            if self.session.now.ended and not repeated:
                self._again()
            return
        binding = self.keys.pressed(key)
        if key in ("enter", "backspace"):
            self._compose(key)
        elif binding or any(key in chord for one in self.keys.bindings for chord in one.chords):
            self._play(binding)

    def release(self, key: str) -> None:
        self.held = [one for one in self.held if one != key]

    def let_go(self) -> None:
        """All keys are up: the window has lost them, and will not hear of it."""
        self.held = []

    def choose(self, binding: Binding) -> None:
        """As pressing the binding's key once, for whoever has no key for it."""
        self.note = ""
        self._play(binding)

    def _play(self, binding: Binding | None) -> None:
        self.policy_plays = False  # whoever presses a key takes over
        self._touched = True
        if self.session.now.ended:
            self.note = "Esc ends" if self.session.over else "r begins the next episode, Esc ends"
        elif self.real_time:
            if binding and binding.value is None:
                self._change(binding)
        elif self.paused:
            self.note = "paused: p goes on, . takes one step"
        elif self.keys.composed:
            self._change(binding)
        else:
            chosen = self.keys.held(self.held, self.draft) if binding is None else [self._value(binding)]
            self.draft = chosen
            self._act(self.keys.action(chosen))

    def _value(self, binding: Binding) -> Number:
        """A single key counts for itself, unless another one is held with which it means more."""
        wider = [
            one for one in self.keys.bindings for chord in one.chords if len(chord) > 1 and chord <= set(self.held)
        ]
        value = wider[-1].value if wider else binding.value
        return self.draft[0] if value is None else value

    def _change(self, binding: Binding | None) -> None:
        """Changes the action that is being put together; the same key again takes it back."""
        if binding is None:
            return
        entry, value = self.keys.entries[binding.entry], self.draft[binding.entry]
        if binding.step:
            value = min(max(value + binding.step, entry.low), entry.high)
            value = round(value) if entry.whole else round(value, 9)
        elif binding.value is not None:
            again = value == binding.value and entry.rest is not None
            value = entry.rest if again and entry.rest is not None else binding.value
        self.draft[binding.entry] = value

    def _compose(self, key: str) -> None:
        if not self.keys.composed:
            return
        if key == "enter" and not self.real_time and not self.paused:
            self.policy_plays = False
            self._act(self.keys.action(self.draft))
            self.draft = self._at_rest(self.draft)
        elif key == "backspace":
            self.draft = self._at_rest()

    def _act(self, action: Any) -> None:
        self.session.act(action, player=PERSON)

    def _at_rest(self, kept: Sequence[Number] = ()) -> list[Number]:
        """The values while nothing is pressed; `kept`, or the least one, where every value does something."""
        before = kept or [entry.low for entry in self.keys.entries]
        return [old if rest is None else rest for rest, old in zip(self.keys.rest, before, strict=True)]

    def _again(self) -> None:
        if self.session.over:
            self.quit = True
        else:
            self.session.restart()
            self._touched, self.draft = False, self._at_rest()

    def _restart(self) -> None:
        self._again()

    def _pause(self) -> None:
        self.paused = not self.paused

    def _single(self) -> None:
        if self.session.now.ended:
            return
        self.paused = self.paused or self.ticking
        self.tick()

    def _faster(self) -> None:
        self._to_speed(1)

    def _slower(self) -> None:
        self._to_speed(-1)

    def _to_speed(self, change: int) -> None:
        place = min(max(SPEEDS.index(self.speed) + change, 0), len(SPEEDS) - 1)
        self.speed = SPEEDS[place]
        self.note = f"speed {self.speed:g} x"

    def _undo(self) -> None:
        if self.real_time or self.policy_plays:
            self.paused = True  # or it would be done again at once
        self.note = self.session.undo()
        if self.note and self.why_no_undo:
            self.note = f"{self.note}: {self.why_no_undo}"

    def _hand_over(self) -> None:
        if not self.policy:
            self.note = "there is no policy to hand over to: --policy RUN"
            return
        self.policy_plays = not self.policy_plays
        self._touched = True

    def _help(self) -> None:
        self.help = not self.help

    def _end(self) -> None:
        self.quit = True


COMMANDS = {
    "p": Controls._pause, ".": Controls._single, "+": Controls._faster, "=": Controls._faster,
    "-": Controls._slower, "u": Controls._undo, "r": Controls._restart, "tab": Controls._hand_over,
    "h": Controls._help, "escape": Controls._end,
}  # fmt: skip
