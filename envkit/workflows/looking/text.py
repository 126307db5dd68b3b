"""What `envkit show` and `envkit advise` print: texts, each with a style for the terminal, within 80 columns."""

import shlex
import statistics
import textwrap
from collections.abc import Iterable, Sequence
from itertools import groupby

from gymnasium import spaces

from envkit.core.show import count, number, show
from envkit.workflows.cards import BULLET
from envkit.workflows.looking.advice import MANY, ONE, WAYS, Advice, Answer
from envkit.workflows.looking.glance import Glance
from envkit.workflows.looking.rows import Row as Entry
from envkit.workflows.looking.rows import Side
from envkit.workflows.looking.trial import CAP, EPISODES, PATIENCE, Trial
from envkit.workflows.spaces import constructor
from envkit.workflows.tables import Row, laid_out, plain, short

WIDTH = 80
MOST_LINES = 6  # of a section of the documentation
PROCESSES = {ONE: "one process", MANY: "many processes"}
NAME, LEAST_NAME = 1, 12  # the column of names, and its least width
LEFT = 15  # columns before a fact
Pieces = list[tuple[str, str]]


def shown(glance: Glance) -> Pieces:
    """All of `envkit show`."""
    pieces = [(glance.env, "bold"), (f"\n  {glance.source}\n\n{laid_out(_facts(glance))}\n", "")]
    pieces += _side("Observation", glance.observation)
    if glance.trial.first is None:
        pieces.append(
            (f"  the first one was not of this space: `{shlex.join(['envkit', 'check', glance.env])}` says more\n", "")
        )
    pieces += _side("Actions", glance.action)
    for title, paragraphs in (("Reward", glance.reward), ("End", glance.end)):
        if paragraphs:
            pieces += _section(title, _cut(paragraphs))
    pieces += _section(f"Random play, seed {glance.trial.seed}", [laid_out(_played(glance.trial))])
    return pieces + _section("Algorithms", _in_short(glance.env, glance.advice))


def advised(env: str, advice: Advice) -> Pieces:
    """All of `envkit advise`."""
    pieces: Pieces = [(f"{env}\n", "bold"), ("".join(f"{line}\n" for line in _begin(advice)), "")]
    for group, members in groupby(advice.answers, key=lambda one: one.group):
        pieces += _section(group, _answers(list(members), advice.missing))
    needed = {way: about for way, about in WAYS.items() if any(way in one.ways for one in advice.answers)}
    if needed:
        pieces += _section("What they need", _listed(list(needed.items())))
    if advice.hints:
        told = [(f"--wrap {name}", why) for name, why in advice.hints]
        pieces += _section("Wrappers that may help", _listed(told))
    if advice.processes:
        pieces += _section("Processes", [_wrapped(advice.processes)])
    return pieces


def _facts(glance: Glance) -> list[Row]:
    spec = glance.spec
    if spec is None:
        return [("registered", "no", ""), *_modes(glance)]
    limit = "none" if spec.max_episode_steps is None else count(spec.max_episode_steps, "step")
    threshold = "not said" if spec.reward_threshold is None else short(float(spec.reward_threshold))
    rows = [("id", spec.id, "")] + ([("newer", glance.newest, "")] if glance.is_old else [])
    rows += [("limit", limit, ""), ("solved from", threshold, "")]
    return rows + _modes(glance)


def _modes(glance: Glance) -> list[Row]:
    pace = f", {number(glance.fps)} frames a second" if glance.fps else ""
    rows = [("renders", (", ".join(glance.render_modes) or "nothing") + pace, "")]
    given = ", ".join(f"{key}={show(value)}" for key, value in {**glance.registered_with, **glance.kwargs}.items())
    return [*rows, ("made with", _cut_off(given, WIDTH - LEFT), "")] if given else rows


def _side(title: str, side: Side) -> Pieces:
    lines = [] if side.is_named else _cut(side.said)
    rows = [(row.place, row.name, *_bounds(row), row.unit, row.once) for row in side.rows]
    titled = any(row.is_number for row in side.rows)
    heads = [("", "", "low", "high", "", "such as" if any(row.once for row in side.rows) else "")] if titled else []
    return _section(f"{title}  {_cut_off(_space(side), WIDTH - len(title) - 2)}", lines + _columns([*heads, *rows]))


def _space(side: Side) -> str:
    space = side.space
    bounds = (space.low, space.high) if isinstance(space, spaces.Box) and space.low.size else ()
    uneven = any((bound != bound.flat[0]).any() for bound in bounds)
    return f"Box {space.shape} {space.dtype}" if uneven else constructor(space)


def _bounds(row: Entry) -> tuple[str, str]:
    if not row.is_number:
        return "", ""
    return "-inf" if row.low is None else f"{row.low:.4g}", "inf" if row.high is None else f"{row.high:.4g}"


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table without its empty columns; bounds are to the right."""
    used = [index for index in range(len(rows[0]) if rows else 0) if any(row[index] for row in rows)]
    widths = {index: max(len(row[index]) for row in rows) for index in used}
    if NAME in widths:
        room = WIDTH - sum(2 + width for index, width in widths.items() if index != NAME) - 2
        widths[NAME] = min(widths[NAME], max(room, LEAST_NAME))
        rows = [(*row[:NAME], _cut_off(row[NAME], widths[NAME]), *row[NAME + 1 :]) for row in rows]
    lines = []
    for row in rows:
        cells = [f"{row[index]:{'>' if index in (2, 3) else '<'}{widths[index]}}" for index in used]
        lines.append(f"  {'  '.join(cells)}".rstrip()[:WIDTH])
    return lines


def _cut_off(name: str, width: int) -> str:
    return name if len(name) <= width else f"{name[: width - 1].rstrip()}…"


def _played(trial: Trial) -> list[Row]:
    if not trial.returns:
        return [("episodes", f"none of {EPISODES} was over within {number(PATIENCE)} seconds", "")]
    rows = [
        ("returns", ", ".join(map(_few, trial.returns)), ""),
        ("mean", _few(statistics.fmean(trial.returns)), ""),
        ("lengths", ", ".join(map(str, trial.lengths)), ""),
    ]
    if trial.cut:
        rows.append(("cut off", f"{trial.cut}, after {CAP:,} steps", ""))
    if trial.stopped:
        rows.append(("episodes", f"{len(trial.returns)} of {EPISODES} were over within {number(PATIENCE)} seconds", ""))
    return rows


def _few(value: float) -> str:
    """Five digits."""
    return plain(float(f"{value:.5g}"))


def _in_short(env: str, advice: Advice) -> list[str]:
    """Each deep learner, and the others by groups, whose members need the same."""
    rows = []
    for group, members in groupby(advice.answers, key=lambda one: one.group):
        found = list(members)
        named = found if found[0].is_deep else [next((one for one in found if not one.refusal), found[0])]
        rows += [(one.name if one.is_deep else group.partition(",")[0].lower(), one.word, "") for one in named]
    return [laid_out(rows), "", *_begin(advice), f"  {shlex.join(['envkit', 'advise', env])} says more"]


def _begin(advice: Advice) -> list[str]:
    """The algorithm to begin with."""
    if not advice.first:
        return [_wrapped(f"no algorithm of the kit takes it: {advice.why}")]
    lines = [_wrapped(f"begin with {advice.first}: {advice.why}")]
    return [*lines, f"  {advice.command}"] if advice.command else lines


def _answers(members: list[Answer], missing: str) -> list[str]:
    """The members of a group, and below them why some cannot."""
    lines = [laid_out([(one.name, one.word, PROCESSES.get(one.processes, "")) for one in members])]
    for why in dict.fromkeys(one.refusal for one in members if one.refusal):
        names = [one.name for one in members if one.refusal == why]
        lines.append(_wrapped(f"{'no' if len(names) == len(members) else ', '.join(names)}: {why}"))
    return [*lines, _wrapped(f"not installed yet: {missing}")] if missing and members[0].is_deep else lines


def _listed(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Names, and texts beside them."""
    width = max(len(name) for name, _ in pairs)
    return [_wrapped(text, first=f"  {name:{width}}  ") for name, text in pairs]


def _section(title: str, lines: Iterable[str]) -> Pieces:
    return [("\n", ""), (title, "bold"), ("\n" + "".join(f"{line}\n" for line in lines), "")]


def _cut(paragraphs: Sequence[str]) -> list[str]:
    """Wrapped, and cut off where they are long."""
    lines = [line for paragraph in paragraphs for line in _wrapped(paragraph).splitlines()]
    if len(lines) <= MOST_LINES:
        return lines
    return [*lines[: MOST_LINES - 1], f"{lines[MOST_LINES - 1][: WIDTH - 2].rpartition(' ')[0]} …"]


def _wrapped(text: str, first: str = "  ") -> str:
    bullet = BULLET.match(text)
    later = " " * (len(first) + (len(bullet[0]) if bullet else 0))
    return textwrap.fill(text, WIDTH, initial_indent=first, subsequent_indent=later, break_on_hyphens=False)
