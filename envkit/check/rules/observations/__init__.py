"""What is observed is what the space promised."""
