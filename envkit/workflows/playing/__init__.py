"""A person plays: what keys mean, the game as a state machine, and its two faces, a window and a terminal."""
