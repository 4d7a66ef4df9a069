"""Donors and goods on their way, for the contract tests: a volunteer who gives, an intake at each step."""

from dataclasses import dataclass

from backend.accounts.models import User
from backend.accounts.scopes import Actor
from points.giving import donor_files
from points.giving.contact_models import ContactRequest
from points.giving.intake_models import Intake
from points.giving.models import Donation, Donor, DonorPicture
from points.market.models import Product
from tests.factories.giving import Door, arrived, asked_contact, inspected, make_owner, promised
from tests.factories.market import DELIVERED_AT, DonorFactory


@dataclass(frozen=True)
class GivingWorld:
    """A donor who claimed their file, one that waits, one whose phone may change, an intake at each step."""

    own_donor: Donor
    picture: DonorPicture
    pledge: Intake
    arrival: Intake
    inspection: Intake
    donation: Donation
    asked: ContactRequest

    def places(self) -> dict[str, object]:
        """What stands in braces in an address."""
        return {
            "own_donor": self.own_donor.pk,
            "asked_donor": self.asked.donor_id,
            "picture": self.picture.key,
            "pledge": self.pledge.pk,
            "arrival": self.arrival.pk,
            "inspection": self.inspection.pk,
            "receipt": self.donation.receipt.number,
        }


def giving_world(donation: Donation, product: Product, clerk: Actor, owner: User) -> GivingWorld:
    """Build it around a donation there is."""
    own = DonorFactory(name="邻里米铺", show_picture=True, consent="named")
    make_owner(own, owner)
    DonorFactory(name="还没认领", contact=owner.phone.open(), contact_index=owner.phone_index)
    picture = DonorPicture.objects.create(
        donor=own, key=donor_files.new_number(), picture=b"jpeg", set_by=owner, set_at=DELIVERED_AT
    )
    door = Door(product, clerk, own)
    return GivingWorld(
        own_donor=own,
        picture=picture,
        pledge=promised(door),
        arrival=arrived(door),
        inspection=inspected(door),
        donation=donation,
        asked=asked_contact(DonorFactory(name="换了号码的", contact="13800001234"), clerk),
    )
