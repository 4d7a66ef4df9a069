"""The public statement of a store: what came in, what went out, what is left, per week and month."""
