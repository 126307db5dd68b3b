"""A record is repeated by the program it writes."""

import numpy as np

from envkit.core.trace import Call, Trace, literal, program

MAKE = Call("make", {"target": "CartPole-v1"})


def reset(seed):
    return Call("reset", {"seed": seed}, copy=(0, {}))


def step(action, terminated=False):
    return Call("step", {"action": action}, copy=(0, 1.0, terminated, False, {}))


def test_a_short_episode_is_written_out():
    assert program([MAKE, reset(3), step(0), step(1)]) == (
        "import envkit\n\nenv = envkit.make('CartPole-v1')\nenv.reset(seed=3)\nenv.step(0)\nprint(env.step(1))"
    )


def test_a_long_run_becomes_a_loop_and_the_last_step_stands_alone():
    held = program([MAKE, reset(3), *[step(1)] * 9])
    assert held.endswith("for _ in range(8):\n    env.step(1)\nprint(env.step(1))")
    mixed = program([MAKE, reset(3), *[step(a) for a in (0, 1, 0, 1, 1)]])
    assert mixed.endswith("for action in [0, 1, 0, 1]:\n    env.step(action)\nprint(env.step(1))")


def test_only_the_last_step_of_all_is_printed():
    assert program([MAKE, reset(1), step(0), reset(2), step(1)]).count("print") == 1


def test_what_was_before_a_seeded_reset_is_left_out_unless_it_matters():
    trace = Trace("", (MAKE, reset(1), step(0), reset(2), step(1)))
    assert "seed=1" not in trace.program()
    assert "seed=1" in trace.program(whole=True)
    unseeded = Trace("", (MAKE, reset(1), step(0), reset(None), step(1)))
    assert "seed=1" in unseeded.program()


def test_arrays_bring_numpy_along():
    text = program([MAKE, reset(1), step(np.float32([0.5]))])
    assert "import numpy as np" in text
    assert "np.array([0.5], np.float32)" in text


def test_a_literal_makes_the_value_again():
    values = [
        3,
        np.int64(3),
        np.int8(-1),
        0.5,
        "a",
        None,
        (1,),
        {"a": [np.float32(0.25), (2, True)]},
        np.zeros((2, 1), np.int8),
    ]
    for value in values:
        again = eval(literal(value), {"np": np})
        np.testing.assert_equal(again, value)


def test_places_count_steps_since_the_reset_and_episodes():
    trace = Trace("", (MAKE, reset(1), step(0), step(0), reset(2), step(1)))
    assert trace.place(3) == "step(0), step 2 of episode 1"
    assert trace.place(5) == "step(1), step 1 of episode 2"
    assert trace.place(4) == "reset(seed=2)"
    assert [(s.episode, s.number) for s in trace.steps] == [(1, 1), (1, 2), (2, 1)]
