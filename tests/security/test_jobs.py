"""Every background job, run for one church with the ids of another: it finds nothing and tells nobody."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core import mail

from accounts.links import RESET
from tenants import due
from tenants.context import enter_church
from tests.security import endpoints_automation_writing as writing
from tests.security import endpoints_prayer as prayer
from tests.security.actors import rows_of

Arguments = dict[str, Any]


def _user_id(email: str) -> str:
    from accounts.models import User

    return str(User.objects.get(email=email).pk)


def _request_with_address() -> Arguments:
    from members.models import Member
    from prayer.models import PrayerRequest

    request = PrayerRequest.objects.get(pk=prayer.MAKERS["prayer request"]())
    Member.objects.filter(pk=request.requester_id).update(email="hannah@grace.example")
    return {"prayer_request_id": str(request.pk), "about": "answered"}


# Job -> its arguments, made in Grace. Those without any go through all that the church has.
JOBS: dict[str, Callable[[], Arguments]] = {
    "accounts.tasks.mail_link": lambda: {"email": "bob@grace.example", "purpose": RESET.name},
    "accounts.tasks.mail_two_factor_change": lambda: {"user_id": _user_id("bob@grace.example"), "what": "on"},
    "automation.writing.test_send.send_test_mail": lambda: {
        "kind": "automation.emailtemplate",
        "template_id": str(writing.MAKERS["step"]()),
        "user_id": _user_id("alice@grace.example"),
        "member_id": "",
    },
    "events.tasks.refill": dict,
    "members.tasks.place_people": dict,
    "members.tasks.undo_imports": dict,
    "members.tasks.work_imports": dict,
    "prayer.telling.send_to_requester": _request_with_address,
}
# They are handed an address and a text, and look nothing up; and the one by which kinds of due work are done,
# each of which is tried below.
GIVEN_ALL = {"notifications.mail.send_mail", "tenants.due.work_due"}
MAILING = [name for name, make in JOBS.items() if make is not dict]


def modules() -> list[ModuleType]:
    rooms = [config for config in apps.get_app_configs() if config.name in settings.TENANT_APPS]
    names = [
        info.name
        for room in [*rooms, apps.get_app_config("tenants")]
        for info in pkgutil.walk_packages(room.module.__path__, f"{room.name}.")
        if ".migrations" not in info.name
    ]
    return [import_module(name) for name in names]


def test_the_table_names_every_job_and_no_other():
    found = {
        f"{function.__module__}.{function.__qualname__}"
        for module in modules()
        for function in vars(module).values()
        if getattr(function, "is_church_job", False)
    }
    assert found == JOBS.keys() | GIVEN_ALL


def run(name: str, church: Any, arguments: Arguments) -> None:
    module, _, function = name.rpartition(".")
    getattr(import_module(module), function)(church_id=str(church.id), **arguments)


@pytest.mark.parametrize("name", JOBS)
def test_a_job_of_one_church_neither_changes_nor_tells_what_is_anothers(grace, hope, name):
    with enter_church(grace):
        arguments = JOBS[name]()
    before = rows_of(grace)
    run(name, hope, arguments)
    assert rows_of(grace) == before
    assert mail.outbox == []


@pytest.mark.parametrize("name", MAILING)
def test_the_same_job_at_home_finds_whom_it_is_about(grace, name):
    with enter_church(grace):
        arguments = JOBS[name]()
    run(name, grace, arguments)
    (sent,) = mail.outbox
    assert sent.to[0].endswith("@grace.example")


@pytest.mark.parametrize("kind", sorted(due.kinds))
def test_due_work_of_one_church_leaves_another_alone(grace, hope, kind):
    with enter_church(grace):
        for make in (*writing.MAKERS.values(), *prayer.MAKERS.values()):
            make()
    before = rows_of(grace)
    due.work_due(church_id=str(hope.id), kind=kind)
    assert rows_of(grace) == before
    assert not [sent for sent in mail.outbox if any("grace.example" in address for address in sent.to)]
