"""An environment at a glance: its registration, what it shows, takes and pays, random play, and what can take it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gymnasium
from gymnasium.envs.registration import EnvSpec

from envkit.core import catalogue
from envkit.core.drive import Driver
from envkit.core.errors import EnvironmentFailed, UsageError
from envkit.core.ref import EnvRef
from envkit.core.show import show
from envkit.workflows import cards
from envkit.workflows.looking.advice import Advice, advice
from envkit.workflows.looking.rows import Side, observed, taken
from envkit.workflows.looking.trial import Trial, trial

REWARD = r"rewards?(?: function)?"
END = r"(?:episode )?(?:ends?|termination|truncation|terminated|truncated)"
SPEAKING = ("episode", "end")  # titles that need not be said before the text


@dataclass(frozen=True)
class Glance:
    """What there is to see.

    Args:
      source: the entry point, or the class.
      spec: of the registration; None where there is none.
      newest: the id of the newest version that is registered.
      render_modes, fps: as metadata has them.
      reward, end: what the documentation says, a paragraph or an item of a list each.
    """

    env: str
    kwargs: Mapping[str, Any]
    source: str
    spec: EnvSpec | None
    newest: str
    render_modes: tuple[str, ...]
    fps: float | None
    observation: Side
    action: Side
    reward: tuple[str, ...]
    end: tuple[str, ...]
    trial: Trial
    advice: Advice

    @property
    def is_old(self) -> bool:
        """Whether a newer version of it is registered."""
        return self.spec is not None and self.spec.id != self.newest

    @property
    def registered_with(self) -> dict[str, Any]:
        """The arguments of its constructor that the registration gives."""
        given = self.spec.kwargs if self.spec else {}
        return {key: value for key, value in given.items() if key not in {*self.kwargs, "render_mode"}}

    def to_json(self) -> dict[str, Any]:
        spec = self.spec
        return {
            "schema": 1, "env": self.env, "env_kwargs": {key: show(value) for key, value in self.kwargs.items()},
            "id": spec.id if spec else None, "version": spec.version if spec else None,
            "newer": self.newest if self.is_old else None, "entry_point": self.source,
            "max_episode_steps": spec.max_episode_steps if spec else None,
            "reward_threshold": spec.reward_threshold if spec else None,
            "registered_with": {key: show(value) for key, value in self.registered_with.items()},
            "render_modes": list(self.render_modes), "render_fps": self.fps,
            "observation": self.observation.to_json(), "action": self.action.to_json(),
            "reward": list(self.reward), "end": list(self.end), "random_play": self.trial.to_json(),
            "advice": self.advice.to_json(),
        }  # fmt: skip


def glance(ref: EnvRef, *, seed: int) -> Glance:
    """Makes it, reads its documentation, and plays a few random episodes.

    Raises:
      UsageError: the reference names nothing, or its constructor takes other arguments.
      EnvironmentFailed: the environment's own code raised, or it has no spaces.
    """
    env = ref.make()
    try:
        _check_spaces(env, str(ref))
        tried = trial(env, str(ref), seed=seed)
        seen, metadata = observed(env, tried.first), env.metadata or {}
        spec = env.spec
        return Glance(
            str(ref), ref.kwargs, _source(env), spec, _newest(spec),
            tuple(map(str, metadata.get("render_modes") or ())), _number(metadata.get("render_fps")),
            seen, taken(env, tried.action), _reward(env), _end(env), tried, advice(ref, env, seen, tried),
        )  # fmt: skip
    finally:
        env.close()


def advised(ref: EnvRef, *, seed: int) -> Advice:
    """What the algorithms make of it alone. Raises: as `glance`."""
    env = ref.make()
    try:
        _check_spaces(env, str(ref))
        tried = trial(env, str(ref), seed=seed)
        return advice(ref, env, observed(env, tried.first), tried)
    finally:
        env.close()


def check_picture(path: Path) -> None:
    """Refuses what could not be written, before any work is done.

    Raises:
      UsageError: another ending than .png, or no such folder.
    """
    if path.suffix.lower() != ".png":
        ending = f"ends with {path.suffix!r}" if path.suffix else "has no ending"
        raise UsageError(f"{path} {ending}; a picture is a .png")
    if not path.parent.is_dir():
        raise UsageError(f"{path} cannot be written: there is no folder {path.parent}")


def picture(ref: EnvRef, path: Path, *, seed: int, dpi: int) -> tuple[int, int]:
    """Writes the first frame of an episode; returns its width and height in pixels.

    Args:
      dpi: pixels an inch, which only whoever prints it looks at.

    Raises:
      UsageError: as of `check_picture`, or where the environment has no render mode rgb_array.
      EnvironmentFailed: when rendering fails.
      StorageFailed: when it cannot be written.
    """
    from PIL import Image

    from envkit.runs.atomic import replacing
    from envkit.workflows.visible import frame_of, visible

    check_picture(path)
    env = visible(ref, "rgb_array", purpose="shown as a picture")
    try:
        driver = Driver(env, str(ref))
        driver.reset(seed)
        image = Image.fromarray(frame_of(driver))
    finally:
        env.close()
    with replacing(path) as temporary:
        image.save(temporary, dpi=(dpi, dpi))
    return image.size


def _check_spaces(env: gymnasium.Env[Any, Any], name: str) -> None:
    for space in ("observation_space", "action_space"):
        value = getattr(env, space, None)
        if not isinstance(value, gymnasium.Space):
            raise EnvironmentFailed(
                f"{space} of {name} is {show(value)}, which is no gymnasium.Space; `envkit check {name}` says more"
            )


def _newest(spec: EnvSpec | None) -> str:
    return catalogue.newest().get((spec.namespace, spec.name), spec).id if spec else ""


def _source(env: gymnasium.Env[Any, Any]) -> str:
    kind = type(env.unwrapped)
    return f"{kind.__module__}:{kind.__qualname__}"


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _reward(env: gymnasium.Env[Any, Any]) -> tuple[str, ...]:
    return tuple(cards.in_short(next(cards.texts(env, REWARD), "")))


def _end(env: gymnasium.Env[Any, Any]) -> tuple[str, ...]:
    """When an episode ends; `Terminated   never.` keeps its title, of which it is about."""
    for document in cards.documents(env):
        told = [
            text if title.lower().startswith(SPEAKING) or not text else f"{title}: {text}"
            for title, text in cards.entitled(document, END)
        ]
        if told:
            return tuple(line for text in told for line in cards.in_short(text))
    return ()
