"""What rules share: comparing records, telling what was seen, and the programs that show it."""
