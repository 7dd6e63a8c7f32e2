"""Merge fields: what may be written, what is refused and how, and that values are only text."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.writing.checking import checked_message
from automation.writing.merge_fields import FIELDS, check, fields_for, fill
from automation.writing.preparing import prepare_step
from automation.writing.rendering import render
from members.models import Member
from tenants.models import Church

GRACE = Church(name="Grace & Peace <3", subdomain="grace", timezone="America/Chicago", language="en")


@pytest.fixture(autouse=True)
def _in_grace(monkeypatch):
    """Rendering asks the database for nothing; so these tests have none."""
    monkeypatch.setattr("automation.writing.preparing.current_church", lambda: GRACE)


def rendered(member: Member, **written: str):
    kept = checked_message(message_type="email", **{"subject": "Hello", "body_text": "", **written})
    prepared = prepare_step(message_type="email", **kept)
    return render(prepared, member=member, church=GRACE, unsubscribe_url="https://grace.example/u?a=1&b=2")


@pytest.mark.parametrize(
    "text",
    [
        "no field at all, {one} brace :-}",
        "{{member.first_name}}",
        "{{  member.first_name|there  }}",
        "{{\u00a0member.last_name\u00a0}}",
        "{{ church.name }} {{ church.url }} {{ unsubscribe_url }} {{ preferences_url }}",
    ],
)
def test_a_field_is_taken_however_it_is_spaced(text):
    check(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ member.frist_name }}", "Did you mean {{ member.first_name }}?"),
        ("{{ firstname }}", "Did you mean {{ member.first_name }}?"),
        ("{{ Member.First_Name }}", "Did you mean {{ member.first_name }}?"),
        ("{{ member.email }}", "is not known"),
        ("{{ member.__class__.__mro__ }}", "is not known"),
        ("{{ member.first_name() }}", "Did you mean {{ member.first_name }}?"),
        ("{{ 7 * 7 }}", "there are: member.first_name, member.called"),
        ("{% if member %}", "There are no other commands"),
        ("{# note #}", "There are no other commands"),
        ("{{ member.first_name", "There are no other commands"),
        ("member.first_name }}", "There are no other commands"),
        ("{{ member.first_name|upper }}", "There are no filters"),
        ('{{ member.first_name|default:"you" }}', "There are no filters"),
        ("{{ member.first_name | a | b }}", "There are no filters"),
        ("{{ member.first_name | <b>you</b> }}", "formatting goes around"),
        ("{{%member.first_name}}", "Did you mean"),
        ("{{ event.title }}", "only in sequences that start with somebody’s registration"),
    ],
)
def test_everything_else_is_refused_with_how_to_write_it(text, said):
    with pytest.raises(ValidationError) as refused:
        check(text)
    assert said in " ".join(refused.value.messages)


def test_fields_of_an_event_are_there_for_who_registers_for_one():
    check("{{ event.title }} on {{ event.date }} at {{ event.time }}", trigger="event_registered")
    assert set(fields_for("event_registered")) == set(FIELDS)
    assert "event.title" not in fields_for("birthday")


def test_what_stands_behind_the_bar_is_written_for_who_has_no_such_value():
    text = "Dear {{ member.first_name | friend & neighbour }}"
    assert fill(text, {"member.first_name": "Ada"}, html=False) == "Dear Ada"
    assert fill(text, {}, html=False) == "Dear friend & neighbour"
    assert fill("{{ member.last_name }}!", {}, html=True) == "!"
    assert fill("{{ nobody.knows }}", {"nobody.knows": "x"}, html=False) == "x"
    assert fill("{{ secret }}", {}, html=False) == ""


def test_the_nickname_is_its_own_field():
    text = "{{ member.first_name }} {{ member.called }} {{ member.full_name }}"
    named = rendered(
        Member(first_name="Robert", last_name="Smith", nickname="Bob"), subject=text, body_text="x"
    )
    assert named.subject == "Robert Bob Robert Smith"
    plain = rendered(Member(first_name="Robert", last_name="Smith"), subject=text, body_text="x")
    assert plain.subject == "Robert Robert Robert Smith"


def test_the_day_of_an_event_is_the_churchs():
    prepared = {
        "subject": "{{ event.title }}, {{ event.date }}, {{ event.time }}",
        "body_html": "",
        "body_text": "",
    }
    values = {"event": {"title": "Supper", "start": "2026-07-01T03:30:00+00:00"}}
    made = render(prepared, member=Member(), church=GRACE, merge_values=values)
    assert made.subject == "Supper, June 30, 2026, 10:30 p.m."


def test_a_name_is_only_text_whatever_it_holds():
    member = Member(
        first_name="{{ member.last_name }}\r\nBcc: everybody@example.org",
        last_name='"><script>alert(1)</script>',
    )
    text = "Dear {{ member.first_name }} {{ member.last_name }}"
    made = rendered(member, subject=text, body_text=text)
    assert "\n" not in made.subject
    assert "\r" not in made.subject
    assert made.subject.startswith("Dear {{ member.last_name }} Bcc:")
    assert "<script" not in made.html
    assert "&lt;script&gt;" in made.html
    assert "Grace &amp; Peace &lt;3" in made.html
    assert "Grace & Peace <3" in made.text


def test_a_field_in_an_address_is_encoded_and_cannot_begin_one():
    member = Member(first_name="a b&c=d/../#", last_name="javascript:alert(1)")
    html = (
        '<a href="https://example.org/?n={{ member.first_name | no one }}&x=1">a</a>'
        '<a href="{{ church.url }}/events?of={{ member.first_name }}">b</a>'
        '<a href="{{ unsubscribe_url }}">c</a>'
    )
    made = rendered(member, body_html=html)
    assert 'href="https://example.org/?n=a%20b%26c%3Dd%2F..%2F%23&amp;x=1"' in made.html
    assert f'href="{GRACE.url}/events?of=a%20b%26c%3Dd%2F..%2F%23"' in made.html
    assert 'href="https://grace.example/u?a=1&amp;b=2"' in made.html
    nobody = rendered(Member(), body_html=html)
    assert 'href="https://example.org/?n=no%20one&amp;x=1"' in nobody.html
    for link in (
        "{{ member.last_name }}",
        "{{ church.url | javascript:alert(1) }}",
        "https://{{ member.last_name }}/",
        "https://example.org{{ member.last_name }}",
        "javascript:{{ member.last_name }}",
    ):
        with pytest.raises(ValidationError, match="stands where no merge field may"):
            checked_message(message_type="email", subject="x", body_html=f'<a href="{link}">a</a>')


def test_entities_do_not_smuggle_braces_in():
    with pytest.raises(ValidationError, match="is not known"):
        checked_message(message_type="email", subject="x", body_html="&#123;&#123; secret }}")


class Tags(HTMLParser):
    """What elements and attributes a document has; not what stands in them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[object] = []
        self.addresses: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, tuple(name for name, _value in attrs)))
        self.addresses += [value or "" for name, value in attrs if name in {"href", "src"}]


EVERYWHERE = (
    "<h1>{{ member.first_name | x }}</h1><p>{{ member.full_name }}"
    '<a href="https://example.org/{{ member.last_name }}?a={{ member.called | y z }}"'
    ' title="{{ member.first_name }}">{{ member.called }}</a>'
    '<img src="https://example.org/{{ member.first_name }}.png" alt="{{ member.last_name }}"></p>'
)
HOSTILE = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "{{ member.last_name }}",
            "{{%member.last_name}}",
            "\r\nBcc: a@b.c",
            '" onload="x',
            "</p><script>",
            "javascript:x",
        ]
    ),
)


@settings(max_examples=150, deadline=None)
@given(first=HOSTILE, last=HOSTILE, nickname=HOSTILE)
def test_no_value_changes_what_a_mail_is_made_of(first, last, nickname):
    subject = "{{ member.first_name }} {{ member.last_name }} {{ member.called | friend }}"
    plain = rendered(
        Member(first_name="A", last_name="B", nickname="C"), subject=subject, body_html=EVERYWHERE
    )
    made = rendered(
        Member(first_name=first, last_name=last, nickname=nickname), subject=subject, body_html=EVERYWHERE
    )
    expected, found = Tags(plain.html), Tags(made.html)
    assert found.found == expected.found
    assert all(address.startswith(("https://", "http://", "#")) for address in found.addresses)
    assert all(" " not in address and '"' not in address for address in found.addresses)
    assert len(made.subject.splitlines()) <= 1


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="{}|% ._abefimnrst<>&;#", max_size=60))
def test_whatever_passes_the_check_leaves_no_braces_behind_in_pairs(text):
    try:
        check(text)
    except ValidationError:
        return
    assert "{{" not in fill(text, {}, html=False)
