"""Beginning an episode."""
