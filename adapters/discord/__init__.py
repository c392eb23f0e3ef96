"""Discord: slash commands and components in, embeds and private answers out."""

PLATFORM = "discord"
