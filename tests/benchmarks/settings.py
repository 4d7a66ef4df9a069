"""The site's own settings plus the yardstick's two tables and its one address."""

from backend.config.settings import *  # noqa: F403 – exactly the site's settings
from backend.config.settings import INSTALLED_APPS as SITE_APPS

INSTALLED_APPS = [*SITE_APPS, "tests.benchmarks.bare.apps.BareConfig"]
ROOT_URLCONF = "tests.benchmarks.urls"
