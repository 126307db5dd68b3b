"""An Atari game as learners have seen it since Mnih et al. (2015): the last four grey pictures of 84 x 84.

An action lasts four frames, of the last two of which each pixel is the brighter one; an episode begins with up to 30
frames of no action; and where a game waits for FIRE, the first action of each life is FIRE, whatever was chosen, so
that a policy that never fires does not wait until the time is over. Scores stay as the game pays them, and an episode
is a whole game: `--wrap life-ends --wrap clip-rewards` show a learner shorter ones and smaller rewards.

Ids that skip frames themselves are made without, so no frame is skipped twice; sticky actions stay as the id has them:
0.25 in ALE/Breakout-v5, 0 in BreakoutNoFrameskip-v4. With `--batch` the games are played by ale-py's own threads, by
the same rules.

Source: Mnih et al. 2015, "Human-level control through deep reinforcement learning"; Machado et al. 2018 on sticky
actions.
"""

from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.envs.registration import EnvSpec
from gymnasium.vector import AutoresetMode, VectorEnv, VectorWrapper
from gymnasium.wrappers import AtariPreprocessing, FrameStackObservation

from envkit.authoring.wrapping import Batch, Env, Wrapping, nothing
from envkit.core.errors import UsageError
from envkit.core.optional import need
from envkit.core.show import show

FRAMES, STACKED, SIZE, IDLE = 4, 4, 84, 30
FIRE, NOOP = "FIRE", "NOOP"
TAKEN = (  # what both AtariEnv and AtariVectorEnv take
    "game", "repeat_action_probability", "full_action_space", "max_num_frames_per_episode", "continuous",
    "continuous_action_threshold",
)  # fmt: skip
ELSE = ("frameskip", "render_mode")  # what a batch has no use for


class FireFirst(gymnasium.Wrapper[Any, Any, Any, Any]):
    """The first action of each life is FIRE, whose number is `fire`."""

    def __init__(self, env: Env, fire: int):
        super().__init__(env)
        self.fire = fire
        self.lives = 0
        self.begins = True

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        observation, info = super().reset(seed=seed, options=options)
        self.lives, self.begins = int(info["lives"]), True
        return observation, info

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        result = self.env.step(self.fire if self.begins else action)
        lives = int(result[4]["lives"])
        self.begins, self.lives = lives < self.lives, lives
        return result


class Games(VectorWrapper):
    """Likewise in each row of ale-py's batch, where `fire` is a number; and it takes any seed."""

    hands_out_copies = True  # its engine writes each step's pictures to an array of their own

    def __init__(self, env: VectorEnv[Any, Any, Any], fire: int | None):
        super().__init__(env)
        self.fire = fire
        self.lives = np.zeros(env.num_envs, np.int64)
        self.begins = np.ones(env.num_envs, bool)

    def reset(self, *, seed: Any = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        these = (options or {}).get("reset_mask", np.ones(self.num_envs, bool))
        if seed is not None:  # its engine knows 31 bits
            rows = np.arange(seed, seed + these.sum()) if isinstance(seed, int) else np.asarray(seed)
            seed = rows % np.iinfo(np.int32).max
        observations, infos = self.env.reset(seed=seed, options=options)
        self.lives, self.begins = np.array(infos["lives"], np.int64), self.begins | these
        return observations, infos

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        result = self.env.step(actions if self.fire is None else np.where(self.begins, self.fire, actions))
        lives = np.array(result[4]["lives"], np.int64)
        self.begins, self.lives = (lives < self.lives) | result[2] | result[3], lives
        return result


def make(env: Env, _: None) -> Env:
    core: Any = env.unwrapped
    space = env.observation_space
    if not hasattr(core, "ale"):
        raise UsageError(
            "atari takes a game of ale-py, such as ALE/Breakout-v5; resize, grey and stack take any picture"
        )
    if not isinstance(space, spaces.Box) or len(space.shape) < 2:
        raise UsageError(f"atari takes pictures, and the observation is {show(space)}; leave obs_type out")
    if core._frameskip != 1:
        raise UsageError(
            f"atari lets an action last {FRAMES} frames, and {_id(env.spec)} skips {core._frameskip} by itself, so "
            f"that no action lasts {FRAMES}: take {_plain(env.spec)}, and leave frameskip out"
        )
    need("cv2", extra="atari", purpose="atari")
    names = core.get_action_meanings()
    idle = IDLE if names[0] == NOOP else 0  # two games have no way to do nothing
    seen: Env = AtariPreprocessing(env, noop_max=idle, frame_skip=FRAMES, screen_size=SIZE)
    seen = FireFirst(seen, names.index(FIRE)) if FIRE in names else seen
    return FrameStackObservation(seen, STACKED, padding_type="zero")


def wants(spec: EnvSpec, kwargs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Single frames, where the id skips a known number of them, and nobody asks for another."""
    known = isinstance(spec.kwargs.get("frameskip"), int)
    return {"frameskip": 1} if known and "frameskip" not in kwargs else {}


def refusal(spec: EnvSpec, kwargs: Mapping[str, Any], _: None) -> str:
    """Why ale-py's own batch cannot play these games; empty where it can."""
    asked = {**spec.kwargs, **kwargs}
    if "game" not in asked or not isinstance(asked.get("frameskip"), int):
        return f"ale-py's batch plays games that skip a known number of frames by themselves, and {spec.id} is none"
    if kwargs.get("frameskip", 1) != 1:
        return f"atari lets an action last {FRAMES} frames: leave frameskip out"
    return next((f"ale-py's batch takes no {name}" for name in asked if name not in (*TAKEN, *ELSE)), "")


def batch(spec: EnvSpec, kwargs: Mapping[str, Any], _: None, count: int) -> VectorEnv[Any, Any, Any]:
    """So many games in ale-py's own threads, each by the rules of `make`."""
    from ale_py.vector_env import AtariVectorEnv

    asked = {**spec.kwargs, **kwargs}
    games = AtariVectorEnv(
        num_envs=count, autoreset_mode=AutoresetMode.SAME_STEP, img_height=SIZE, img_width=SIZE, stack_num=STACKED,
        frameskip=FRAMES, noop_max=IDLE, reward_clipping=False, use_fire_reset=False,
        **{name: asked[name] for name in TAKEN if name in asked},
    )  # fmt: skip
    names = [action.name for action in games.ale.get_action_set()]
    return Games(games, names.index(FIRE) if FIRE in names else None)


def _id(spec: EnvSpec | None) -> str:
    return spec.id if spec else "it"


def _plain(spec: EnvSpec | None) -> str:
    """An id of the same game that skips nothing by itself, or a known number."""
    game = str(spec.kwargs.get("game", "breakout")) if spec else "breakout"
    return f"ALE/{''.join(part.capitalize() for part in game.split('_'))}-v5"


WRAPPER = Wrapping(
    "atari", "an Atari game as learners know it: 4 grey pictures of 84x84", "", "", nothing,
    make, wants=wants, batch=Batch(refusal, batch),
)  # fmt: skip
