"""How many tests run at once."""

import os

import pytest


@pytest.hookimpl(optionalhook=True)  # without pytest-xdist nobody asks
def pytest_xdist_auto_num_workers(config):
    """More than there are cores: half of the time a test waits for a child process that hangs, sleeps or starts."""
    return max(2, 3 * (os.cpu_count() or 1) // 2)
