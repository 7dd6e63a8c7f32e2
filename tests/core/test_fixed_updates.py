"""A fixed change does what the ORM's own does, in one statement."""

from __future__ import annotations

from django.db.models import F

from core.fixed_updates import FixedUpdate, Given
from members.models import Member
from tenants.context import enter_church


def test_a_fixed_change_finds_its_row_and_takes_what_is_given(grace, hope, django_assert_num_queries):
    field = Member._meta.get_field
    naming = FixedUpdate(
        lambda: (
            Member.objects.filter(pk=Given("id", field("id")), first_name="Ada"),
            {"nickname": Given("name", field("nickname")), "middle_name": F("first_name"), "prefix": "Dr"},
        )
    )
    for church in (grace, hope):
        with enter_church(church):
            ada, mary = Member.objects.get(first_name="Ada"), Member.objects.get(first_name="Mary")
            Member.objects.exists()
            with django_assert_num_queries(1):
                assert naming.run(id=ada.pk, name=f"'{church.subdomain}' %s") == 1
            assert naming.run(id=mary.pk, name="nobody") == 0
            ada.refresh_from_db()
            assert (ada.nickname, ada.middle_name, ada.prefix) == (f"'{church.subdomain}' %s", "Ada", "Dr")
