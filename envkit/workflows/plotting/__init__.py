"""Pictures of learning: what runs tell of it, alone or laid on top of one another."""
