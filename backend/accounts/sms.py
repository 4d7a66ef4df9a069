"""Sending messages to phones: a small interface, a console for development, Aliyun for the real thing."""

import json
import os
from typing import Protocol

import structlog
from django.conf import settings
from django.utils.module_loading import import_string

log = structlog.get_logger(__name__)


class SmsSender(Protocol):
    """Whatever can carry a message to a phone."""

    def send_code(self, *, phone: str, code: str) -> None:
        """Send a one-time code, or raise OSError when the carrier cannot be reached."""

    def send_reminder(self, *, phone: str, place: str) -> None:
        """Remind somebody to check out at a place, or raise OSError when the carrier cannot be reached."""

    def send_expiry(self, *, phone: str, points: int, day: str) -> None:
        """Say how many points can be used until which day, or raise OSError like the others."""


class ConsoleSms:
    """Carries nothing; with demo mode the code is shown on the page instead."""

    def send_code(self, *, phone: str, code: str) -> None:
        """Log that a code would have been sent; neither the phone nor the code is logged."""
        log.info("sms_not_sent", reason="console backend", length=len(code), phone_digits=len(phone))

    def send_reminder(self, *, phone: str, place: str) -> None:
        """Log that a reminder would have been sent; the phone is not logged."""
        log.info("sms_not_sent", reason="console backend", place=place, phone_digits=len(phone))

    def send_expiry(self, *, phone: str, points: int, day: str) -> None:
        """Log that a warning would have been sent; the phone is not logged."""
        log.info("sms_not_sent", reason="console backend", points=points, day=day, phone_digits=len(phone))


class AliyunSms:
    """Aliyun Dysms (`pip install jishan[aliyun]`); keys and template come from the environment."""

    def __init__(self) -> None:
        """Build the client.

        :raises ImportError: the optional extra is not installed.
        """
        from alibabacloud_dysmsapi20170525.client import (  # type: ignore[import-not-found]  # noqa: PLC0415 – extra
            Client,
        )
        from alibabacloud_tea_openapi.models import (  # type: ignore[import-not-found]  # noqa: PLC0415 – extra
            Config,
        )

        self._client = Client(
            Config(
                access_key_id=os.environ["ALIYUN_ACCESS_KEY_ID"],
                access_key_secret=os.environ["ALIYUN_ACCESS_KEY_SECRET"],
                endpoint="dysmsapi.aliyuncs.com",
            )
        )

    def send_code(self, *, phone: str, code: str) -> None:
        """Send through the approved template, which has one parameter, `code`."""
        self._send(phone, template=os.environ["ALIYUN_SMS_TEMPLATE"], parameters={"code": code})

    def send_reminder(self, *, phone: str, place: str) -> None:
        """Send through the approved template (one parameter, `place`); without a template send nothing."""
        template = os.environ.get("ALIYUN_SMS_REMINDER_TEMPLATE", "")
        if template:
            self._send(phone, template=template, parameters={"place": place})

    def send_expiry(self, *, phone: str, points: int, day: str) -> None:
        """Send through the approved template (`points`, `day`); without a template send nothing."""
        template = os.environ.get("ALIYUN_SMS_EXPIRY_TEMPLATE", "")
        if template:
            self._send(phone, template=template, parameters={"points": str(points), "day": day})

    def _send(self, phone: str, *, template: str, parameters: dict[str, str]) -> None:
        from alibabacloud_dysmsapi20170525.models import (  # type: ignore[import-not-found]  # noqa: PLC0415 – extra
            SendSmsRequest,
        )

        request = SendSmsRequest(
            phone_numbers=phone,
            sign_name=os.environ["ALIYUN_SMS_SIGN"],
            template_code=template,
            template_param=json.dumps(parameters),
        )
        try:
            answer = self._client.send_sms(request)
        except Exception as error:
            raise OSError(f"carrier not reached: {type(error).__name__}") from error
        if answer.body.code != "OK":
            raise OSError(f"carrier refused: {answer.body.code}")


def sender() -> SmsSender:
    """Return the configured sender."""
    made: SmsSender = import_string(settings.SMS_BACKEND)()
    return made
