"""Programmes, activities, shifts, and the sign-ups for them."""
