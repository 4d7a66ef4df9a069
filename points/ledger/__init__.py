"""The book: accounts, transfers, entries, lots. Points move only through `services`."""
