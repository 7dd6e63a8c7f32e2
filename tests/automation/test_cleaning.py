"""HTML for mail: what stays, what goes, the text that is read off it, and simple text made HTML."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.writing.checking import checked_message
from automation.writing.cleaning import clean_html
from automation.writing.plain_text import text_of
from automation.writing.preparing import INLINER
from automation.writing.simple_text import html_of


@pytest.mark.parametrize(
    "bad",
    [
        "<script>alert(1)</script>",
        "<style>p{color:red}</style>",
        '<p onclick="x()">',
        '<a href="javascript:alert(1)">',
        '<a href="jav&#x09;ascript:alert(1)">',
        '<a href="data:text/html,x">',
        '<a href="//evil.example/">',
        '<a href="/relative">',
        '<a href="vbscript:x">',
        '<img src="http://plain.example/x.png">',
        '<img src="data:image/png;base64,AAAA">',
        '<img src="cid:1">',
        '<p style="position:fixed;background:url(https://x.example/)">',
        '<link rel="stylesheet" href="file:///etc/passwd">',
        '<base href="https://evil.example/">',
        '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
        '<iframe src="https://evil.example/"></iframe>',
        '<form action="https://evil.example/"><input name="password"></form>',
        "<svg><script>alert(1)</script></svg>",
        "<math><mi xlink:href='javascript:x'></mi></math>",
        "<!-- a comment -->",
    ],
)
def test_what_does_harm_is_taken_out(bad):
    clean = clean_html(f"<p>before</p>{bad}<p>after</p>")
    assert "before" in clean
    assert "after" in clean
    for part in (
        "script",
        "url(",
        "position",
        "file:",
        "evil",
        "data:",
        "cid:",
        "plain.example",
        "<form",
        "<!--",
    ):
        assert part not in clean
    assert "href" not in clean
    assert "onclick" not in clean


def test_what_a_mail_is_made_of_stays():
    html = (
        '<h2 style="color:#112233">News</h2><p>A <strong>bold</strong> word<br>and'
        ' <a href="https://example.org/?a=1&amp;b=2" rel="noopener noreferrer">a link</a>,'
        ' <a href="mailto:us@example.org" rel="noopener noreferrer">a mail</a></p><ul><li>one</li></ul>'
        '<table role="presentation" width="100%"><tbody><tr><td align="center">cell</td></tr></tbody></table>'
        '<img src="https://example.org/x.png" alt="A picture" width="40">'
    )
    assert clean_html(html) == html


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="<>/=\"'{}| abhrefimgsctpx:&;#1", max_size=80))
def test_cleaning_twice_changes_nothing(html):
    clean = clean_html(html)
    assert clean_html(clean) == clean


def test_elements_that_lie_too_deep_are_refused():
    with pytest.raises(ValidationError, match="lie in one another"):
        checked_message(message_type="email", subject="x", body_html="<div>" * 5_000 + "x")
    checked_message(message_type="email", subject="x", body_html="<p>x" * 5_000)


def test_the_inliner_reads_neither_files_nor_other_hosts(tmp_path):
    sheet = tmp_path / "sheet.css"
    sheet.write_text("p { color: red }")
    for address in (sheet.as_uri(), str(sheet), "http://127.0.0.1:9/sheet.css"):
        made = INLINER.inline(
            f'<html><head><link rel="stylesheet" href="{address}"></head><body><p>x</p></body></html>'
        )
        assert "red" not in made


def test_the_text_part_is_read_off_the_html():
    html = (
        "<h1>News</h1><p>Dear   friend,<br>come <b>soon</b> to <a href='https://example.org/x'>our page</a>"
        " or https <a href='https://example.org'>https://example.org</a>.</p>"
        "<ul><li>one<ul><li>inner</li></ul></li><li>two</li></ul>"
        "<ol start='3'><li>three</li><li>four</li></ol>"
        "<table><tr><td>left</td><td>right</td></tr></table><hr>"
        "<p><img src='https://x.example/i.png' alt='A hill'></p>"
        "<p><a href='mailto:us@example.org'>us@example.org</a> &amp; <a href='tel:+1'>call</a></p>"
    )
    assert text_of(html) == (
        "News\n\nDear friend,\ncome soon to our page (https://example.org/x) or https https://example.org.\n\n"
        "- one\n  - inner\n- two\n\n3. three\n4. four\n\nleft right\n\n-----\n\nA hill\n\n"
        "us@example.org & call (+1)"
    )


def test_simple_text_becomes_html():
    text = (
        "# Summer fair\nDear *{{ member.first_name | friend }}*,\r\nit is _soon_: see https://example.org/a_b_c?x=1&y=2.\n\n"
        "- cake\n- more cake\n\n1. come\n2. stay\nand [write to us](mailto:us@example.org) or"
        " [look]({{ church.url }}/events)\n\n2 * 3 * 4, snake_case_word, 5 < 6 <script>"
    )
    assert html_of(text) == (
        "<h2>Summer fair</h2>\n<p>Dear <strong>{{ member.first_name | friend }}</strong>,"
        "<br>it is <em>soon</em>: see"
        ' <a href="https://example.org/a_b_c?x=1&amp;y=2" rel="noopener noreferrer">'
        "https://example.org/a_b_c?x=1&amp;y=2</a>.</p>\n"
        "<ul><li>cake</li><li>more cake</li></ul>\n<ol><li>come</li><li>stay</li></ol>\n"
        '<p>and <a href="mailto:us@example.org" rel="noopener noreferrer">write to us</a> or'
        ' <a href="{{ church.url }}/events" rel="noopener noreferrer">look</a></p>\n'
        "<p>2 * 3 * 4, snake_case_word, 5 &lt; 6 &lt;script&gt;</p>"
    )


@pytest.mark.parametrize(
    "text", ["[x](javascript:alert(1))", "[x](data:text/html,y)", '[x](https://a"onclick="b)']
)
def test_simple_text_makes_no_link_that_does_harm(text):
    html = html_of(text)
    assert 'href="javascript' not in html
    assert 'href="data' not in html
    assert '"onclick' not in html


def test_a_text_message_has_neither_subject_nor_html():
    kept = checked_message(message_type="sms", subject="x", body_html="<p>y</p>", body_text=" Hello ")
    assert kept == {"subject": "", "body_html": "", "body_text": "Hello"}
    for text in ("", "x" * 1_531):
        with pytest.raises(ValidationError):
            checked_message(message_type="sms", body_text=text)


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ({"subject": " ", "body_text": "x"}, "subject"),
        ({"subject": "x" * 256, "body_text": "x"}, "subject"),
        ({"subject": "x", "body_text": " "}, "body_text"),
        ({"subject": "x", "body_html": "<p> </p>"}, "body_html"),
        ({"subject": "x", "body_text": "\x00"}, "body_text"),
    ],
)
def test_what_is_missing_or_too_long_is_said_of_its_field(written, field):
    with pytest.raises(ValidationError) as refused:
        checked_message(message_type="email", **written)
    assert list(refused.value.message_dict) == [field]
