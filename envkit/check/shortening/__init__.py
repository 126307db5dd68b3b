"""The shortest way to see a fault, and one finding for each cause."""
