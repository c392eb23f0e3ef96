"""Study content: the pack model, the loader, the importer and the bundled packs."""
