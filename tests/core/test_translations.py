"""Every text that people read, in the church's language."""

from __future__ import annotations

import gettext
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tenants.domain import change_settings
from tests.pages import text_of
from tests.services import require_program

ROOT = Path(settings.BASE_DIR)
CATALOGUE = ROOT / "locale" / "es" / "LC_MESSAGES"
WITHOUT_TEXTS = {".git", ".venv", "var", "tests", "bench", "deploy", "docs", "static", "__pycache__"}


@pytest.fixture
def extracted(tmp_path):
    """The catalogue after every text of the program as it is now was gathered anew."""
    require_program("xgettext", install="apt-get install gettext")
    copy = tmp_path / "program"

    def left_out(directory, names):
        return WITHOUT_TEXTS.intersection(names) if Path(directory) == ROOT else {"__pycache__"} & set(names)

    shutil.copytree(ROOT, copy, ignore=left_out)
    command = ["makemessages", "-l", "es", "--no-location", "--no-wrap", "--no-obsolete"]
    subprocess.run(
        [sys.executable, "-m", "django", *command],
        cwd=copy,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": ""},
        check=True,
        capture_output=True,
    )
    return copy / "locale" / "es" / "LC_MESSAGES" / "django.po"


def entries(path):
    """msgid -> msgstr of a catalogue, by way of its compiled form."""
    program = require_program("msgfmt", install="apt-get install gettext")
    compiled = path.with_suffix(".compiled")
    subprocess.run([program, "-o", compiled, path], check=True)
    with compiled.open("rb") as file:
        return gettext.GNUTranslations(file)._catalog


def test_no_text_is_without_its_translation(extracted):
    program = require_program("msgattrib", install="apt-get install gettext")
    for kind in ("--untranslated", "--only-fuzzy"):
        listed = subprocess.run(
            [program, kind, "--no-obsolete", extracted], capture_output=True, text=True, check=True
        ).stdout
        texts = [entry for entry in listed.split("\n\n")[1:] if entry.strip()]
        assert texts == [], "run makemessages, translate, run compilemessages (docs/admin.md)"


def test_the_compiled_catalogue_is_that_of_the_source(tmp_path):
    source = tmp_path / "django.po"
    shutil.copy(CATALOGUE / "django.po", source)
    with (CATALOGUE / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog
    expected = entries(source)
    header = {""}
    assert {k: v for k, v in compiled.items() if k not in header} == {
        k: v for k, v in expected.items() if k not in header
    }


def test_a_spanish_church_is_shown_its_pages_in_spanish(browser_session, grace):
    change_settings(church=grace, language="es")
    anna = browser_session("anna")
    people = text_of(anna.get("/admin/members/member/"))
    for text in ("Personas", "Añadir persona", "Teléfono", "Etiquetas", "Filtros", "Importar", "Ajustes"):
        assert text in people
    for text in ("People", "Phone", "Tags", "Filters", "Settings", "Sign"):
        assert text not in people
    assert 'lang="es"' in anna.get("/admin/members/member/").content.decode()
    today = text_of(anna.get("/admin/"))
    assert "Cumpleaños de los próximos siete días" in today
    assert "4 personas" in today


def test_a_spanish_birthday_is_read_and_shown(browser_session, grace):
    from members.models import Member
    from tenants.context import enter_church

    change_settings(church=grace, language="es")
    client = browser_session("bob")
    typed = {"first_name": "Inés", "last_name": "Vega", "membership_status": "member"}
    typed["birth_date"] = "15 de junio de 1975"
    assert client.post("/admin/members/member/add/", typed).status_code == 302
    with enter_church(grace):
        person = Member.objects.get(first_name="Inés")
    assert person.birth_date == "1975-06-15"
    page = client.get(f"/admin/members/member/{person.pk}/change/").content.decode()
    assert 'value="15 de junio de 1975"' in page


def test_the_language_of_one_church_is_not_that_of_the_next(browser_session, grace):
    change_settings(church=grace, language="es")
    assert "Personas" in text_of(browser_session("anna").get("/admin/members/member/"))
    assert "People" in text_of(browser_session("hugo").get("/admin/members/member/"))


def test_a_spanish_history_says_values_in_spanish_too(browser_session, grace):
    from members.domain import change_member, create_member
    from tenants.context import enter_church

    change_settings(church=grace, language="es")
    with enter_church(grace):
        person = create_member(first_name="Inés", last_name="Vega", membership_status="visitor")
        change_member(member=person, membership_status="member")
    shown = text_of(browser_session("anna").get(f"/admin/members/member/{person.pk}/change/?tab=history"))
    assert "Persona: cambio" in shown
    assert "de Visitante a Miembro" in shown
