"""A person plays an environment: everything is put together here, and put away again whatever happens."""

import contextlib
from collections.abc import Callable
from typing import Any

import gymnasium

from envkit.core.errors import UsageError
from envkit.core.ref import EnvRef
from envkit.core.transcript import Transcript
from envkit.workflows.players import Player
from envkit.workflows.playing.controls import Controls
from envkit.workflows.playing.propose import key_map
from envkit.workflows.playing.session import Score, Session
from envkit.workflows.playing.terminal import play_on_terminal
from envkit.workflows.playing.undo import way_back
from envkit.workflows.scribe import Scribe
from envkit.workflows.visible import FPS_OF_TEXT, has_display, pace, render_modes

MOVING = 20  # frames a second from which on an environment moves by itself, unless it says otherwise


def play_by_hand(
    ref: EnvRef, *, keys: str = "", player: Player | None = None, player_begins: bool = False,
    real_time: bool | None = None, as_text: bool = False, seed: int = 0, episodes: int | None = None,
    max_steps: int | None = None, write: Callable[[str], object] = print,
    keep: Callable[[Transcript], object] | None = None, told: Callable[[Score], object] = print,
) -> None:  # fmt: skip
    """Lets a person play, in a window or on the terminal, until they end it.

    Args:
      keys: as of `keymap.own_keys`; what it does not name is proposed.
      player: a policy beside the person.
      player_begins: whether the policy plays until a key is pressed.
      real_time: whether time goes on by itself; by default as `metadata["real_time"]` says, else where the environment
        shows 20 frames a second or more.
      as_text: on the terminal; an environment without the render mode `rgb_array` is played there anyway.
      seed: of the first episode; the next ones count on from it.
      episodes, max_steps: no more than so many; None for as many as the person and the environment like.
      write: takes the terminal's texts.
      keep: takes the transcript in the end, however that comes about.
      told: takes the scores in the end.

    Raises:
      UsageError: no keys can be proposed, there is no display, or real time was asked for on the terminal.
      EnvironmentFailed: the environment fails; what was played until then is kept.
    """
    modes = render_modes(ref)
    as_text = as_text or "rgb_array" not in modes
    if real_time and as_text:
        raise UsageError("--real-time needs a window: a terminal does not tell how long a key is held")
    if not as_text and not has_display():
        raise UsageError(
            f"{ref} cannot be played in a window: there is no display; --text plays it on the terminal, and "
            "`xvfb-run -a` makes a display that nobody sees"
        )
    mode = "rgb_array" if not as_text else "ansi" if "ansi" in modes else None

    def make() -> gymnasium.Env[Any, Any]:
        return ref.make() if mode is None else ref.make(render_mode=mode)

    env = make()
    with contextlib.ExitStack() as stack:
        scribe = Scribe(env, str(ref))
        stack.callback(lambda: scribe.env.close())
        proposed = key_map(env, str(ref), keys)
        way, why_not = way_back(scribe, make, seed=seed)
        if way:
            stack.callback(way.close)
        if keep:
            stack.callback(lambda: keep(scribe.transcript(ref)))
        policy = player.policy if player else None
        session = Session(scribe, seed=seed, max_steps=max_steps, episodes=episodes, policy=policy, way=way)
        stack.callback(lambda: [told(score) for score in session.finish()])
        fps = pace(env, FPS_OF_TEXT)
        moving = bool(env.metadata.get("real_time", fps >= MOVING)) if real_time is None else real_time
        controls = Controls(
            session, proposed, real_time=moving and not as_text, fps=fps, policy=player.name if player else "",
            policy_plays=player_begins, why_no_undo=why_not,
        )  # fmt: skip
        if as_text:
            play_on_terminal(controls, write)
        else:
            from envkit.workflows.playing.window import play_in_window

            play_in_window(controls)
