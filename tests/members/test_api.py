"""People over the API."""

from __future__ import annotations


def test_staff_reads_a_page_of_people(api):
    answer = api("bob").get("/api/members?page_size=2&ordering=last_name")
    assert answer.status_code == 200
    body = answer.json()
    assert body["count"] == 4
    assert [person["last_name"] for person in body["results"]] == ["Kierkegård", "Lovelace"]


def test_a_token_of_grace_is_worth_nothing_at_hope(api, tokens):
    client = api(None, host="hope.localhost")
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens('bob')['access']}")
    assert client.get("/api/members").status_code == 401
