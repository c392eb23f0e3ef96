"""Platforms: what comes in becomes the engine's events, and its screens go out."""
