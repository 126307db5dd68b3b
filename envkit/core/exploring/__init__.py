"""The inside of `envkit.core.explore`: ways back to where an environment was, and walks that note what they meet."""
