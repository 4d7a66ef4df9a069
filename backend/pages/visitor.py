"""Who is looking at a page, found once per request."""

from functools import cached_property

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from backend.accounts.models import User
from backend.accounts.scopes import Actor, Role, actor_for
from backend.oversight.queries import WATCHERS
from points.giving.queries import KEEPERS as GIFT_KEEPERS
from points.scoring.queries import READERS
from points.stockroom.queries import KEEPERS
from volunteers.models import Volunteer
from volunteers.people.queries import REVIEWERS, volunteer_of

MANAGERS = (Role.SITE_MANAGER, Role.ORGANIZATION_MANAGER, Role.COMMUNITY_STAFF, Role.PLATFORM_ADMIN)
RULE_SETTERS = (Role.ORGANIZATION_MANAGER, Role.COMMUNITY_STAFF, Role.PLATFORM_ADMIN)
CLERKS = (Role.STORE_CLERK,)
STORE_KEEPERS = (
    Role.STORE_CLERK,
    Role.ORGANIZATION_MANAGER,
    Role.COMMUNITY_STAFF,
    Role.PLATFORM_ADMIN,
)


class Visitor:
    """The person behind a request. Each fact is asked for when a page first needs it, and once."""

    def __init__(self, request: HttpRequest) -> None:
        """Keep the request; touch no database yet."""
        self._request = request

    @cached_property
    def user(self) -> User | None:
        """The signed-in user, if any."""
        user = self._request.user
        return user if isinstance(user, User) else None

    @cached_property
    def actor(self) -> Actor | None:
        """What the signed-in user may do, and where."""
        return actor_for(self.user) if self.user else None

    @cached_property
    def volunteer(self) -> Volunteer | None:
        """The volunteer this user registered as, if any."""
        return volunteer_of(self.user) if self.user else None

    @property
    def known_volunteer(self) -> Volunteer | None:
        """The volunteer, if this request has asked already; without a query."""
        return vars(self).get("volunteer")

    @property
    def manages(self) -> bool:
        """Whether the manager's pages are theirs."""
        return self.actor is not None and self.actor.has(*MANAGERS)

    @property
    def sets_rules(self) -> bool:
        """Whether they may adjust the figures of the door."""
        return self.actor is not None and self.actor.has(*RULE_SETTERS)

    @property
    def reads_point_rules(self) -> bool:
        """Whether the rules of points are theirs to make or to look at."""
        return self.actor is not None and self.actor.has(*READERS)

    @property
    def issues_cards(self) -> bool:
        """Whether they print volunteers' cards."""
        return self.actor is not None and self.actor.has(*REVIEWERS)

    @property
    def helps(self) -> bool:
        """Whether they may be named to keep the list of households in need."""
        return self.actor is not None and self.actor.has(Role.COMMUNITY_STAFF)

    @property
    def watches(self) -> bool:
        """Whether they look after what is overdue without deciding."""
        return self.actor is not None and self.actor.has(Role.SUPERVISOR)

    @property
    def oversees(self) -> bool:
        """Whether the delivery of events is theirs to look after."""
        return self.actor is not None and self.actor.has(*WATCHERS)

    @property
    def serves(self) -> bool:
        """Whether the counter is theirs."""
        return self.actor is not None and self.actor.has(*CLERKS)

    @property
    def receives_gifts(self) -> bool:
        """Whether donated goods are theirs to receive."""
        return self.actor is not None and self.actor.has(*GIFT_KEEPERS)

    @property
    def keeps(self) -> bool:
        """Whether they look after the goods of a store."""
        return self.actor is not None and self.actor.has(*KEEPERS)

    @property
    def works(self) -> bool:
        """Whether this is somebody on duty rather than a volunteer with a phone."""
        return self.manages or self.serves or self.watches


class PageRequest(HttpRequest):
    """A request as our views see it, for the type checker."""

    visitor: Visitor
    htmx: HtmxDetails


class VolunteerRequest(PageRequest):
    """A request whose visitor is a registered volunteer."""

    user: User
    volunteer: Volunteer


class ActorRequest(PageRequest):
    """A request whose visitor holds one of the roles the page asks for."""

    user: User
    actor: Actor
