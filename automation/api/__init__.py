"""Sequences over the API, one module a subject."""

from django.urls import URLPattern

from . import enrolments, sequences, templates

urlpatterns: list[URLPattern] = [
    *sequences.urlpatterns,
    *templates.urlpatterns,
    *enrolments.urlpatterns,
]
