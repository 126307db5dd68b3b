"""How fast an environment is, alone and vectorised, what it costs, where the time goes, and whether it got slower."""
