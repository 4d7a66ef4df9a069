"""Volunteers: verified identity, consent, guardians, review."""
