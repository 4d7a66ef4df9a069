"""The people's pages: what a phone, a counter and a lobby screen show."""
