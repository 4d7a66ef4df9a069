"""The charity supermarket: shelves, deliveries with an expiry, and redemptions of points for goods."""
