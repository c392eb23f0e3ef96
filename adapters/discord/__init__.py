"""Discord: slash commands and components in, embeds and private replies out."""

PLATFORM = "discord"
