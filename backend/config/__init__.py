"""Wiring: settings, urls, health, embedded servers, `manage.py up`."""
