"""Pages that people reach from their mail."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
