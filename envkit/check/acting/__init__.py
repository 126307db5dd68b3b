"""Ways to play an environment: which actions, on how many copies, in which process."""
