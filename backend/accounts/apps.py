"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, organizations, memberships, one-time codes."""

    name = "backend.accounts"
    label = "accounts"
    verbose_name = "账号与组织"
