"""Whether git could bring back what is about to be replaced."""

import shutil
import subprocess
from pathlib import Path

from envkit.core.errors import UsageError
from envkit.core.show import count, show


def refuse_uncommitted(project: Path) -> None:
    """Says nothing where all is committed, and where there is no git; raises UsageError elsewhere."""
    whole = project.resolve()
    if not any((folder / ".git").exists() for folder in (whole, *whole.parents)):
        return
    anyway = "or add --force"
    git = shutil.which("git")
    if git is None:
        raise UsageError(
            f"{show(str(project))} is under git, but there is no git command to ask whether all is committed; "
            f"install git, {anyway}"
        )
    command = [git, "-C", str(whole), "status", "--porcelain", "-z", "--", "."]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        why = " ".join(done.stderr.split())
        raise UsageError(f"git cannot say whether {show(str(project))} is committed: {show(why)}; mend that, {anyway}")
    changed = [entry[3:] for entry in done.stdout.split("\0") if entry[2:3] == " "]
    if changed:
        raise UsageError(
            f"git has {count(len(changed), 'file')} here with uncommitted changes, {show(changed[0])} first; "
            f"commit or stash them, so that the update can be undone, {anyway}"
        )
