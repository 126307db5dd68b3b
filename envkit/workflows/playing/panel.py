"""What a player is told beside the picture: the same words in the window and on the terminal."""

from dataclasses import dataclass

from envkit.core.show import number
from envkit.workflows.playing.controls import Controls
from envkit.workflows.playing.keymap import COMPOSING, CONTROLS
from envkit.workflows.playing.session import LIMIT, TERMINATED, TRUNCATED

WHY = {
    TERMINATED: "terminated: the game is over",
    TRUNCATED: "truncated: the time is up",
    LIMIT: "stopped by --max-steps",
}


@dataclass(frozen=True)
class Panel:
    """All that there is to tell.

    Args:
      facts: (what, its value), such as ("score", "-3").
      state: one word or two for the whole: paused, or why the episode has ended; empty while it is played.
      keys: (keys, what they do), of the actions.
      controls: likewise, of the game.
      note: what was to be said about the last key.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    state: str
    keys: tuple[tuple[str, str], ...]
    controls: tuple[tuple[str, str], ...]
    note: str


def panel(controls: Controls) -> Panel:
    session, keys = controls.session, controls.keys
    now = session.now
    limit = f" of {session.max_steps}" if session.max_steps else ""
    of = f" of {session.episodes}" if session.episodes else ""
    facts = [
        ("step", f"{now.steps}{limit}"),
        ("score", number(now.score)),
        ("reward", "" if now.reward is None else number(now.reward)),
        ("action", "" if now.reward is None else keys.describe(now.action)),
        ("episode", f"{now.number}{of}"),
        ("seed", str(now.seed)),
    ]
    if keys.composed and not controls.policy_plays:
        facts.insert(4, ("next", keys.describe(keys.action(controls.draft))))
    if controls.policy:
        facts.append(("plays", controls.policy if controls.policy_plays else "you"))
        facts.append(("it would", "" if now.ended else keys.describe(now.advice)))
    if controls.speed != 1:
        facts.append(("speed", f"{controls.speed:g} x"))
    return Panel(
        session.scribe.name, tuple(facts), _state(controls), tuple(keys.lines()), _controls(controls), controls.note
    )


def _state(controls: Controls) -> str:
    ended = controls.session.now.ended
    if ended:
        return f"{WHY[ended]}; {'Esc ends' if controls.session.over else 'r begins the next one'}"
    if controls.paused:
        return "paused: p goes on"
    if controls.real_time and not controls.ticking and not controls.help:
        return "press a key to begin"
    return ""


def _controls(controls: Controls) -> tuple[tuple[str, str], ...]:
    own = dict(COMPOSING) if controls.keys.composed and not controls.real_time else {}
    told = {**own, **CONTROLS}
    if not controls.policy:
        del told["tab"]
    if controls.why_no_undo:
        told["u"] = "no undo here"
    if not controls.real_time and not controls.policy:
        told = {key: text for key, text in told.items() if key not in ("+", "-", "p", ".")}
    return tuple(told.items())
