"""The tour of spaces: one small game for each kind of space, as observation and as action."""
