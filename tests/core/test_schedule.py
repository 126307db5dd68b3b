import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envkit.core.errors import UsageError
from envkit.core.schedule import (
    Share,
    constant,
    exponential,
    hold,
    inverse_time,
    linear,
    parse,
    power,
    schedule,
    value_at,
)


@pytest.mark.parametrize(
    ("text", "at", "values"),
    [
        ("0.1", [0, 1e9], [0.1, 0.1]),
        ("linear(1, 0.2, 4)", [0, 1, 2, 4, 9], [1, 0.8, 0.6, 0.2, 0.2]),
        ("exponential(2, 0.5)", [0, 1, 3], [2, 1, 0.25]),
        ("inverse-time(0.5, 0.25)", [0, 4, 12], [0.5, 0.25, 0.125]),
        ("power(3, 0.5)", [0, 3, 8], [3, 1.5, 1]),
        ("1/n", [0, 1, 9], [1, 0.5, 0.1]),
        ("hold(1, 10) then linear(1, 0, 10)", [0, 9, 10, 15, 20, 99], [1, 1, 1, 0.5, 0, 0]),
        ("linear(0, 1, 2) then hold(5, 1) then exponential(4, 0.5)", [1, 2, 3, 4], [0.5, 5, 4, 2]),
        ("exponential(1, 0.5) floor 0.2", [0, 1, 2, 3], [1, 0.5, 0.25, 0.2]),
        ("EXPONENTIAL( 1 , .5 ) floor .2 by steps", [2, 3], [0.25, 0.2]),
    ],
)
def test_a_text_means_what_it_says(text, at, values):
    assert [parse(text)(t) for t in at] == pytest.approx(values)


def test_shares_are_of_the_whole_course():
    rows = parse("hold(1, 10%) then linear(1, 0, 50%)").rows(200)
    assert [value_at(rows, t) for t in (0, 19, 20, 70, 120, 200)] == pytest.approx([1, 1, 1, 0.5, 0, 0])
    with pytest.raises(UsageError, match=r"linear\(1, 0, 50%\) is a share of all episodes, and nobody knows how many"):
        parse("linear(1, 0, 50%)")(3)


def test_python_says_the_same_as_text():
    made = hold(1.0, 10).then(linear(1.0, 0.1, Share(0.5))).then(power(0.1, 0.6)).at_least(0.01).by("steps")
    assert parse(str(made)) == made
    assert str(made) == "hold(1, 10) then linear(1, 0.1, 50%) then power(0.1, 0.6) floor 0.01 by steps"


MANY = st.floats(0.001, 100).map(lambda x: float(f"{x:.4g}"))
PIECES = st.one_of(
    st.builds(hold, MANY, MANY),
    st.builds(linear, MANY, MANY, MANY),
    *(st.builds(maker, MANY, MANY, MANY) for maker in (exponential, inverse_time, power)),
)


@given(st.lists(PIECES, min_size=1, max_size=4), st.sampled_from(["episodes", "steps", "visits"]))
def test_every_schedule_survives_being_written_down(pieces, unit):
    made = pieces[0]
    for piece in pieces[1:]:
        made = made.then(piece)
    assert parse(str(made.by(unit))) == made.by(unit)


@given(PIECES, st.floats(0, 50))
def test_values_lie_between_the_bounds(piece, t):
    low, high = piece.bounds()
    try:
        value = piece(t)
    except OverflowError:
        assert high == math.inf
    else:
        assert low * (1 - 1e-12) <= value <= high * (1 + 1e-12)


def test_numbers_and_schedules_are_taken_as_they_are():
    assert schedule(0.5) == constant(0.5)
    assert schedule(constant(0.5)).plain == 0.5
    assert schedule("linear(1, 0, 5)").plain == "linear(1, 0, 5)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fast", r"'fast' is no schedule; write a number, linear\(1, 0.05, 5000\)"),
        ("lineal(1, 0, 5)", r"no schedule is called 'lineal'; did you mean 'linear'\?"),
        ("linear(1, 0)", r"linear\(1, 0\) has 2 arguments; write linear\(from, to, how long\)"),
        ("linear(1, 0, x)", r"'x' in linear\(1, 0, x\) is no number"),
        ("linear(1%, 0, 5)", r"'1%' in linear\(1%, 0, 5\) is no number; only how long it lasts can be a share"),
        ("hold(1, 0)", r"'0' in hold\(1, 0\) is how long it lasts, which is above 0"),
        ("1 then 2", r"in the schedule 1 then 2, a piece that never ends is followed by another"),
        ("1 by weeks", r"a schedule goes by episodes, steps or visits, not by 'weeks'"),
        ("", r"'' is no schedule"),
        (True, r"True is neither a number nor a schedule"),
        ([1], r"\[1\] is neither a number nor a schedule"),
    ],
)
def test_a_mistake_is_answered_with_what_can_be_written(text, message):
    with pytest.raises(UsageError, match=message):
        schedule(text)
