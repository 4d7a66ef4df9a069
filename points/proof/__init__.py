"""Proof for outsiders: every day's transfers as a digest, chained to the day before (docs/proof.md).

`merkle`, `lines`, `chain`, `checking`, `wording` and `verify` need nothing but Python, so that somebody who
trusts neither this site nor its operators can run or rewrite them.
"""
