"""Screenshots for the docs, taken from real runs and from messages the bot really sent."""
