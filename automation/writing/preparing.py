"""Preparing a step; a stand-in until the part that writes messages is there."""


def prepare_step(*, subject: str, body_html: str, body_text: str, message_type: str) -> dict[str, str]:
    """The step as it is."""
    return {"subject": subject, "body_html": body_html, "body_text": body_text}
