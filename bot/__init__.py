"""The product: the quiz engine, and what runs it."""
