"""Taking a step."""
