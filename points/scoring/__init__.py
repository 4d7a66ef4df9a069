"""From approved minutes to points: rule sets, the pure engine, the awards."""
