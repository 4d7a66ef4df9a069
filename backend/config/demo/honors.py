"""Good neighbours of the demo community."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.timezone import localdate

from backend.accounts.scopes import Actor
from backend.config.demo.content import TOWNSHIP
from backend.core.errors import Refusal
from backend.regions.queries import get_region
from points.boards.choices import HonorCategory
from points.boards.services import enter_honor, publish_honor
from volunteers.people.models import Volunteer

_STORIES = (
    (1, HonorCategory.HELPING, "热心邻居", "连着两个月陪独居老人去医院取药，风雨无阻。"),
    (2, HonorCategory.FILIAL, "孝亲榜样", "照顾卧床的母亲六年，还常给同楼老人送饭。"),
    (4, HonorCategory.SERVICE, "图书馆的好帮手", "修补旧书三百多册，孩子们都认识他。"),
    (5, HonorCategory.HONESTY, "拾金不昧", "在滨河绿道捡到钱包，守了一小时等到失主。"),
)


def praise(volunteers: Sequence[Volunteer], *, entered_by: Actor, published_by: Actor, at: datetime) -> int:
    """Enter and publish an honour for some volunteers who agreed to be shown; return how many."""
    today = localdate(at)
    published = 0
    for index, category, title, story in _STORIES:
        if index >= len(volunteers):
            continue
        volunteer = volunteers[index]
        honor = enter_honor(
            region=get_region(TOWNSHIP),
            name=volunteer.name,
            category=category,
            title=title,
            story=story,
            term_start=today.replace(day=1),
            term_end=today.replace(day=1) + timedelta(days=89),
            consent=True,
            full_name=index % 2 == 0,
            volunteer=volunteer,
            actor=entered_by,
            at=at,
        )
        try:
            publish_honor(honor_id=honor.pk, actor=published_by, at=at)
        except Refusal:
            continue  # has not agreed to public boards: stays a draft
        published += 1
    return published
