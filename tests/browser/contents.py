"""What the pages in the browser show: made once, through the doors, with markup where people can type."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from tests import world
from tests.browser.contents_sequences import sequences
from tests.browser.contents_writing import messages
from tests.files.samples import PDF, picture
from tests.security import endpoints_history
from tests.visits.conftest import at

ATTACK = "<script>alert(1)</script>"
WIDTHS = (390, 1280)


def fill() -> dict[str, str]:
    """Makes what the pages show, in the database that Django is connected to; returns keys by name."""
    from accounts import links
    from accounts.models import User
    from tenants.context import enter_church
    from tenants.models import Church

    with enter_church(Church.objects.get(subdomain="grace")):
        anna, bob = (User.objects.get(email=world.email_of(actor)) for actor in ("anna", "bob"))
        told(anna)
        field = own_fields()
        changed, entry = endpoints_history.MAKERS["changed"]()
        return {
            "field": str(field.pk),
            **people_with_notes(anna),
            **imports(bob),
            **newcomers(),
            **stored_files(anna),
            **visits(anna),
            **prayers(anna),
            **events(anna),
            **declined(),
            **messages(anna),
            **sequences(ATTACK),
            "changed": str(changed),
            "entry": str(entry),
            "deletion": str(endpoints_history.MAKERS["deletion"]()),
            "bob": str(bob.pk),
            "list": str(saved_list(bob).pk),
            "link": links.make_token(bob, links.RESET),
            "church": str(Church.objects.get(subdomain="hope").pk),
        }


def told(anna: Any) -> None:
    """More than a page of notifications, some read, with a long name in them."""
    from notifications.domain import mark_all_read, notify

    data = {"broke_off": False, "created": 7, "updated": 0, "failed": 1}
    for number in range(60):
        name = f"{ATTACK}{'people' * 20}.csv" if number == 58 else f"people {number}.csv"
        url = "/admin/members/member/" if number % 3 else ""
        notify(kind="members.import_finished", users=[anna], data={**data, "file": name}, url=url)
    mark_all_read(user=anna, up_to=55)


def people_with_notes(anna: Any) -> dict[str, str]:
    """A household of many, two people in two of them, notes, and two entries put together."""
    from members.confidential.domain import add_note, read_confidential_note
    from members.domain import create_member
    from members.households.domain import add_to_household, create_household
    from members.households.importing import place_everybody
    from members.merging.domain import merge_members
    from members.models import Member

    attacker = create_member(
        first_name=ATTACK, last_name="Attacker", nickname="javascript:alert(2)",
        tags=["<img src=x onerror=alert(3)>"], household_key="H1", household_role="Head",
        address={"line1": "javascript:alert(4)"}, birth_date="1980-02-29",
        custom_fields={"shirt": "large", "teams": ["welcome"], "note": ATTACK},
    )  # fmt: skip
    for number in range(60):
        create_member(
            first_name=f"Person{number}", last_name="Household", household_key="H1",
            phone=f"217 555 {number:04d}", birth_date=f"--{number % 12 + 1:02d}-{number % 28 + 1:02d}",
            tags=["Choir", "Home group"][: number % 3],
            membership_status=["member", "visitor"][number % 2],
        )  # fmt: skip
    place_everybody(seconds=30)
    household = attacker.households.get()
    ada = Member.objects.get(first_name="Ada")
    add_to_household(household=household, member=ada, role=ATTACK)
    second = create_household(people=[(ada, "head")], name="<img src=x onerror=alert(5)> household")
    for number, confidential in enumerate((False, True)):
        note = add_note(member=attacker, body=f"{ATTACK} {number}", author=anna, is_confidential=confidential)
    read_confidential_note(note=note, reader=anna)
    twins = [create_member(first_name=name, last_name="Twice", email="t@twice.example") for name in "ABC"]
    merge_members(survivor=twins[0], absorbed=twins[1], user=anna)
    return {
        "attacker": str(attacker.pk),
        "ada": str(ada.pk),
        "household": str(household.pk),
        "second_household": str(second.pk),
        "note": str(note.pk),
    }


def stored_files(anna: Any) -> dict[str, str]:
    """A document with a name that wants to be markup, and the photo of Ada."""
    from files.domain import store_file
    from members.models import Member
    from members.photos import set_photo

    name = f"Rota {ATTACK} for the whole of the coming year.pdf"
    document = store_file(content=BytesIO(PDF), name=name, purpose="document", user=anna)
    ada = Member.objects.get(first_name="Ada")
    set_photo(member=ada, content=BytesIO(picture(size=(1200, 900))), user=anna)
    return {"file": str(document.pk)}


def prayers(anna: Any) -> dict[str, str]:
    """A wall of two pages, an urgent request, and an anonymous one with everything that can be about it."""
    from prayer import domain, requester
    from prayer.praying import pray

    for number in range(22):
        domain.submit_request(description=f"Pray for number {number}. {ATTACK}", source="api")
    urgent = domain.submit_request(description="I want to die.", source="wall").request
    made = domain.submit_request(
        title=f"Night {ATTACK}",
        description=f"javascript:alert(6)\n{ATTACK}",
        source="wall",
        name=ATTACK,
        email="nico@night.example",
        is_anonymous=True,
        category="family",
    )
    values = {"moderation": "published", "testimony": ATTACK, "testimony_is_public": True}
    request = domain.change_request(request=made.request, user=anna, assigned_to=anna, **values)
    for audience in ("public", "internal", "confidential"):
        domain.add_update(request=request, user=anna, update_text=ATTACK, audience=audience)
    requester.write_again(secret=made.secret, update_text=f"Once more {ATTACK}")
    pray(request=request, browser="b")
    return {"urgent": str(urgent.pk), "prayer": str(request.pk), "prayer_secret": made.secret}


def imports(bob: Any) -> dict[str, str]:
    """An import with an error, a trial run, and a file of whose columns nobody has spoken yet."""
    from members.importing.domain import start_import, take_in
    from members.importing.running import work_unfinished

    people = b"First Name,Last Name,Email,Shoe size\nRuth,Moab,ruth@moab.example,7\nBoaz,Ephrath,nonsense,9\n"
    done = start_import(content=people, file_name="people.csv", user=bob)
    trial = start_import(content=people, file_name="people.csv", user=bob, dry_run=True)
    work_unfinished(seconds=30)
    draft = take_in(content=people, file_name="people.csv", user=bob)
    return {"import": str(done.pk), "trial": str(trial.pk), "draft": str(draft.pk)}


def events(anna: Any) -> dict[str, str]:
    """A full event with a wait list, a series with a date of its own, and the link of a guest."""
    from datetime import timedelta

    from django.utils import timezone

    from events.domain import change_event, create_event
    from events.registrations.domain import record_attendance, register
    from events.registrations.links import token_of
    from members.models import Member

    start = timezone.now() + timedelta(days=7)
    times = {"start_datetime": start, "end_datetime": start + timedelta(hours=2)}
    full = create_event(
        title=f"Concert {ATTACK}", max_attendees=4, registration_required=True, created_by=anna,
        description=ATTACK, location="javascript:alert(6)", **times,
    )  # fmt: skip
    series = create_event(title="Service", recurrence="FREQ=WEEKLY", timezone="Europe/Berlin", **times)
    change_event(event=series, scope="one", occurrence_start=series.start_datetime, status="cancelled")
    for person in Member.objects.filter(last_name="Household")[:5]:
        register(event=full, member=person)
    guest = register(event=full, name=ATTACK, email="guest@guests.example")
    record_attendance(event=full, member=full.registrations.earliest("number").member)
    return {"event": str(full.pk), "series": str(series.pk), "guest": token_of(guest)}


def declined() -> dict[str, str]:
    """Links of a mail that went to Ada, who declined a topic, and entries that can and cannot be lifted."""
    from automation.consent.domain import add_by_hand, suppress
    from automation.consent.links import token_of
    from members.models import Member
    from tests.automation.consent.messages import written_message

    ada = Member.objects.get(first_name="Ada")
    message = written_message(member=ada)
    for topic in ("prayer", "events"):
        suppress(channel="email", address=ada.email, topic=topic, reason="unsubscribed")
    suppress(channel="sms", address=ada.phone, reason="stop")
    by_hand = add_by_hand(channel="email", address=f"{'long' * 12}@{'example.' * 12}org")
    final = suppress(channel="email", address="complained@example.org", reason="complained")
    return {
        "message_link": token_of(message),
        "declined": str(by_hand.pk),
        "declined_final": str(final.pk),
    }


def newcomers() -> dict[str, str]:
    """Addresses of users who sign in for the first time, one for each width."""
    from accounts.domain import create_user

    emails = {f"newcomer-{width}": f"newcomer{width}@grace.example" for width in WIDTHS}
    for email in emails.values():
        create_user(email=email, role="staff", first_name="Newcomer", password=world.PASSWORD)
    return emails


def visits(anna: Any) -> dict[str, str]:
    """A full day next week, a visit that was moved, and one that is done and has a report."""
    from visits import domain

    for hour in range(17, 23):
        domain.book_visit(
            user=anna, visitor_name=ATTACK, visit_type=ATTACK[:50], location=ATTACK, notes=ATTACK,
            assigned_pastor=anna, scheduled_datetime=at(7, f"{hour}:00"),
        )  # fmt: skip
    planned = domain.book_visit(
        user=anna, visitor_name="Zacchaeus", visit_type="home", assigned_pastor=anna,
        scheduled_datetime=at(6, "17:00"),
    )  # fmt: skip
    moved = domain.reschedule_visit(visit=planned, user=anna, scheduled_datetime=at(6, "21:00"))
    done = domain.book_visit(
        user=anna, visitor_name="Nicodemus", visit_type="home", assigned_pastor=anna,
        scheduled_datetime=at(-1),
    )  # fmt: skip
    domain.complete_visit(visit=done, user=anna, report="Came by night.", follow_up_on=at(0).date())
    return {
        "visit": str(moved.pk),
        "visit_done": str(done.pk),
        "visit_moved": str(planned.pk),
        "day": f"{at(7):%F}",
    }


def own_fields() -> Any:
    """A field of the church's own of each kind; returns one with choices."""
    from members.custom_fields.domain import create_custom_field

    teams = [{"label": "Welcome"}, {"label": "Music"}]
    for label, kind in (("Note", "text"), ("Height", "number"), ("Joined", "date"), ("Paid", "yes_no")):
        create_custom_field(label=label, kind=kind, help_text=f"What {label} is")
    create_custom_field(label="Teams", kind="choices", choices=teams)
    return create_custom_field(
        label="Shirt", kind="choice", choices=[{"label": "Small"}, {"label": "Large"}], visible_to=["pastor"]
    )


def saved_list(user: Any) -> Any:
    """A shared list with conditions of several kinds."""
    from members.saved_lists.domain import save_list

    conditions = [
        {"field": "tags", "operator": "has", "value": "Choir"},
        {"field": "custom_fields.teams", "operator": "has_not", "value": "music"},
        {"field": "email", "operator": "missing"},
    ]
    return save_list(
        user=user, name=f"The choir {ATTACK}", rule={"match": "any", "conditions": conditions}, is_shared=True
    )
