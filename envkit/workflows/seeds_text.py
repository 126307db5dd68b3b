"""What `envkit solve --seeds` says on a terminal."""

from envkit.core.show import count
from envkit.workflows.seeds import Seeds
from envkit.workflows.solved_text import sparkline
from envkit.workflows.tables import laid_out, short


def text(found: Seeds, *, ascii_only: bool = False) -> str:
    """The whole report, without a newline at its end."""
    first, low, high = found.records[0], *found.interval
    numbers = [record["seed"] for record in found.records]
    steps = sum(record["steps"] for record in found.records)
    seconds = sum(record["seconds"] for record in found.records)
    seeds = f"seeds {numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else f"seed {numbers[0]}"
    head = f"{first['env']}  {first['algo']}  {seeds}: {steps:,} steps, {seconds:.2f} s of work"
    what = "exact return" if found.is_exact else "mean return"
    rows = [(what, short(found.iqm), f"interquartile mean of {count(len(numbers), 'seed')}"),
            ("", f"{short(low)} to {short(high)}", "its 95 % interval")]  # fmt: skip
    if found.optimal_return is not None:
        rows.append(("exact optimum", short(found.optimal_return), "over all policies"))
        rows.append(("gap", short(found.optimal_return - found.iqm), "optimum less interquartile mean"))
    else:
        rows.append(("optimum", "unknown", "the environment has no finite model"))
    if found.solved is not None:
        rows.append(("optimal", f"{found.solved} of {len(numbers)}", "seeds whose policy nothing can better"))
    strip = sparkline(sorted(found.returns), top=found.optimal_return, ascii_only=ascii_only)
    worst, best = short(min(found.returns)), short(max(found.returns))
    rows.append(("seeds", strip, f"worst {worst}, best {best}; a full bar is the {_full(found)}"))
    end = [f"  note: {note}" for note in found.notes]
    end += [f"  artifacts: {found.run_dir}"] if found.run_dir else []
    return "\n".join([head, "", laid_out(rows), *([""] if end else []), *end])


def _full(found: Seeds) -> str:
    return "best of them" if found.optimal_return is None else "optimum"
