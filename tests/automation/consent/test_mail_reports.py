"""What the providers of mail report, in their own forms and under their own signatures."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from django.utils import timezone

from automation.models import ProviderEvent
from tenants.context import enter_church
from tenants.domain import suspend_church

SECRET = "reports:correct-horse-battery"
BASIC = {"Authorization": f"Basic {base64.b64encode(SECRET.encode()).decode()}"}
JANE = "jane@example.org"
SIGNING_KEY = "signing-key-of-mailgun"


@pytest.fixture
def use(settings):
    """``use("postmark")``: the provider that sends this installation's mail."""

    def configure(provider: str, key: str = "") -> str:
        settings.EMAIL_BACKEND = f"anymail.backends.{provider}.EmailBackend"
        settings.MAIL_WEBHOOK_SECRET, settings.MAIL_WEBHOOK_SIGNING_KEY = SECRET, key
        return {"amazon_ses": "/api/webhooks/mail/ses"}.get(provider, f"/api/webhooks/mail/{provider}")

    return configure


def metadata(church, message):
    return {"church_id": str(church.pk), "message_id": str(message.pk)}


def send(client, path, content, headers=BASIC):
    return client.post(path, json.dumps(content), content_type="application/json", headers=headers)


def events(church):
    with enter_church(church, even_suspended=True):
        return sorted(ProviderEvent.objects.values_list("kind", flat=True))


# Shapes as their documentation has them, shortened to what is read and a little more.


def postmark(kind, church, message, **more):
    times = {"Delivery": "DeliveredAt", "Bounce": "BouncedAt", "SpamComplaint": "BouncedAt"}
    return {
        "RecordType": kind, "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483", "ServerID": 23,
        "Recipient": JANE, "Email": JANE, "Tag": "news", "MessageStream": "outbound",
        times.get(kind, "ReceivedAt"): "2026-01-05T16:33:54.9070259Z", "Metadata": metadata(church, message),
        **more,
    }  # fmt: skip


def test_postmark_reports_with_name_and_password(grace, platform, use, written, stored, declined):
    path, message = use("postmark"), written()
    for _time in range(2):
        assert send(platform, path, postmark("Delivery", grace, message, Details="250 OK")).status_code == 200
        assert send(platform, path, postmark("Click", grace, message, OriginalLink="x")).status_code == 200
        assert send(platform, path, postmark("Open", grace, message)).status_code == 200
    assert events(grace) == ["clicked", "delivered"]
    now = stored(message)
    assert f"{now.delivered_at:%F %T}" == f"{now.clicked_at:%F %T}" == "2026-01-05 16:33:54"
    assert declined() == set()
    send(platform, path, postmark("Bounce", grace, message, ID=692560173, Type="HardBounce"))
    assert declined() == {("email", JANE, "", "bounced")}
    send(platform, path, postmark("SpamComplaint", grace, message, ID=692560174, Type="SpamComplaint"))
    assert declined() == {("email", JANE, "", "complained")}
    assert stored(message).bounced_at
    assert stored(message).complained_at


def test_postmarks_own_list_of_who_declined_is_obeyed(grace, platform, use, written, declined):
    path, message = use("postmark"), written(topic="events")
    by_hand = {"SuppressSending": True, "SuppressionReason": "ManualSuppression"}
    send(platform, path, postmark("SubscriptionChange", grace, message, **by_hand))
    send(platform, path, postmark("SubscriptionChange", grace, message, SuppressSending=False, ID=2))
    assert declined() == {("email", JANE, "events", "unsubscribed")}
    assert events(grace) == ["unsubscribed"]


@pytest.mark.parametrize("kind", ["Transient", "SoftBounce", "DnsError", "Blocked"])
def test_a_soft_bounce_declines_nothing(grace, platform, use, written, declined, kind):
    path, message = use("postmark"), written()
    assert send(platform, path, postmark("Bounce", grace, message, ID=1, Type=kind)).status_code == 200
    assert declined() == set()


def test_a_delay_changes_nothing(grace, platform, use, written, stored):
    path, message = use("postmark"), written()
    send(platform, path, postmark("Bounce", grace, message, ID=1, Type="Transient"))
    assert events(grace) == []
    assert stored(message).bounced_at is None


def mailgun(event, church, message, *, key=SIGNING_KEY, token="a" * 50, **more):
    moment = str(int(time.time()))
    mac = hmac.new(key.encode(), f"{moment}{token}".encode(), hashlib.sha256).hexdigest()
    return {
        "signature": {"token": token, "timestamp": moment, "signature": mac},
        "event-data": {
            "event": event, "id": "CPgfbmQMTCKtHW6uIWtuVe", "timestamp": 1767630834.9, "recipient": JANE,
            "message": {"headers": {"message-id": "20260105@mg.example.org"}}, "tags": ["news"],
            "user-variables": metadata(church, message), **more,
        },
    }  # fmt: skip


def test_mailgun_signs_its_reports(grace, platform, use, written, declined):
    path, message = use("mailgun", SIGNING_KEY), written()
    final = {"severity": "permanent", "reason": "bounce", "delivery-status": {"code": 550, "message": "No"}}
    later = {"severity": "temporary", "reason": "generic", "delivery-status": {"code": 450}}
    given_up = {"severity": "permanent", "reason": "old", "delivery-status": {"code": 421}}
    forged = mailgun("failed", grace, message, key="another", **final)
    assert send(platform, path, forged).status_code == 403
    assert send(platform, path, mailgun("failed", grace, message, **final), headers={}).status_code == 401
    for number, status in enumerate((later, given_up)):
        content = mailgun("failed", grace, message, token=str(number) * 50, **status)
        assert send(platform, path, content).status_code == 200
    assert (events(grace), declined()) == (["bounced"], set())
    assert send(platform, path, mailgun("failed", grace, message, **final)).status_code == 200
    assert declined() == {("email", JANE, "", "bounced")}


def sendgrid(event, church, message, **more):
    return {
        "email": JANE, "timestamp": 1767630834, "event": event, "sg_event_id": f"{event}-{uuid.uuid4()}",
        "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>", "category": ["news"],
        **metadata(church, message), **more,
    }  # fmt: skip


def test_sendgrid_signs_a_batch_of_several_churches(grace, hope, platform, use, written, stored, declined):
    private = ec.generate_private_key(ec.SECP256R1())
    public = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    path = use("sendgrid", base64.b64encode(public).decode())
    ours, theirs = written(), written(church=hope)
    batch = [
        sendgrid("delivered", grace, ours),
        sendgrid("bounce", grace, ours, type="blocked"),
        sendgrid("bounce", hope, theirs, type="bounce", reason="550 no such user"),
        sendgrid("processed", grace, ours),
        sendgrid("dropped", grace, ours, reason="Unsubscribed Address"),
        # Metadata of one church with a message of the other.
        sendgrid("spamreport", grace, theirs),
        sendgrid("spamreport", hope, ours),
    ]
    body, moment = json.dumps(batch), "1767630835"

    def deliver(content):
        mac = private.sign(f"{moment}{body}".encode(), ec.ECDSA(hashes.SHA256()))
        signed = {
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(mac).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": moment,
        }
        headers = {**BASIC, **signed}
        return platform.post(path, content, content_type="application/json", headers=headers).status_code

    assert deliver(body + " ") == 403
    assert deliver(body) == deliver(body) == 200
    assert declined() == {("email", JANE, "news", "unsubscribed")}
    assert declined(hope) == {("email", JANE, "", "bounced")}
    assert (events(grace), events(hope)) == (["bounced", "delivered", "failed"], ["bounced"])
    assert stored(ours).complained_at is None


def amazon(content):
    outer = {
        "Type": "Notification", "MessageId": "19ba9823-d7f2-53c1-860e-cb10e0d13dfc",
        "TopicArn": "arn:aws:sns:us-east-1:1234567890:SES_Events", "Message": json.dumps(content),
        "Timestamp": "2026-01-05T16:33:54.907Z", "SignatureVersion": "1", "Signature": "EXAMPLE",
    }  # fmt: skip
    headers = {"X-Amz-Sns-Message-Type": outer["Type"], "X-Amz-Sns-Message-Id": outer["MessageId"]}
    return outer, {**headers, **BASIC}


@pytest.mark.parametrize(("kind", "final"), [("Permanent", True), ("Transient", False)])
def test_amazon_is_asked_for_name_and_password_first(grace, platform, use, written, declined, kind, final):
    path, message = use("amazon_ses"), written()
    told = {"name": "X-Metadata", "value": json.dumps(metadata(grace, message))}
    content, headers = amazon(
        {
            "eventType": "Bounce",
            "mail": {"messageId": "0100", "destination": [JANE], "headers": [told]},
            "bounce": {
                "bounceType": kind,
                "bounceSubType": "General",
                "bouncedRecipients": [{"emailAddress": JANE, "diagnosticCode": "smtp; 550 5.1.1"}],
            },
        }
    )
    asked = platform.post(path, json.dumps(content), content_type="text/plain; charset=UTF-8")
    assert asked.status_code == 401
    assert asked["WWW-Authenticate"].startswith("Basic ")
    for _time in range(2):
        answer = platform.post(path, json.dumps(content), content_type="text/plain", headers=headers)
        assert answer.status_code == 200
    assert declined() == ({("email", JANE, "", "bounced")} if final else set())
    assert events(grace) == ["bounced"]


def test_there_is_a_webhook_of_the_provider_in_use_alone_and_none_without_a_secret(
    grace, settings, platform, use, written
):
    path, content = use("postmark"), postmark("Delivery", grace, written())
    for other in ("mailgun", "sendgrid", "ses", "nobody", "postmark-inbound"):
        assert send(platform, f"/api/webhooks/mail/{other}", content).status_code == 404
    assert send(Client(HTTP_HOST="grace.localhost"), path, content).status_code == 404
    for wrong in (
        "",
        "Basic",
        "Basic cmVwb3J0czp3cm9uZw==",
        "Bearer x",
        f"Basic {'é' * 9}".encode().decode("latin-1"),
    ):
        answer = send(platform, path, content, headers={"Authorization": wrong})
        assert answer.status_code == 403, wrong
        assert answer["Content-Type"] == "application/problem+json"
    settings.MAIL_WEBHOOK_SECRET = ""
    assert send(platform, path, content).status_code == 404
    use("postmark")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert send(platform, path, content).status_code == 404
    assert events(grace) == []


def test_what_names_no_message_of_ours_is_taken_and_nothing_happens(
    grace, hope, platform, use, written, declined
):
    path, ours = use("postmark"), written()
    nobody = type(ours)(pk=uuid.uuid4())
    for named in (
        {}, {"church_id": "x", "message_id": str(ours.pk)}, {"church_id": str(grace.pk)},
        metadata(hope, ours), metadata(grace, nobody), metadata(nobody, ours),
    ):  # fmt: skip
        content = postmark("Bounce", grace, ours, ID=1, Type="HardBounce", Metadata=named)
        assert send(platform, path, content).status_code == 200, named
    assert (events(grace), events(hope), declined(), declined(hope)) == ([], [], set(), set())


def test_what_cannot_be_read_is_400_and_what_is_too_large_413(platform, use):
    path = use("postmark")
    for body in ("", "nonsense", "[]", "1", '"x"', "\x00", '{"RecordType": "Inbound"}'):
        answer = platform.post(path, body, content_type="application/json", headers=BASIC)
        assert answer.status_code == 400, body
    for size in (1024 * 1024 + 1, 3_000_000):
        large = platform.post(path, "x" * size, content_type="application/json", headers=BASIC)
        assert large.status_code == 413
    path = use("amazon_ses")
    assert platform.post(path, "[]", content_type="text/plain", headers=BASIC).status_code == 400
    path = use("mailgun", SIGNING_KEY)
    assert send(platform, path, {"signature": "x"}).status_code in {400, 403}


def test_a_suspended_churchs_people_decline_too(grace, platform, use, written):
    path, message = use("postmark"), written()
    suspend_church(church=grace)
    send(platform, path, postmark("SpamComplaint", grace, message, ID=1, Type="SpamComplaint"))
    assert events(grace) == ["complained"]


def test_no_report_comes_from_the_future(grace, platform, use, written, stored):
    path, message = use("postmark"), written()
    later = postmark("Delivery", grace, message) | {"DeliveredAt": "2999-01-05T16:33:54Z"}
    send(platform, path, later)
    assert stored(message).delivered_at <= timezone.now()
