"""Input read strictly: rubbish is a 400, never a surprise in the stock."""

from rest_framework import serializers

from points.market.rules import MOST_OF_ONE


class WholeNumber(serializers.IntegerField):
    """A JSON whole number. `"3"`, `3.0` and `true` are something else, and are refused."""

    def to_internal_value(self, data: object) -> int:
        """Return the number."""
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return int(super().to_internal_value(data))


class Key(WholeNumber):
    """The key of a row."""

    def __init__(self, *, required: bool = True) -> None:
        """Set the bounds of a bigint key."""
        super().__init__(min_value=1, max_value=2**63 - 1, required=required)


class Quantity(WholeNumber):
    """So many of one product in a basket."""

    def __init__(self) -> None:
        """Set the bounds."""
        super().__init__(min_value=1, max_value=MOST_OF_ONE)
