"""Approved minutes: written once, corrected only by a later record that reverses them."""
