"""Sequences, messages, and who declined what, over the API, one module a subject."""

from django.urls import URLPattern

from automation.writing import api as writing

from . import enrolments, sequences, suppressions, templates

urlpatterns: list[URLPattern] = [
    *sequences.urlpatterns,
    *templates.urlpatterns,
    *enrolments.urlpatterns,
    *suppressions.urlpatterns,
    *writing.urlpatterns,
]
