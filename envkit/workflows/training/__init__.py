"""Training a network: what was asked, who looks after it, what came of it."""
