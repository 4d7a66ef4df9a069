"""Public figures about so few people that somebody who was there would know who they are. Pure."""

FEWEST = 3


def is_few(people: int) -> bool:
    """Whether the public is told “少于 3” instead of the number: of one or two, not of nobody."""
    return 0 < people < FEWEST
