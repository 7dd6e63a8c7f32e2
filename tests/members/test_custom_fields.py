"""A church's own fields: what they are, and what lies in them."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from core.models import HistoryEntry
from members.custom_fields import domain
from members.custom_fields.values import normalized_custom_values, plain_text
from members.custom_fields.visibility import active_fields
from members.domain import change_member, create_member
from members.models import CustomField, Member, SavedList
from tenants.context import enter_church

SIZES = [{"label": "Small"}, {"label": "Large"}]


@pytest.fixture
def inside(grace):
    with enter_church(grace):
        yield grace


def make(label="Shirt", kind="choice", **values):
    if kind in {"choice", "choices"}:
        values.setdefault("choices", SIZES)
    return domain.create_custom_field(label=label, kind=kind, **values)


def person(**fields):
    return create_member(first_name="Ruth", last_name="Moab", custom_fields=fields)


def fresh(member):
    return Member.objects.get(pk=member.pk).custom_fields


def refusal(door, **values):
    with pytest.raises(ValidationError) as refused:
        door(**values)
    return refused.value.message_dict if hasattr(refused.value, "error_dict") else refused.value.messages


# -- Definitions --


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("  T-Shirt  size ", "t_shirt_size"), ("Größe", "große".replace("ß", "")), ("2024", "field_2024"),
        ("洗礼", "field"), ("first_name", "first_name"), ("x" * 100, "x" * 50),
    ],
)  # fmt: skip
def test_a_key_is_made_from_the_label(inside, label, key):
    field = make(label, "text")
    assert (field.key, field.label) == (key if key != "große" else "groe", " ".join(label.split()))


def test_two_labels_that_give_one_key_give_two(inside):
    assert [make(label, "text").key for label in ("T shirt", "T-Shirt", "T.shirt")] == [
        "t_shirt", "t_shirt_2", "tshirt",
    ]  # fmt: skip


def test_two_fields_do_not_share_a_name(inside):
    make("Shirt")
    assert list(refusal(make, label="SHIRT", kind="text")) == ["label"]


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"label": " "}, "label"), ({"label": "x" * 101}, "label"), ({"kind": "magic"}, "kind"),
        ({"choices": []}, "choices"), ({"choices": [{"label": "A"}, {"label": "a"}]}, "choices"),
        ({"choices": [{"label": ""}]}, "choices"),
        ({"choices": [{"key": "made-up", "label": "A"}]}, "choices"),
        ({"visible_to": ["owner"]}, "visible_to"), ({"help_text": "x" * 256}, "help_text"),
        ({"order_index": -1}, "order_index"),
    ],
)  # fmt: skip
def test_what_no_definition_may_say(inside, values, name):
    assert list(
        refusal(domain.create_custom_field, **{"label": "A", "kind": "choice", "choices": SIZES, **values})
    ) == [name]
    field = make("Other")
    assert list(refusal(domain.change_custom_field, field=field, **values)) == [name]


def test_a_new_name_loses_nothing(inside):
    field = make()
    ruth = person(shirt="large")
    renamed = domain.change_custom_field(
        field=field, label="Jacket", choices=[{"key": "large", "label": "L"}, {"key": "small", "label": "S"}]
    )
    assert (renamed.key, fresh(ruth)) == ("shirt", {"shirt": "large"})
    assert plain_text(renamed, fresh(ruth)["shirt"]) == "L"


def test_a_choice_that_somebody_has_is_put_away_instead_of_lost(inside):
    field = make(choices=[*SIZES, {"label": "Huge"}])
    person(shirt="large")
    changed = domain.change_custom_field(field=field, choices=[{"key": "small", "label": "Small"}])
    assert changed.choices == [
        {"key": "small", "label": "Small"}, {"key": "large", "label": "Large", "archived": True},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "value", "new_kind", "new_value"),
    [
        ("text", "12", "number", 12), ("text", "1.5", "number", 1.5), ("number", 7, "text", "7"),
        ("text", "2020-02-03", "date", "2020-02-03"), ("text", "yes", "yes_no", True),
        ("yes_no", False, "text", "No"), ("choice", "large", "choices", ["large"]),
        ("choices", ["small"], "choice", "small"), ("choices", ["small", "large"], "text", "Small, Large"),
        ("text", "large", "choice", "large"),
    ],
)  # fmt: skip
def test_a_kind_changes_with_the_values(inside, kind, value, new_kind, new_value):
    field = make(kind=kind)
    ruth = person(shirt=value)
    choices = {"choices": SIZES} if new_kind in {"choice", "choices"} and not field.choices else {}
    domain.change_custom_field(field=field, kind=new_kind, **choices)
    assert fresh(ruth) == {"shirt": new_value}
    if new_value != value:
        assert HistoryEntry.objects.filter(about=ruth.pk).first().changes == {
            "custom_fields": [{"shirt": value}, {"shirt": new_value}]
        }


@pytest.mark.parametrize(
    ("kind", "value", "new_kind"),
    [
        ("text", "twelve", "number"), ("text", "007", "number"), ("text", "soon", "date"),
        ("text", "Medium", "choice"), ("choices", ["small", "large"], "choice"), ("number", 2, "yes_no"),
        ("text", "2020-02-03 10:30", "date"),
    ],
)  # fmt: skip
def test_a_kind_stays_where_a_value_would_be_lost(inside, kind, value, new_kind):
    field = make(kind=kind)
    ruth = person(shirt=value)
    choices = {"choices": SIZES} if new_kind == "choice" and not field.choices else {}
    assert refusal(domain.change_custom_field, field=field, kind=new_kind, **choices) == {
        "kind": ["1 person has a value that cannot be read as this kind."]
    }
    assert fresh(ruth) == {"shirt": value}


def test_only_a_field_that_was_put_away_and_is_empty_goes(inside):
    field = make()
    ruth = person(shirt="large")
    assert "Put the field away" in refusal(domain.remove_custom_field, field=field)[0]
    domain.archive_custom_field(field=field)
    assert "1 person has a value" in refusal(domain.remove_custom_field, field=field)[0]
    Member.objects.filter(pk=ruth.pk).update(custom_fields={})
    saved = SavedList.objects.create(
        name="Large",
        rule={"conditions": [{"field": "custom_fields.shirt", "operator": "is", "value": "large"}]},
    )
    assert "saved list" in refusal(domain.remove_custom_field, field=field)[0]
    saved.delete()
    domain.remove_custom_field(field=field)
    assert not CustomField.objects.exists()


def test_what_was_put_away_comes_back_with_its_values(inside):
    field = make()
    ruth = person(shirt="large")
    domain.archive_custom_field(field=field)
    assert active_fields() == []
    change_member(member=ruth, nickname="Rut")
    make("Other", "text")
    change_member(member=ruth, custom_fields={"other": "x"})
    domain.restore_custom_field(field=field)
    assert [entry.key for entry in active_fields()] == ["shirt", "other"]
    assert fresh(ruth) == {"shirt": "large", "other": "x"}


def test_fields_stand_in_the_order_that_was_given(inside):
    first, second, third = (make(label, "text") for label in "abc")
    domain.reorder_custom_fields(ids=[third.pk, first.pk])
    assert [field.key for field in active_fields()] == ["c", "a", "b"]
    second.delete()
    assert list(refusal(domain.reorder_custom_fields, ids=[second.pk])) == ["ids"]


def test_keys_from_before_there_were_definitions_are_defined(inside):
    make("Shoe size", "text")
    ruth = person(shoe_size="7")
    Member.objects.filter(pk=ruth.pk).update(
        custom_fields={"shoe_size": "7", "shirt size": "XL", "work_email": "r@x.example", "z" * 61: 1, "": 2}
    )
    assert [(field.key, field.label) for field in domain.define_stray_keys()] == [
        ("shirt size", "Shirt size"), ("work_email", "Work email"),
    ]  # fmt: skip
    assert domain.define_stray_keys() == []
    change_member(member=ruth, custom_fields={"shirt size": "L"})
    assert fresh(ruth)["shirt size"] == "L"
    assert fresh(ruth)["z" * 61] == 1


# -- Values --


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("text", " a \r\n  b ", "a\nb"), ("text", "Mu\u0308ller", "Müller"), ("text", 7, "7"),
        ("number", 7, 7), ("number", 7.0, 7), ("number", "7,5", 7.5), ("number", " 1 000 ", 1000),
        ("number", "-2.50", -2.5), ("date", "2020-02-29", "2020-02-29"), ("date", "2/29/2020", "2020-02-29"),
        ("choice", "large", "large"), ("choice", " LARGE", "large"),
        ("choices", ["large", "small"], ["small", "large"]),
        ("choices", "large; Small", ["small", "large"]), ("yes_no", True, True), ("yes_no", "Sí", True),
        ("yes_no", "0", False), ("yes_no", False, False),
    ],
)  # fmt: skip
def test_the_form_in_which_values_are_kept(inside, kind, given, kept):
    make(kind=kind)
    assert fresh(person(shirt=given)) == {"shirt": kept}
    assert type(fresh(person(shirt=given))["shirt"]) is type(kept)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", "x" * 2001), ("text", "a\x00b"), ("text", ["a"]), ("text", True), ("number", "seven"),
        ("number", True), ("number", 2**63), ("number", float("inf")), ("number", "1,500"), ("number", {}),
        ("date", "2020-02-30"), ("date", "--02-03"), ("date", 2020), ("choice", "medium"), ("choice", 5),
        ("choices", ["small", "medium"]), ("choices", [["small"]]), ("choices", 1), ("yes_no", "perhaps"),
        ("yes_no", 2),
    ],
)  # fmt: skip
def test_what_is_refused_names_the_field(inside, kind, value):
    make(kind=kind)
    ruth = person()
    for door in (
        lambda: person(shirt=value),
        lambda: change_member(member=ruth, custom_fields={"shirt": value}),
    ):
        assert list(refusal(door)) == ["custom_fields.shirt"]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", 7), ("number", "7"), ("date", "2/29/2020"), ("date", "--02-29"), ("choice", "Large"),
        ("choices", "large"), ("choices", ["Large"]), ("yes_no", "yes"), ("yes_no", 1),
    ],
)  # fmt: skip
def test_json_is_taken_at_its_word(inside, kind, value):
    make(kind=kind)
    refusal(
        normalized_custom_values, values={"shirt": value}, fields=active_fields(), country="US", typed=True
    )


def test_an_unknown_and_an_archived_key_are_refused_alike(inside):
    domain.archive_custom_field(field=make())
    said = refusal(person, shirt="large", wings="2")
    assert said == {
        "custom_fields.shirt": ["There is no such field."],
        "custom_fields.wings": ["There is no such field."],
    }


@pytest.mark.parametrize("nothing", [None, "", "  ", []])
def test_nothing_takes_a_value_away(inside, nothing):
    make()
    make("Other", "text")
    ruth = person(shirt="large", other="x")
    change_member(member=ruth, custom_fields={"shirt": nothing})
    assert fresh(ruth) == {"other": "x"}


def test_the_definitions_are_read_once_for_a_door(inside, django_assert_num_queries):
    for label in "abcdef":
        make(label, "text")
    with django_assert_num_queries(1):
        normalized_custom_values(dict.fromkeys("abcdef", "x"), fields=active_fields(), country="US")
