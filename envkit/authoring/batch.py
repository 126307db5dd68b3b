"""Many copies of one environment, stepped as arrays: a `gymnasium.vector.VectorEnv` from a few whole-array lines.

The author says how rows begin (`begin`), what a step does to all rows at once (`advance`) and what is seen (`observe`).
This class keeps Gymnasium's promises around it: seeds for each row, the time limit, the three autoreset modes with
`final_obs` and `final_info`, fresh arrays in every answer, actions that are checked. A row plays the same episodes as a
single environment with the same seed, if both draw the same uniform numbers (`envkit.authoring.dice`).

    class Walkers(BatchEnv):
        fields = {"place": float}

        def __init__(self, num_envs=1, **options):
            super().__init__(spaces.Box(-5, 5, (1,), np.float32), spaces.Discrete(2), num_envs, **options)

        def begin(self, rows):
            self.place[rows] = self.dice.uniform(-1, 1, rows)

        def advance(self, actions):
            self.place += np.where(actions == 1, 0.5, -0.5)
            return -np.abs(self.place), np.abs(self.place) > 4

        def observe(self):
            return self.place[:, None].astype(np.float32)

Source: https://farama.org/Vector-Autoreset-Mode for the meaning of the modes.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import gymnasium
import numpy as np
import numpy.typing as npt
from gymnasium import spaces
from gymnasium.error import InvalidAction, ResetNeeded
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space, iterate

from envkit.authoring.arguments import whole
from envkit.authoring.dice import Dice, Rows, seeds_of
from envkit.authoring.drawn import DrawnEnv
from envkit.core.show import show

Mask = npt.NDArray[np.bool_]
Rewards = npt.NDArray[np.float64]
Infos = dict[str, Any]
RENDER_MODES = ("rgb_array",)
CLOCK = ("steps", "ended")  # the arrays that every batch has beside its fields


class BatchEnv(VectorEnv[Any, Any, Any]):
    """A batch of environments of one kind.

    Class attributes for the author to set: `fields`, the arrays that hold the rows' states, as {name: dtype}; each is
    made as an attribute [num_envs]. A dtype with a shape, such as `np.dtype((float, 2))`, makes [num_envs, 2].

    Methods to write: `begin`, `advance`, `observe`, and where they help `info`, and `painter` and `pose` for pictures.

    Args:
      observation_space, action_space: of one environment.
      num_envs: how many there are.
      max_episode_steps: after which an episode is truncated; None for no limit.
      length: steps after which the environment itself truncates an episode, if it does; the sooner of the two counts.
      render_mode: None or "rgb_array".
      autoreset_mode: when a row begins anew after its end: an `AutoresetMode`, or the text of one.

    Raises:
      ValueError: an argument that is none of these.
    """

    fields: ClassVar[Mapping[str, npt.DTypeLike]] = {}

    def __init__(
        self,
        observation_space: gymnasium.Space[Any],
        action_space: gymnasium.Space[Any],
        num_envs: int = 1,
        *,
        max_episode_steps: int | None = None,
        render_mode: str | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        length: int | None = None,
    ):
        self.num_envs = whole("num_envs", num_envs, least=1)
        given = None if max_episode_steps is None else whole("max_episode_steps", max_episode_steps, least=1)
        self.max_episode_steps = min((limit for limit in (given, length) if limit is not None), default=None)
        self.autoreset_mode = _mode(autoreset_mode)
        self.metadata = {**self.metadata, "autoreset_mode": self.autoreset_mode, "render_modes": list(RENDER_MODES)}
        if render_mode is not None and render_mode not in RENDER_MODES:
            raise ValueError(
                f"render_mode {render_mode!r} is not one that {type(self).__name__} offers: rgb_array or None"
            )
        self.render_mode = render_mode
        self.single_observation_space, self.single_action_space = observation_space, action_space
        self.observation_space = batch_space(observation_space, self.num_envs)
        self.action_space = batch_space(action_space, self.num_envs)
        for name, dtype in self.fields.items():
            setattr(self, name, np.zeros(self.num_envs, dtype))
        self.dice = Dice(self.num_envs)
        self.steps = np.zeros(self.num_envs, np.int64)  # of each row's episode
        self.ended = np.zeros(self.num_envs, bool)  # rows whose episode is over, and that wait for a reset
        self._begun = False
        self._painter: DrawnEnv[Any, Any] | None = None

    def begin(self, rows: Rows) -> None:
        """Puts these rows into the first state of an episode; every draw comes from `self.dice`, for these rows."""
        raise NotImplementedError(f"{type(self).__name__} has to define begin(self, rows)")

    def advance(self, actions: npt.NDArray[Any]) -> tuple[Rewards, Mask]:
        """Moves all rows one step on; returns rewards float64 [num_envs] and terminated bool [num_envs], both new.

        Rows that wait for a reset are moved along, and what becomes of them is thrown away; the dice let them rest.
        """
        raise NotImplementedError(f"{type(self).__name__} has to define advance(self, actions)")

    def observe(self) -> Any:
        """The observations of all rows, in new arrays."""
        raise NotImplementedError(f"{type(self).__name__} has to define observe(self)")

    def info(self) -> Infos:
        """What else is told: {key: new array [num_envs, ...]}."""
        return {}

    def painter(self) -> DrawnEnv[Any, Any]:
        """A single environment of the same kind, made with render_mode="rgb_array", that draws the pictures."""
        raise NotImplementedError(f"{type(self).__name__} is to be rendered: define painter(self) and pose(self, ...)")

    def pose(self, painter: Any, row: int) -> None:
        """Brings the painter into the state of a row."""
        raise NotImplementedError(f"{type(self).__name__} is to be rendered: define pose(self, painter, row)")

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, Infos]:
        """Begins new episodes, in all rows or in those of `options["reset_mask"]`, bool [num_envs].

        Args:
          seed: row i gets `seed + i`; or one for each row. Without one a row's stream goes on.
        """
        chosen = _reset_mask(options, self.num_envs)
        if chosen is not None and not self._begun:
            raise ResetNeeded(f"{type(self).__name__}: the first reset is one of all rows; leave reset_mask out")
        rows = np.arange(self.num_envs) if chosen is None else np.flatnonzero(chosen)
        seeds = seeds_of(seed, self.num_envs)
        for row in rows.tolist():
            if (own := seeds[row]) is not None:
                self.dice.seed(row, own)
        self._begin(rows)
        self._begun = True
        return self.observe(), _masked(self.info(), np.ones(self.num_envs, bool) if chosen is None else chosen)

    def step(self, actions: Any) -> tuple[Any, Rewards, Mask, Mask, Infos]:
        """Takes one action in every row; see Gymnasium's `VectorEnv.step`."""
        if not self._begun:
            raise ResetNeeded(f"{type(self).__name__}.step was called before reset: call envs.reset(seed=0) first")
        resting = self.ended if self.ended.any() else None
        if resting is not None and self.autoreset_mode is AutoresetMode.DISABLED:
            raise ResetNeeded(
                f"{type(self).__name__}.step: row {int(resting.argmax())} is over, and nothing resets it in this mode; "
                'call envs.reset(options={"reset_mask": terminated | truncated})'
            )
        self.dice.resting = resting
        rewards, terminated = self.advance(self._checked(actions, resting))
        self.dice.resting = None
        self.steps += 1
        if self.max_episode_steps is None:
            truncated = np.zeros(self.num_envs, bool)
        else:
            truncated = self.steps >= self.max_episode_steps
        if resting is not None:
            rewards[resting], terminated[resting], truncated[resting] = 0.0, False, False
            self._begin(np.flatnonzero(resting))
        ended = terminated | truncated
        infos: Infos = {}
        if self.autoreset_mode is not AutoresetMode.SAME_STEP:
            self.ended = ended
        elif ended.any():
            rows = np.flatnonzero(ended)
            infos["final_obs"], infos["_final_obs"] = self._rows_of(self.observe(), rows), ended
            infos["final_info"], infos["_final_info"] = _masked(self.info(), ended), ended.copy()
            self._begin(rows)
        infos |= _masked(self.info(), np.ones(self.num_envs, bool))
        return self.observe(), rewards, terminated, truncated, infos

    def render(self) -> tuple[Any, ...] | None:
        """A frame of each row, uint8 [height, width, 3]."""
        if self.render_mode is None:
            gymnasium.logger.warn(
                f"render() of {type(self).__name__} shows nothing, as it was made with render_mode=None; "
                "make it with render_mode='rgb_array'"
            )
            return None
        if self._painter is None:
            self._painter = self.painter()
        frames = []
        for row in range(self.num_envs):
            self.pose(self._painter, row)
            frames.append(self._painter.render())
        return tuple(frames)

    def close_extras(self, **kwargs: Any) -> None:  # noqa: ARG002 - Gymnasium's signature
        if self._painter is not None:
            self._painter.close()
            self._painter = None

    def accepts(self, actions: npt.NDArray[Any]) -> bool:
        """Whether these are actions for all rows; floats of any precision are, where they are within a Box."""
        single, many = self.single_action_space, self.action_space
        if isinstance(single, spaces.Discrete):
            if actions.shape != (self.num_envs,) or actions.dtype.kind not in "iu":
                return False
            return bool(actions.min() >= single.start and actions.max() < single.start + single.n)
        if isinstance(many, spaces.Box):
            if actions.shape != many.shape or actions.dtype.kind not in "iuf":
                return False
            return bool(((actions >= many.low) & (actions <= many.high)).all())
        return bool(many.contains(actions))

    def get_rows(self) -> dict[str, npt.NDArray[Any]]:
        """{name: copy of the array} of all that the rows' episodes depend on but chance."""
        return {name: getattr(self, name).copy() for name in (*self.fields, *CLOCK)}

    def set_rows(self, rows: Mapping[str, npt.NDArray[Any]]) -> None:
        """Goes back to what `get_rows` returned."""
        for name in (*self.fields, *CLOCK):
            getattr(self, name)[...] = rows[name]
        self._begun = True

    def get_state(self) -> dict[str, Any]:
        """All that the coming answers depend on, chance included, as `envkit.authoring.state` has it of single ones."""
        return {"rows": self.get_rows(), "dice": self.dice.get_state()}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Goes back to what `get_state` returned, of this batch or of one that was made with the same arguments.

        Raises:
          ValueError: it is none.
        """
        is_state = isinstance(state, Mapping) and set(state) == {"rows", "dice"}
        sizes = {name: len(array) for name, array in state["rows"].items()} if is_state else {}
        if sizes != dict.fromkeys((*self.fields, *CLOCK), self.num_envs):
            raise ValueError(
                f"set_state of {type(self).__name__} was given {show(state)}, no state of {self.num_envs} rows like "
                "its own; give it what get_state returned"
            )
        self.set_rows(state["rows"])
        self.dice.set_state(state["dice"])

    def _begin(self, rows: Rows) -> None:
        self.begin(rows)
        self.steps[rows] = 0
        self.ended[rows] = False

    def _checked(self, actions: Any, resting: Mask | None) -> npt.NDArray[Any]:
        """The actions as an array; those of rows that wait for a reset do not count.

        Raises:
          InvalidAction: with the first row whose action is none.
        """
        given = np.asarray(actions)
        if self.accepts(given):
            return given
        if given.shape == self.action_space.shape and given.dtype.kind in "iuf":
            if resting is not None:
                given = given.copy()
                given[resting] = self.single_action_space.sample()
                if self.accepts(given):
                    return given
            wrong = (row for row, action in enumerate(given) if not self.single_action_space.contains(action))
            row = next(wrong, 0)
            raise InvalidAction(
                f"step of {type(self).__name__}: the action of row {row} is {show(given[row])}, which is not in "
                f"{self.single_action_space}"
            )
        raise InvalidAction(
            f"step of {type(self).__name__} takes an array of {self.num_envs} actions, each of "
            f"{self.single_action_space}, not {show(actions)}; envs.action_space.sample() is one"
        )

    def _rows_of(self, observations: Any, rows: Rows) -> npt.NDArray[Any]:
        """object [num_envs]: the observations of these rows, each by itself, and None elsewhere."""
        found = np.full(self.num_envs, None, object)
        if isinstance(observations, np.ndarray):
            picked: Any = observations[rows]
        else:
            each = list(iterate(self.observation_space, observations))
            picked = [each[row] for row in rows]
        for row, observation in zip(rows.tolist(), picked, strict=True):
            found[row] = observation
        return found


class BatchOf(BatchEnv):
    """A batch of a kind of environment of which there is a class for one, too.

    `single` is that class. `self.one` is one of them, made with the same arguments: it has the spaces and the settings,
    and is never played. A single environment draws the pictures; `pose` is left to be written.

    Args:
      num_envs, max_episode_steps, render_mode, autoreset_mode: as of `BatchEnv`.
      arguments: those of the single environment.
    """

    single: ClassVar[Callable[..., Any]]

    def __init__(
        self,
        num_envs: int = 1,
        *,
        max_episode_steps: int | None = None,
        render_mode: str | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        **arguments: Any,
    ):
        self.arguments, self.one = arguments, type(self).single(**arguments)
        self.metadata = self.one.metadata
        super().__init__(
            self.one.observation_space,
            self.one.action_space,
            num_envs,
            max_episode_steps=max_episode_steps,
            render_mode=render_mode,
            autoreset_mode=autoreset_mode,
            length=self.own_limit,
        )

    @property
    def own_limit(self) -> int | None:
        """Steps after which the single environment itself truncates an episode; None where it does not."""
        return None

    def painter(self) -> DrawnEnv[Any, Any]:
        painter: DrawnEnv[Any, Any] = type(self).single(render_mode="rgb_array", **self.arguments)
        return painter


def _masked(info: Infos, mask: Mask) -> Infos:
    """Each key with the mask of the rows that it is told of, as Gymnasium writes it."""
    return {key: part for name, array in info.items() for key, part in ((name, array), (f"_{name}", mask.copy()))}


def _mode(given: AutoresetMode | str) -> AutoresetMode:
    try:
        return AutoresetMode(given)
    except ValueError:
        known = ", ".join(repr(mode.value) for mode in AutoresetMode)
        raise ValueError(f"autoreset_mode is {show(given)}, not one of {known}") from None


def _reset_mask(options: dict[str, Any] | None, size: int) -> Mask | None:
    if not options or "reset_mask" not in options:
        return None
    mask = options["reset_mask"]
    if not isinstance(mask, np.ndarray) or mask.shape != (size,) or mask.dtype != bool or not mask.any():
        raise ValueError(
            f'options["reset_mask"] is {show(mask)}, not an array of {size} booleans of which one at least is True'
        )
    return mask
