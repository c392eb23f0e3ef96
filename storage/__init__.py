"""The tables, their migrations, and the store that the engine uses."""
