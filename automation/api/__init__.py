"""Sequences and messages over the API, one module a subject."""

from django.urls import URLPattern

from automation.writing import api as writing

from . import enrolments, sequences, templates

urlpatterns: list[URLPattern] = [
    *sequences.urlpatterns,
    *templates.urlpatterns,
    *enrolments.urlpatterns,
    *writing.urlpatterns,
]
