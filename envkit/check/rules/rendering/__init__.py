"""Pictures of the state, without touching it."""
