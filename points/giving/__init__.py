"""Donors and donations: what was given, by whom, with which consent to be named, and where it went."""
