"""Where service happens: sites with their QR keys, and later rooms and bases."""
