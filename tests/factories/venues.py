"""Sites."""

from factory.declarations import Sequence, SubFactory
from factory.django import DjangoModelFactory

from tests.factories.accounts import OrganizationFactory
from tests.factories.regions import RegionFactory
from venues.sites.models import HostType, Site


class SiteFactory(DjangoModelFactory[Site]):
    """An active site in Guiyang, open at any time."""

    class Meta:
        model = Site

    name = Sequence(lambda number: f"站点{number}")
    host_type = HostType.HOSPITAL
    organization = SubFactory(OrganizationFactory)
    region = SubFactory(RegionFactory)
    address = "新华路 1 号"
    latitude = 26.5783
    longitude = 106.7135
