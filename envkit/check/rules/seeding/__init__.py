"""One seed, one episode: everywhere, always."""
