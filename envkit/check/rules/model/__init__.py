"""What an environment says of itself, and what it does."""
