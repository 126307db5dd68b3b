"""The inside of `envkit.core.explore`: ways back to where an environment was, and walks that note what they meet."""

TRIES = 100  # of each pair of state and action, where chance has a part
