"""A church's own fields over the API, and who sees which."""

from __future__ import annotations

import pytest

from members.custom_fields.domain import archive_custom_field, create_custom_field
from members.domain import create_member
from members.models import Member
from tenants.context import enter_church
from tests.members.conftest import fewest_queries
from tests.problems import assert_problem

FIELDS = "/api/custom-fields"
SIZES = [{"label": "Small"}, {"label": "Large"}]


@pytest.fixture
def fields(grace):
    """Shirt and height for everybody, care for pastors, and an old one that was put away."""
    with enter_church(grace):
        made = {
            "shirt": create_custom_field(label="Shirt", kind="choice", choices=SIZES),
            "height": create_custom_field(label="Height", kind="number"),
            "joined": create_custom_field(label="Joined", kind="date"),
            "teams": create_custom_field(
                label="Teams", kind="choices", choices=[{"label": "A"}, {"label": "B"}]
            ),
            "care": create_custom_field(label="Care", kind="text", visible_to=["pastor"]),
            "old": create_custom_field(label="Old", kind="text"),
        }
        for number in range(3):
            create_member(
                first_name=f"Ruth{number}", last_name="Moab",
                custom_fields={
                    "shirt": ["small", "large", None][number], "height": [9, 10, 1.5][number],
                    "joined": f"20{20 + number}-01-01", "teams": [["a"], ["a", "b"], None][number],
                    "care": f"secret {number}", "old": "x",
                },
            )  # fmt: skip
        archive_custom_field(field=made["old"])
    return made


def names(answer):
    assert answer.status_code == 200, answer.json()
    return [person["first_name"][-1] for person in answer.json()["results"] if person["last_name"] == "Moab"]


def test_an_administrator_makes_changes_and_removes_a_field(api):
    anna = api("anna")
    made = anna.post(FIELDS, {"label": "Shirt", "kind": "choice", "choices": SIZES}, format="json")
    assert made.status_code == 201, made.json()
    address = f"{FIELDS}/{made.json()['id']}"
    assert made.json()["key"] == "shirt"
    assert made.json()["choices"][0] == {"key": "small", "label": "Small", "archived": False}
    assert anna.get(address).json() == made.json()
    assert anna.put(address, made.json(), format="json").json() == made.json()
    changed = anna.patch(address, {"label": "Jacket", "visible_to": ["staff"]}, format="json").json()
    assert (changed["key"], changed["label"], changed["visible_to"]) == ("shirt", "Jacket", ["staff"])
    assert_problem(anna.delete(address), 400)
    assert anna.patch(address, {"archived": True}, format="json").json()["archived"] is True
    assert anna.delete(address).status_code == 204
    assert anna.get(address).status_code == 404


def test_each_role_is_told_of_the_fields_that_it_sees(api, fields):
    def keys(actor):
        return [field["key"] for field in api(actor).get(FIELDS).json()["results"]]

    assert keys("anna") == ["shirt", "height", "joined", "teams", "care", "old"]
    assert keys("alice") == ["shirt", "height", "joined", "teams", "care"]
    assert keys("bob") == keys("vera") == ["shirt", "height", "joined", "teams"]
    assert api("bob").get(f"{FIELDS}/{fields['care'].pk}").status_code == 404
    assert (
        api("bob").patch(f"{FIELDS}/{fields['shirt'].pk}", {"label": "X"}, format="json").status_code == 403
    )


def test_each_role_reads_the_values_that_it_sees(api, fields, person):
    address = f"/api/members/{person('Ruth0').pk}"
    for actor, sees in (("anna", True), ("alice", True), ("bob", False), ("vera", False)):
        client = api(actor)
        one = client.get(address).json()
        # An address that is good for minutes is made for one person, not for a list.
        del one["photo_url"]
        listed = client.get("/api/members?last_name=Moab").json()["results"]
        found = client.get("/api/members/search?q=ruth0").json()["results"]
        assert one in listed
        assert found == [one]
        assert ("care" in one["custom_fields"]) is sees, actor
        assert "old" not in one["custom_fields"]
        assert one["custom_fields"]["shirt"] == "small"


def test_what_is_not_named_or_not_seen_stays(api, fields, person, grace):
    ruth = person("Ruth0")
    bob = api("bob")
    address = f"/api/members/{ruth.pk}"
    assert bob.put(address, bob.get(address).json(), format="json").status_code == 200
    names = {"first_name": "Ruth0", "last_name": "Moab"}
    answer = bob.put(address, {**names, "custom_fields": {"shirt": None, "height": 2}}, format="json")
    assert answer.json()["custom_fields"] == {"height": 2, "joined": "2020-01-01", "teams": ["a"]}
    assert bob.put(address, {**names, "custom_fields": {}}, format="json").status_code == 200
    assert person("Ruth0").custom_fields == {
        "height": 2, "joined": "2020-01-01", "teams": ["a"], "care": "secret 0", "old": "x",
    }  # fmt: skip


def test_a_hidden_field_cannot_be_told_from_one_that_does_not_exist(api, fields, person):
    bob = api("bob")
    address = f"/api/members/{person('Ruth0').pk}"
    for value in ("x", None):
        said = [
            assert_problem(bob.patch(address, {"custom_fields": {key: value}}, format="json"), 400)["errors"]
            for key in ("care", "old", "wings")
        ]
        assert said == [
            {f"custom_fields.{key}": ["There is no such field."]} for key in ("care", "old", "wings")
        ]
    for query in ("custom.{}=x", "custom.{}=", "custom.{}.from=1", "custom.{}.any=x"):
        said = []
        for key in ("care", "old", "wings"):
            asked = query.format(key)
            name = asked.partition("=")[0]
            said.append(assert_problem(bob.get(f"/api/members?{asked}"), 400, name)["errors"][name])
        assert said == [["There is no such field."]] * 3
    texts = set()
    for key in ("care", "old", "wings"):
        body = assert_problem(bob.get(f"/api/members?ordering=custom.{key}"), 400, "ordering")
        texts.add(body["errors"]["ordering"][0].replace(key, "KEY"))
    assert len(texts) == 1
    assert "custom.shirt" in texts.pop()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("custom.shirt=large", "1"), ("custom.shirt=LARGE", "1"), ("custom.shirt=", "2"),
        ("custom.shirt.any=small,large", "01"),
        ("custom.height=10", "1"), ("custom.height.from=9", "01"), ("custom.height.to=9", "02"),
        ("custom.height.from=2&custom.height.to=9.5", "0"), ("custom.joined.from=2021-01-01", "12"),
        ("custom.joined.to=2020-12-31", "0"), ("custom.joined=2021-01-01", "1"), ("custom.teams=b", "1"),
        ("custom.teams=a", "01"), ("custom.teams.any=b", "1"), ("custom.teams=", "2"),
        ("custom.shirt.any=", ""), ("ordering=custom.height", "201"), ("ordering=-custom.height", "102"),
        ("ordering=custom.shirt", "012"), ("ordering=-custom.shirt", "102"),
        ("ordering=custom.joined,-last_name", "012"),
        ("ordering=-custom.joined", "210"), ("ordering=custom.teams&custom.height.from=9", "01"),
    ],
)  # fmt: skip
def test_people_are_found_and_ordered_by_their_own_fields(api, fields, query, found):
    assert names(api("bob").get(f"/api/members?{query}")) == list(found)
    # What is put in order has an order of its own.
    if "ordering" not in query:
        assert names(api("bob").get(f"/api/members?{query}&ordering=first_name")) == list(found)


@pytest.mark.parametrize(
    "name",
    [
        "custom.height=tall", "custom.joined.from=soon", "custom.shirt.from=small", "custom.shirt=medium",
        "custom.height.to=",
    ],
)  # fmt: skip
def test_a_filter_that_means_nothing_names_its_parameter(api, fields, name):
    assert_problem(api("bob").get(f"/api/members?{name}"), 400, name.partition("=")[0])


@pytest.mark.parametrize("text", ["' OR '1'='1", "x') OR 1=1 --", "{a}", "%s", "a.b", "*", '"', "custom"])
def test_statements_in_keys_are_texts(api, fields, text):
    bob = api("bob")
    assert_problem(bob.get("/api/members", {f"custom.{text}": "x"}), 400)
    assert_problem(bob.get("/api/members", {"ordering": f"custom.{text}"}), 400)
    body = {"first_name": "a", "last_name": "b", "custom_fields": {text: 1}}
    assert_problem(bob.post("/api/members", body, format="json"), 400)


def test_values_of_another_kind_left_from_before_break_no_comparison(api, fields, grace):
    with enter_church(grace):
        for odd in ("tall", True, None, [1], {"a": 1}):
            made = create_member(first_name="Odd", last_name="One")
            Member.objects.filter(pk=made.pk).update(
                custom_fields={"height": odd, "shirt": odd, "joined": odd}
            )
    for query in (
        "ordering=custom.height",
        "custom.height.from=9",
        "ordering=custom.shirt",
        "custom.joined.to=2021-01-01",
    ):
        assert api("bob").get(f"/api/members?{query}").status_code == 200


def test_one_query_reads_the_definitions_however_many_people_there_are(api, fields, grace):
    bob = api("bob")
    addresses = ["/api/members", "/api/members?custom.shirt=large&ordering=custom.height", FIELDS]
    before = [fewest_queries(lambda address=address: bob.get(address)) for address in addresses]
    with enter_church(grace):
        for number in range(30):
            create_member(first_name=f"N{number}", last_name="Many", custom_fields={"shirt": "large"})
            create_custom_field(label=f"More {number}", kind="text")
    assert [fewest_queries(lambda address=address: bob.get(address)) for address in addresses] == before
    # The count, and the keys of the page before its people, which the list without a filter reads in one.
    assert before[1] == before[0] + 2
