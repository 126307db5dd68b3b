"""How episodes end, and what comes after."""
