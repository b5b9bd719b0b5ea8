"""A second decoder of the rdc image format, written from docs/FORMAT.md alone."""
