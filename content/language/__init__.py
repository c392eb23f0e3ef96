"""What is known about language: scripts, numbers, units, spelling, opposites, words."""
