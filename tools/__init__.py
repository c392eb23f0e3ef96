"""Scripts that build committed files: doc tables, word lists, time zones and screenshots."""
