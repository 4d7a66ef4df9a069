"""`manage.py print_posters`: a printable sheet for every site, or for some."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.pages.poster import poster_file
from venues.sites.models import Site, SiteStatus


class Command(BaseCommand):
    help = "Write one self-contained HTML file per active site, to be printed on A4."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--site", type=int, nargs="+", default=[], help="only these sites, by id")
        parser.add_argument("--out", type=Path, required=True, help="the directory to write into")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted: list[int] = options["site"]
        sites = Site.objects.filter(status=SiteStatus.ACTIVE).order_by("pk")
        if wanted:
            sites = sites.filter(pk__in=wanted)
            missing = sorted(set(wanted) - set(sites.values_list("pk", flat=True)))
            if missing:
                told = ", ".join(map(str, missing))
                message = f"no active site: {told}"
                raise CommandError(message)
        out: Path = options["out"]
        out.mkdir(parents=True, exist_ok=True)
        for site in sites:
            path = out / f"poster-{site.pk}.html"
            path.write_text(poster_file(site), encoding="utf-8")
            self.stdout.write(f"{path}  {site.name}")
