"""Benchmarks: each figure is a ratio to a floor from the same run. Run them with `make bench`."""
