"""Volunteer service sites: a place, its hours, and the code on its screen."""
