"""Who may act, for whom, where."""
