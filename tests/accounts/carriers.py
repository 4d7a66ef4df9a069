"""Carriers of text messages for tests: the telephone network is not ours."""

from typing import ClassVar


class KeepingSms:
    """Keeps what it was asked to send."""

    sent: ClassVar[list[tuple[str, str]]] = []

    def send_code(self, *, phone: str, code: str) -> None:
        self.sent.append((phone, code))

    def send_reminder(self, *, phone: str, place: str) -> None:
        self.sent.append((phone, place))

    def send_expiry(self, *, phone: str, points: int, day: str) -> None:
        self.sent.append((phone, f"{points} {day}"))


class UnreachableSms:
    """A carrier whose network is down."""

    def send_code(self, *, phone: str, code: str) -> None:
        raise ConnectionError("no route to carrier")

    def send_reminder(self, *, phone: str, place: str) -> None:
        raise ConnectionError("no route to carrier")

    def send_expiry(self, *, phone: str, points: int, day: str) -> None:
        raise ConnectionError("no route to carrier")
