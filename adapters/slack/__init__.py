"""Slack: one slash command, shortcuts and Block Kit in, ephemeral replies out."""
