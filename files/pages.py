"""Addresses at which files are handed out."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
