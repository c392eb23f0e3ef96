"""What happens at a time: one clockwork, and a file for each kind of thing that it does."""
