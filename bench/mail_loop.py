"""The baseline of sending: ``python -m bench.mail_loop PORT COUNT`` hands over as many mails, and no more."""

from __future__ import annotations

import smtplib
import sys
from email.message import EmailMessage
from email.policy import SMTP

from bench.mail_server import HOST

TEXT = "Dear Ada,\n\nwe are glad that you came. On Sunday at ten we meet again.\n" * 10
HTML = "<p>Dear Ada,</p><p>we are glad that you came. On Sunday at ten we meet again.</p>\n" * 10


def send(port: int, count: int) -> None:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = "no-reply@example.org", "ada@example.org", "Hello"
    mail.set_content(TEXT)
    mail.add_alternative(HTML, subtype="html")
    with smtplib.SMTP(HOST, port) as smtp:
        for _mail in range(count):
            smtp.sendmail("no-reply@example.org", ["ada@example.org"], mail.as_bytes())


if __name__ == "__main__":
    send(int(sys.argv[1]), int(sys.argv[2]))
