"""Looking at an environment: what it is at a glance, and which algorithms can take it."""
