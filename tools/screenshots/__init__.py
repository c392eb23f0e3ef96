"""The pictures of the docs, taken from what really runs and what is really sent."""
