"""Discord: slash commands and components in, embeds and private replies out."""

from discord import VoiceClient

PLATFORM = "discord"

# The bot has no voice: the library needn't warn that it lacks what voice needs.
VoiceClient.warn_nacl = VoiceClient.warn_dave = False
