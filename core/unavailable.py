"""What a door raises when something that it needs, and that is not ours, does not answer."""

from django.core.exceptions import ValidationError


class ServiceUnavailableError(ValidationError):
    """Nothing was done; later it may work. Pages show the text at the field, the API answers 503."""
