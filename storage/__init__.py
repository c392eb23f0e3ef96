"""What is kept: tables, their migrations, and the store that the engine asks for."""
