"""A game as a state machine: steps, undo, episodes, and what keys and time do to it; no window and no terminal."""

import copy
import random

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from envkit.core.codec import encode
from envkit.core.errors import EnvironmentFailed
from envkit.core.policy import RandomPolicy, TablePolicy
from envkit.core.ref import EnvRef
from envkit.workflows.playing.controls import Controls
from envkit.workflows.playing.panel import panel
from envkit.workflows.playing.propose import key_map
from envkit.workflows.playing.session import LEFT, LIMIT, TERMINATED, Score, Session
from envkit.workflows.playing.undo import way_back
from envkit.workflows.replay import replay
from envkit.workflows.scribe import Scribe


class Dice(gymnasium.Env):
    """Walk right to place 9; the dice say how far. Generators wherever people keep them."""

    metadata = {"render_modes": []}  # noqa: RUF012
    action_names = ("left", "stay", "right")

    def __init__(self, render_mode=None):
        self.render_mode = render_mode
        self.observation_space = spaces.Box(-100, 100, (2,), np.float64)
        self.action_space = spaces.Discrete(3)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.own = random.Random(seed)
        self.place = np.zeros(2)
        return self.place.copy(), {}

    def step(self, action):
        if action == 2 and self.place[0] < -50:
            raise ValueError("fell off")
        throw = int(self.np_random.integers(1, 4)) + self.own.random() / 8
        self.place += (throw * (int(action) - 1), throw)
        return self.place.copy(), -throw, bool(self.place[0] >= 9), False, {}


class Stateful(Dice):
    """Keeps its place where no copy would find it."""

    kept = {}  # noqa: RUF012

    def get_state(self):
        return {"place": self.place, "own": self.own.getstate()}

    def set_state(self, state):
        self.place = state["place"]
        self.own.setstate(state["own"])

    def __deepcopy__(self, memo):
        raise TypeError("no copies")


class Uncopied(Dice):
    def __deepcopy__(self, memo):
        raise TypeError("no copies")


class Unrepeatable(Uncopied):
    def step(self, action):
        observation, *rest = super().step(action)
        return observation + random.SystemRandom().random(), *rest


class Forgetful(Dice):
    """Its copies forget the generator, so they are not to be trusted."""

    def __deepcopy__(self, memo):
        made = type(self)()
        made.place, made.own = self.place.copy(), random.Random(5)
        made._np_random = copy.deepcopy(self._np_random)
        return made


def session(kind=Dice, *, seed=0, undo=True, **settings):
    scribe = Scribe(kind(), kind.__name__)
    way, why = way_back(scribe, kind, seed=seed)
    made = Session(scribe, seed=seed, way=way if undo else None, **settings)
    made.way_name, made.why = way.name if way else None, why
    return made


def controls(kind=Dice, *, keys="", session_of=None, **settings):
    made = session_of or session(kind)
    return Controls(made, key_map(made.scribe.env, made.scribe.name, keys), **settings)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (Stateful, "get_state() and set_state()"),
        (Dice, "deep copies"),
        (Uncopied, "the same actions again from the seed"),
        (Forgetful, "the same actions again from the seed"),
        (Unrepeatable, None),
    ],
)
def test_the_way_back_is_the_first_that_proves_faithful(kind, name):
    made = session(kind)
    assert made.way_name == name
    assert bool(made.why) == (name is None)


@pytest.mark.parametrize("kind", [Stateful, Dice, Uncopied])
def test_what_is_undone_never_was(kind):
    """The same actions afterwards, chance included, and a transcript that a fresh instance plays again."""
    straight, wandering = session(kind, seed=3), session(kind, seed=3)
    for action in (2, 2, 0, 2):
        straight.act(action, player="person")
    for action in (2, 1):
        wandering.act(action, player="person")
    assert wandering.undo() == ""
    for action in (2, 0, 0, 0):
        wandering.act(action, player="person")
    assert [wandering.undo(), wandering.undo()] == ["", ""]
    assert wandering.now.steps == 3
    wandering.act(2, player="person")
    assert encode(wandering.now.observation) == encode(straight.now.observation)
    assert (wandering.now.score, wandering.now.steps) == (straight.now.score, 4)
    again = replay(wandering.scribe.transcript(EnvRef.of(kind)))
    assert (again.same, again.steps) == (True, 4)


@pytest.mark.parametrize("id", ["CartPole-v1", "FrozenLake-v1", "Acrobot-v1", "MountainCarContinuous-v0", "gridworld"])
def test_undo_works_on_environments_that_draw(id, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    ref = EnvRef.of(id)
    make = lambda: ref.make(render_mode="rgb_array")  # noqa: E731
    scribe = Scribe(make(), id)
    way, why = way_back(scribe, make, seed=0)
    assert why == ""
    made = Session(scribe, way=way)
    actor = RandomPolicy(scribe.env.action_space).start(np.random.default_rng(0))
    frames = []
    for _ in range(5):
        frames.append(scribe.env.render())
        made.act(actor.act(None, {}), player="person")
    for before in reversed(frames):
        assert made.undo() == ""
        assert np.array_equal(scribe.env.render(), before)
    assert made.undo() == "there is no step to undo"
    way.close()
    scribe.env.close()


def test_undo_takes_back_the_end_and_the_time_limit():
    limited = session(max_steps=2)
    limited.act(1, player="person")
    limited.act(1, player="person")
    assert (limited.now.ended, limited.act(1, player="person")) == (LIMIT, False)
    assert limited.undo() == ""
    assert limited.now.ended == ""
    env = EnvRef.of("FrozenLake-v1", max_episode_steps=3, is_slippery=False)
    scribe = Scribe(env.make(), "lake")
    way, _ = way_back(scribe, env.make, seed=0)
    lake = Session(scribe, way=way)
    for _ in range(3):
        lake.act(0, player="person")
    assert lake.now.ended == "truncated"
    lake.undo()
    lake.undo()
    lake.act(0, player="person")
    assert (lake.now.steps, lake.now.ended) == (2, "")


def test_where_the_same_actions_lead_elsewhere_the_game_stays_as_it_is():
    made = session(Uncopied)
    for action in (2, 0):
        made.act(action, player="person")
    made.scribe.moves[0] = made.scribe.moves[1]  # as if it had answered otherwise
    before = made.now
    assert made.undo().startswith("undo failed, the same actions came out otherwise: observation")
    assert made.now is before
    made.act(1, player="person")
    assert made.now.steps == 3
    assert session(undo=False).undo() == "undo is not possible here"


def test_episodes_have_seeds_of_their_own_and_scores():
    made = session(Dice, seed=5, episodes=2)
    while not made.now.ended:
        made.act(2, player="person")
    first = made.now
    assert first.ended == TERMINATED
    assert not made.over
    assert made.restart()
    assert (made.now.number, made.now.seed, made.now.steps, made.can_undo) == (1, 6, 0, False)
    made.act(0, player="person")
    assert made.finish() == [
        Score(0, 5, first.score, first.steps, TERMINATED),
        Score(1, 6, made.now.score, 1, LEFT),
    ]
    assert made.finish() == made.finish()
    while not made.now.ended:
        made.act(2, player="person")
    assert made.over
    assert not made.restart()


def test_an_episode_that_fails_is_told_with_its_place_and_kept():
    made = session(undo=False)
    made.act(0, player="person")
    made.scribe.env.place[:] = -99
    with pytest.raises(EnvironmentFailed, match=r"step\(2\) of Dice, episode 0, step 1, raised ValueError: fell off"):
        made.act(2, player="person")
    assert made.scribe.transcript(EnvRef.of(Dice)).steps == 1


def test_a_policy_looks_on_and_its_clock_is_right_when_it_takes_over():
    clocked = TablePolicy(np.array([[0], [1], [2]]), state_of=lambda observation: 0)
    made = session(policy=clocked)
    seen = []
    for _ in range(3):
        seen.append(made.now.advice)
        made.act(1, player="person")
    made.undo()
    made.undo()
    assert (seen, made.now.advice) == ([0, 1, 2], 1)


def test_a_policy_that_cannot_act_is_told():
    broken = TablePolicy(np.array([0]), state_of=lambda observation: {}["no"])
    with pytest.raises(EnvironmentFailed, match="the policy cannot act upon the observation"):
        session(policy=broken)


def test_turn_by_turn_a_key_is_a_step():
    game = controls()
    for key in ("right", "d", "x"):
        game.press(key)
        game.release(key)
    assert (game.session.now.steps, game.session.now.action) == (2, 2)
    assert not game.ticking
    game.press("right")
    game.press("right")  # held, and repeating
    assert game.session.now.steps == 4
    game.press("u")
    assert (game.session.now.steps, game.note) == (3, "")


def test_in_real_time_held_keys_act_and_nothing_is_done_without_them():
    game = controls(real_time=True, fps=20)
    assert game.ticking  # there is an action that does nothing
    assert game.pause == pytest.approx(0.05)
    game.press("right")
    game.tick()
    game.press("left")
    game.tick()
    game.release("left")
    game.tick()
    game.let_go()
    game.tick()
    assert [move.action for move in game.session.scribe.moves] == [2, 0, 2, 1]


def test_a_tap_between_two_ticks_is_not_lost():
    game = controls(real_time=True)
    game.press("right")
    game.release("right")
    game.tick()
    game.tick()
    assert [move.action for move in game.session.scribe.moves] == [2, 1]


def test_where_every_action_does_something_time_waits_for_a_key_and_the_last_one_goes_on():
    cart = EnvRef.of("CartPole-v1")
    scribe = Scribe(cart.make(), "cart")
    game = controls(session_of=Session(scribe), real_time=True, fps=50)
    assert not game.ticking
    assert panel(game).state == "press a key to begin"
    game.press("right")
    assert game.ticking
    game.tick()
    game.release("right")
    game.tick()
    assert [move.action for move in scribe.moves] == [1, 1]
    game.press("r")
    assert not game.ticking


def test_pause_single_steps_and_speed():
    game = controls(real_time=True, fps=10)
    game.press("p")
    assert (game.ticking, panel(game).state) == (False, "paused: p goes on")
    game.press(".")
    game.press(".")
    assert game.session.now.steps == 2
    for _ in range(3):
        game.release("-")
        game.press("-")
    assert (game.speed, game.pause) == (0.1, 1.0)
    for _ in range(9):
        game.release("=")
        game.press("=")
    assert game.speed == 8
    game.press("p")  # the same press still: it has never gone up
    assert game.paused
    game.release("p")
    game.press("p")
    assert game.ticking


def test_undo_in_real_time_pauses():
    game = controls(real_time=True)
    game.tick()
    game.tick()
    game.press("u")
    assert (game.session.now.steps, game.paused) == (1, True)


def test_the_end_waits_for_the_next_episode():
    game = controls(session_of=session(max_steps=1, episodes=2))
    game.press("right")
    assert panel(game).state == "stopped by --max-steps; r begins the next one"
    game.press("left")
    assert (game.session.now.steps, game.note) == (1, "r begins the next episode, Esc ends")
    game.press("enter")
    assert game.session.now.number == 1
    game.release("right")
    game.press("right")
    assert panel(game).state == "stopped by --max-steps; Esc ends"
    assert not game.quit
    game.release("enter")
    game.press("enter")
    assert game.quit


def test_a_policy_plays_by_the_clock_until_a_key_is_pressed_and_tab_hands_back():
    made = session(policy=TablePolicy(np.array([2]), state_of=lambda observation: 0), episodes=2)
    game = controls(session_of=made, policy="random", policy_plays=True, fps=4)
    assert game.ticking
    game.tick()
    game.press("left")
    assert not game.ticking
    assert [move.action for move in made.scribe.moves] == [2, 0]
    assert ("it would", "right") in panel(game).facts
    game.press("tab")
    while not made.now.ended:
        game.tick()
    assert made.scribe.present.player == "random and person"
    assert game.pause > 1  # the end is seen for a while
    game.tick()
    assert made.now.number == 1
    while not game.quit:
        game.tick()
    assert [score.ended for score in made.finish()] == [TERMINATED, TERMINATED]
    alone = controls()
    alone.press("tab")
    assert alone.note == "there is no policy to hand over to: --policy RUN"


def of(id):
    scribe = Scribe(EnvRef.of(id).make(), id)
    return scribe, Session(scribe)


def test_an_action_with_several_entries_is_put_together_and_played_with_enter():
    scribe, made = of("crane")
    game = controls(session_of=made)
    assert game.draft == [1, 1, 0]
    for key in ("up", "left", "left", "c"):  # left again takes it back
        game.press(key)
    assert ("next", "[0 1 1]") in panel(game).facts
    game.press("enter")
    assert scribe.moves[0].action.tolist() == [0, 1, 1]
    assert game.draft == [1, 1, 1]  # what has a rest goes back to it, and the hook stays
    game.press("backspace")
    assert game.draft == [1, 1, 0]


def test_numbers_are_changed_by_tenths_turn_by_turn_and_held_in_real_time():
    scribe, made = of("mooring")
    game = controls(session_of=made)
    for key in ("right", "right", "up"):
        game.press(key)
    game.press("enter")
    assert scribe.moves[0].action.tolist() == pytest.approx([0.4, 0.2])
    scribe, made = of("mooring")
    game = controls(session_of=made, real_time=True)
    game.press("right")
    game.press("down")
    game.tick()
    assert scribe.moves[0].action.tolist() == [1, -1]


def test_a_toggle_is_held_in_real_time_and_taken_back_turn_by_turn():
    scribe, made = of("whack")
    game = controls(session_of=made)
    for key in ("0", "3", "0"):
        game.press(key)
    game.press("enter")
    assert scribe.moves[0].action.tolist() == [0, 0, 0, 1, 0]
    assert game.draft == [0] * 5


def test_the_panel_says_it_all():
    game = controls(session_of=session(max_steps=7, episodes=3, seed=2), why_no_undo="it forgets")
    game.press("right")
    told = panel(game)
    facts = dict(told.facts)
    assert (facts["step"], facts["episode"], facts["seed"], facts["action"]) == ("1 of 7", "0 of 3", "2", "right")
    assert float(facts["score"]) == pytest.approx(game.session.now.score, rel=1e-4)
    assert told.keys == (("left or a", "left"), ("space", "stay"), ("right or d", "right"))
    assert dict(told.controls)["u"] == "no undo here"
    assert "tab" not in dict(told.controls)


def test_a_flood_of_keys_is_survived():
    game = controls(session_of=session(policy=RandomPolicy(spaces.Discrete(3))), policy="random")
    keys = ["left", "right", "u", "r", "p", ".", "+", "-", "tab", "h", "enter", "backspace", "é", "\x00", "unknown"]
    draw = random.Random(0)
    for _ in range(3000):
        key = draw.choice(keys)
        (game.press if draw.random() < 0.7 else game.release)(key)
        if game.ticking:
            game.tick()
    assert not game.quit
    assert replay(game.session.scribe.transcript(EnvRef.of(Dice))).same
