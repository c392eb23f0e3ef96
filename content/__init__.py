"""Study content: the pack model, its loader and the bundled packs."""
