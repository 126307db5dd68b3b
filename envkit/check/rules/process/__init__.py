"""Ways to end or block the whole process."""
