"""A month of prayer at a church of the demo, through the same doors as everybody's."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from core import context
from members.demo.parts import demo_part
from members.models import Member

from . import domain, requester
from .models import Prayer, PrayerRequest, PrayerUpdate
from .praying import pray

WALL, ADMIN = PrayerRequest.Source.WALL, PrayerRequest.Source.ADMIN


@dataclass(frozen=True)
class Asked:
    """One request: how many days ago, by whom (a guest's name; ``person``: the number of a member)."""

    days_ago: int
    description: str
    title: str = ""
    category: str = "other"
    name: str = ""
    email: str = ""
    person: int | None = None
    is_anonymous: bool = False
    is_public: bool = True
    waits: bool = False
    prayers: int = 0
    testimony: str = ""
    assigned_to: str = ""
    # (audience, text) by whom it is assigned to.
    updates: list[tuple[str, str]] = field(default_factory=list)
    # What the requester wrote again.
    again: str = ""


MONTH = [
    Asked(
        29, "My mother’s hip operation is on Thursday. Pray for the surgeons, and for her courage.",
        title="Mom’s operation", category="healing", name="Teresa Vance", email="teresa.vance@mail.example",
        prayers=14, assigned_to="pastor", updates=[("public", "The operation went well. She is sitting up.")],
        testimony="She walked to the window by herself on Sunday. Thank you, all of you!",
    ),
    Asked(
        24, "After eleven years the plant is closing and I do not know how we will pay for the house.",
        title="Work after the plant closes", category="work", person=3, prayers=9, assigned_to="staff",
        updates=[("internal", "Has an interview with the county on the 4th. Ask how it went.")],
    ),
    Asked(
        21, "Our daughter has not called since spring. Pray that the door between us opens again.",
        category="family", name="Ruthanne", email="r.quiet@mail.example", is_anonymous=True, prayers=11,
        assigned_to="pastor", again="She wrote me a letter. I do not dare to hope yet, but please go on.",
        updates=[("requester", "We are with you, and pray for her by name every Tuesday.")],
    ),
    Asked(
        18, "Thank God with us: Amos was born on Saturday night, and both are well.",
        title="A son is born", category="thanks", person=8, prayers=17,
    ),
    Asked(
        15, "Forty years together as neighbours on Elm Street, and now Walter is gone. Pray for Edna.",
        title="For Edna", category="grief", person=12, prayers=8, assigned_to="pastor",
    ),
    Asked(
        12, "I am to decide about nursing school by the end of the month. I want to choose well.",
        title="A decision", category="guidance", name="Marisol", prayers=6,
    ),
    Asked(
        10, "For the team in Chiapas, that the road over the pass is open again before the rains.",
        title="The team in Chiapas", category="faith", person=20, prayers=5,
    ),
    Asked(
        7, "My results come back on Friday. I have told nobody at home.",
        category="healing", person=5, is_anonymous=True, is_public=False, prayers=3, assigned_to="pastor",
        updates=[("confidential", "Called on Monday evening. Will come to the hospital on Friday.")],
    ),
    Asked(4, "Pray for our teachers. The first weeks were heavy.", category="work", name="Ken", prayers=2),
    Asked(
        2, "Little Ada starts kindergarten and cries every morning. For patience, hers and ours.",
        category="family", name="Priya", waits=True,
    ),
    Asked(
        1, "Por mi hermano, que viaja solo y todavía no ha llamado.", title="Por mi hermano",
        category="family", name="Lupita", email="lupita@mail.example", waits=True,
    ),
    Asked(
        0, "I do not want to live like this any more. Some nights I think of ending my life.",
        is_anonymous=True, email="nightowl@mail.example", waits=True,
    ),
]  # fmt: skip


@demo_part(40)
def a_month_of_prayer(accounts: dict[str, User]) -> None:
    """Requests of every kind, some of them waiting, prayed for, answered."""
    people = list(Member.objects.order_by("last_name", "first_name", "id")[:30])
    for asked in MONTH:
        with context.working_for(None, come_from="web"):
            made = _submitted(asked, people)
        request = made.request
        helper = accounts[asked.assigned_to or "staff"]
        with context.working_for(helper, come_from="admin"):
            _looked_after(asked, request, helper)
        if asked.again:
            with context.working_for(None, come_from="web"):
                requester.write_again(secret=made.secret, update_text=asked.again)
        for number in range(asked.prayers):
            pray(request=request, browser=f"demo-{number}")
        if asked.testimony:
            with context.working_for(helper, come_from="admin"):
                domain.change_request(
                    request=request, user=helper, status="answered", testimony=asked.testimony,
                    testimony_is_public=True,
                )  # fmt: skip
        _put_back_in_time(asked, request)


def _submitted(asked: Asked, people: list[Member]) -> domain.Submitted:
    member = people[asked.person % len(people)] if asked.person is not None and people else None
    return domain.submit_request(
        source=ADMIN if member else WALL,
        title=asked.title,
        description=asked.description,
        category=asked.category,
        member=member,
        name=asked.name,
        email=asked.email,
        is_anonymous=asked.is_anonymous,
        is_public=asked.is_public,
    )


def _looked_after(asked: Asked, request: PrayerRequest, helper: User) -> None:
    if asked.waits:
        return
    assigned = {"assigned_to": helper} if asked.assigned_to else {}
    domain.change_request(request=request, user=helper, moderation="published", **assigned)
    for audience, text in asked.updates:
        domain.add_update(request=request, user=helper, update_text=text, audience=audience)


def _put_back_in_time(asked: Asked, request: PrayerRequest) -> None:
    """No door makes the past; the demo needs one."""
    asked_at = timezone.now() - timedelta(days=asked.days_ago, hours=3)
    rows = PrayerRequest.objects.filter(pk=request.pk)
    rows.update(created_at=asked_at)
    rows.exclude(published_at=None).update(published_at=asked_at + timedelta(hours=2))
    rows.exclude(answered_at=None).update(answered_at=asked_at + timedelta(days=asked.days_ago * 0.8))
    PrayerUpdate.objects.filter(prayer_request=request).update(
        created_at=asked_at + timedelta(days=asked.days_ago * 0.5)
    )
    Prayer.objects.filter(prayer_request=request).update(created_at=asked_at + timedelta(hours=5))
