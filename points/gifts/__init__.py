"""Giving points away: to the charity pool, or to one declared relative (rules.md D3)."""
