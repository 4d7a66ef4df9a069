"""One sentence the next page opens with."""

from django.contrib import messages
from django.http import HttpRequest


def note(request: HttpRequest, sentence: str) -> None:
    """Tell the person on the next page what was just done."""
    messages.success(request, sentence)
