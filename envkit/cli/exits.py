"""The exit codes: a contract with scripts and CI."""

from enum import IntEnum


class Exit(IntEnum):
    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    ENVIRONMENT_FAILED = 3
    ARTIFACT_REFUSED = 4
    STORAGE_FAILED = 5
    BUG = 70
    INTERRUPTED = 130
    TERMINATED = 143
