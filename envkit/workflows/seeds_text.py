"""What `envkit solve --seeds` says on a terminal."""

from envkit.core.show import count
from envkit.workflows.seeds import Seeds
from envkit.workflows.solved_text import sparkline
from envkit.workflows.tables import between, laid_out, short, value_text


def text(found: Seeds, *, ascii_only: bool = False) -> str:
    """The whole report, without a newline at its end."""
    first, low, high = found.records[0], *found.interval
    numbers = [record["seed"] for record in found.records]
    steps = sum(record["steps"] for record in found.records)
    seconds = sum(record["seconds"] for record in found.records)
    seeds = f"seeds {numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else f"seed {numbers[0]}"
    head = (
        f"{first['env']}  {first['algo']}  {seeds}: {_episodes(found)}{steps:,} steps in all, {seconds:.2f} s of work"
    )
    what = "exact return" if found.is_exact else "mean return"
    rows = [(what, short(found.iqm), f"interquartile mean of {count(len(numbers), 'seed')}"),
            ("", between(low, high), "its 95 % interval")]  # fmt: skip
    if found.shaped_return is not None:
        rows.append(("shaped return", short(found.shaped_return), "on average, what the wrappers make of the rewards"))
    if found.optimal_return is not None:
        rows.append(("exact optimum", short(found.optimal_return), "over all policies"))
        if found.stationary_return not in (None, found.optimal_return):
            about = "the best known of policies that do not see how much time is left"
            rows.append(("without clock", value_text(found.stationary_return), about))
        rows.append(("gap", short(found.optimal_return - found.iqm), "optimum less interquartile mean"))
    elif found.is_estimated:
        rows.append(("optimum", "unknown", "each seed has estimated a model of its own"))
    else:
        lacks = "the environment has no finite model" if found.records[0]["model"] is None else "the rewards are shaped"
        rows.append(("optimum", "unknown", lacks))
    if found.share is not None:
        about = f"of the way from acting at random, {short(found.random_return or 0.0)}, to the optimum"
        rows.append(("score", f"{100 * found.share:.1f} %", about))
    if found.solved is not None:
        rows.append(
            (
                "optimal",
                f"{found.solved} of {len(numbers)}",
                "seeds with a policy that none without a clock is known to better",
            )
        )
    low_end = min(found.returns) if found.share is None else found.random_return
    strip = sparkline(found.returns, bottom=low_end, top=found.optimal_return, ascii_only=ascii_only)
    worst, best = short(min(found.returns)), short(max(found.returns))
    rows.append(("seeds", strip, f"worst {worst}, best {best}; {_scale(found)}"))
    notes = list(found.notes)
    if found.endless and not found.is_estimated:
        notes.append(f"{found.endless} of the policies may go on for ever; their episodes were cut off")
    end = [f"  note: {note}" for note in notes]
    end += [f"  artifacts: {found.run_dir}"] if found.run_dir else []
    return "\n".join([head, "", laid_out(rows), *([""] if end else []), *end])


def _episodes(found: Seeds) -> str:
    """Learners may differ in how many they have played; planners play none."""
    played = [int(record["episodes"]) for record in found.records]
    least, most = min(played), max(played)
    return f"{least:,}{f' to {most:,}' if least < most else ''} episodes each, " if most else ""


def _scale(found: Seeds) -> str:
    """What the bars stand for."""
    full = "the best of them" if found.optimal_return is None else "the optimum"
    return f"a full bar is {full}, none {'the worst' if found.share is None else 'acting at random'}"
