"""Transcripts as files: written whole or not at all; damaged or foreign ones are refused; nothing in them is run."""

import json
from pathlib import Path
from typing import Any

from envkit.core.codec import NotPlain
from envkit.core.errors import ArtifactRefused, UsageError
from envkit.core.transcript import EPISODES, Transcript
from envkit.runs.atomic import atomic_write


def save(path: Path, transcript: Transcript) -> None:
    """Writes a transcript.

    Raises:
      UsageError: an action, or an argument of the environment, is of a type that JSON cannot hold.
      StorageFailed: it cannot be written; what was at `path` before is untouched.
    """
    try:
        text = transcript.to_text()
    except NotPlain as error:
        raise UsageError(f"{path} cannot be written: of the episodes of {transcript.ref}, {error}") from error
    atomic_write(path, text.encode())


def load(path: Path) -> Transcript:
    """The transcript in a file.

    Raises:
      UsageError: there is no such file.
      ArtifactRefused: it is damaged, foreign, or of another schema.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error
    return read(data, str(path))


def read(data: bytes, name: str) -> Transcript:
    """As `load`, of a file's bytes."""
    try:
        return Transcript.from_json(parsed(data, name))
    except ArtifactRefused as error:
        raise ArtifactRefused(f"{name}: {error}") from error


def parsed(data: bytes, name: str) -> Any:
    """The JSON in a file's bytes. Raises ArtifactRefused, without the file's name."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError, MemoryError) as error:
        raise ArtifactRefused(f"it is no JSON; `envkit play ENV --record {name}` writes episodes") from error


def holds_episodes(data: bytes) -> bool:
    """Whether a file of these bytes was meant to hold a transcript, be it whole or damaged."""
    try:
        whole = json.loads(data)
    except (ValueError, RecursionError, MemoryError):
        return f'"kind": "{EPISODES}"'.encode() in data[:200]
    return isinstance(whole, dict) and whole.get("kind") == EPISODES
