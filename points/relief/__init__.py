"""Help without points: the list of families in difficulty, the share kept for them, what they are given."""
