"""What a typed text is worth as an answer, and which rule says so."""
