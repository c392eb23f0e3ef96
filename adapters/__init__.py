"""Platforms: each turns what it receives into engine events, and engine screens into messages."""
