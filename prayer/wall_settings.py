"""What a church says of its prayer wall in its settings: whether there is one, and its own urgent words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldBooleanSwitchWidget

from tenants.context import current_church

WALL, WORDS = "prayer_wall", "prayer_urgent_words"
MOST_WORDS = 200
LONGEST_WORD = 100


def has_wall() -> bool:
    """Whether the church that was entered shows its prayer wall; it does unless it said otherwise."""
    return current_church().settings.get(WALL) is not False


def urgent_words() -> list[str]:
    """The church's own urgent words."""
    return list(current_church().settings.get(WORDS) or [])


def validate_wall(value: Any) -> None:
    """Raises ValidationError unless ``value`` is true or false."""
    if not isinstance(value, bool):
        raise ValidationError(_("This must be true or false."))


def validate_words(value: Any) -> None:
    """Raises ValidationError unless ``value`` is a list of words or short phrases."""
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise ValidationError(_("A list of words."))
    if len(value) > MOST_WORDS:
        raise ValidationError(_("At most %(most)d words."), params={"most": MOST_WORDS})
    if any(len(word) > LONGEST_WORD or not word.strip() for word in value):
        raise ValidationError(
            _("Each word or phrase has 1 to %(most)d characters."), params={"most": LONGEST_WORD}
        )


class OnByDefaultField(forms.BooleanField):
    """A switch that stands on as long as nobody has touched it."""

    def prepare_value(self, value: Any) -> Any:
        return True if value is None else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(True if initial is None else initial, data)


class LinesField(forms.CharField):
    """A list of texts, one on each line."""

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        lines = [" ".join(line.split()) for line in super().clean(value).splitlines()]
        return list(dict.fromkeys(line for line in lines if line))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.clean(data) != list(initial or [])


def wall_field() -> forms.Field:
    """The switch on the page of settings."""
    return OnByDefaultField(
        label=_("Prayer wall"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("A public page at /prayer/ on which visitors ask for prayer and say that they prayed."),
    )


def words_field() -> forms.Field:
    """The box for urgent words on the page of settings."""
    return LinesField(
        label=_("Urgent words in prayer requests"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=_(
            "One word or phrase on each line. A request with one of them is held and shown first. Words "
            "about self-harm and abuse are known already. An asterisk stands for any ending."
        ),
    )
