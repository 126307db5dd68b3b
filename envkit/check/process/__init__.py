"""What can be read of the process: its settings, and what an environment leaves behind in it."""
