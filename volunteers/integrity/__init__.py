"""Integrity: signals that something is wrong, looked at by people, and a random sample checked anyway."""
