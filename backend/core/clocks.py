"""What we assume of the clocks of our servers."""

from datetime import timedelta

# How far apart the clocks of two servers may be before something waits, or is thrown away, because of it.
CLOCK_TOLERANCE = timedelta(minutes=10)
