"""Models of Stable-Baselines3 that other people have saved: read without executing anything in them."""
