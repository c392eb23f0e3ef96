"""Small real things that stand in for the world outside."""
