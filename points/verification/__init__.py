"""The nightly look at the books: what must be equal is compared, and nothing is repaired."""
