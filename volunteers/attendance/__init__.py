"""One presence at a site: the scans that prove it, the rules that judge them, the state it is in."""
