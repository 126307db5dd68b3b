"""One probe a file: each drives the environment in one way and returns one kind of evidence, judging nothing."""
