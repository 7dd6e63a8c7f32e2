"""Text messages on their way out: parts, numbers, the console, and Twilio's protocol on a real connection."""

from __future__ import annotations

import base64
import uuid
from decimal import Decimal

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from automation.sending.outcomes import PermanentError, ProviderError, TemporaryError, UncertainError
from automation.sms import providers
from automation.sms.account import SmsPrice, Twilio, sms_account, sms_price
from automation.sms.numbers import can_be_texted
from automation.sms.segments import BASIC, EXTENSION, count
from automation.sms.twilio import TwilioProvider
from tenants.context import enter_church
from tenants.models import TextedNumber
from tests.automation.consent.twilio import ACCOUNT, SID, TwilioServer
from tests.services import HOST, free_port

JANE = "+12175550199"
MESSAGE = uuid.UUID(int=7)


@pytest.mark.parametrize(
    ("text", "parts", "characters", "encoding"),
    [
        ("", 0, 0, "GSM-7"),
        ("a" * 160, 1, 160, "GSM-7"),
        ("a" * 161, 2, 161, "GSM-7"),
        ("a" * 306, 2, 306, "GSM-7"),
        ("a" * 307, 3, 307, "GSM-7"),
        ("¿Qué día, señor? ÄÖÜß ñ à è", 1, 27, "UCS-2"),
        ("¿Que dia, señor? ÄÖÜß ñ à è é", 1, 29, "GSM-7"),
        ("€" * 80, 1, 160, "GSM-7"),
        # An escape and its sign stay together: 152 and one left over, 152 again.
        ("€" * 81, 2, 162, "GSM-7"),
        ("a" + "€" * 152, 2, 305, "GSM-7"),
        ("€" * 153, 3, 306, "GSM-7"),
        ("ц" * 70, 1, 70, "UCS-2"),
        ("ц" * 71, 2, 71, "UCS-2"),
        ("ц" * 135, 3, 135, "UCS-2"),
        ("🙏", 1, 2, "UCS-2"),
        ("🙏" * 35, 1, 70, "UCS-2"),
        # 33 of them and half a place in each part.
        ("🙏" * 66, 2, 132, "UCS-2"),
        ("🙏" * 67, 3, 134, "UCS-2"),
    ],
)
def test_the_parts_of_a_text_are_counted_as_the_network_does(text, parts, characters, encoding):
    found = count(text)
    assert (found.parts, found.characters, found.encoding) == (parts, characters, encoding)


@given(st.text(max_size=700))
def test_no_text_takes_fewer_parts_than_its_places_need(text):
    found = count(text)
    is_gsm = all(sign in BASIC | EXTENSION for sign in text)
    alone, of_many = (160, 153) if is_gsm else (70, 67)
    least = -(-found.characters // of_many) if found.characters > alone else int(bool(text))
    assert least <= found.parts <= least + 1 + found.characters // of_many // of_many
    if not is_gsm:
        assert found.characters == len(text.encode("utf-16-le", "surrogatepass")) // 2


def test_the_basic_table_has_its_127_signs_beside_the_escape():
    assert len(BASIC) == 127
    assert len(EXTENSION) == 10


def test_what_a_text_costs_is_told_where_a_price_is_set(settings):
    assert (count("a").cost, count("a").currency) == (None, "")
    settings.SMS_PRICE = sms_price("0.0079 USD")
    assert (count("a" * 161).cost, count("a" * 161).currency) == (Decimal("0.0158"), "USD")


def test_settings_are_read_and_what_is_wrong_stops_the_start():
    assert sms_account("") is sms_account("console") is sms_price("") is None
    assert sms_account(f"twilio://AC{'1' * 32}:{'2' * 32}@+12175550001") == ACCOUNT
    assert sms_account("twilio://AC1:2@MGab").sender == "MGab"  # type: ignore[union-attr]  # it is one
    assert sms_price("1 EUR") == SmsPrice(Decimal(1), "EUR")
    for wrong in ("twilio://AC1:2@5550001", "twilio://AC1@+12175550001", "nexmo://a:b@+12175550001"):
        with pytest.raises(ImproperlyConfigured, match="SMS_PROVIDER"):
            sms_account(wrong)
    for wrong in ("free", "1", "1 dollars", "-1 USD"):
        with pytest.raises(ImproperlyConfigured, match="SMS_PRICE"):
            sms_price(wrong)


@pytest.mark.parametrize(
    ("number", "can"),
    [
        (JANE, True),
        ("+447911123456", True),
        ("+442079460958", False),
        ("+18005550123", False),
        (f"{JANE};ext=3", False),
        ("", False),
        ("nonsense", False),
    ],
)
def test_texts_go_to_what_may_be_a_mobile_phone(number, can):
    assert can_be_texted(number) is can


def test_the_console_writes_a_file_and_logs_neither_number_nor_text(grace, settings, tmp_path, caplog):
    settings.VAR_DIR, settings.SMS_ACCOUNT = tmp_path, None
    provider = providers.current()
    with enter_church(grace), caplog.at_level("INFO"):
        provider.send(to=JANE, text="Come on Sunday", church=grace, message_id=MESSAGE)
    file = next((tmp_path / "sms").iterdir())
    assert file.read_text() == f"To: {JANE}\nFrom: Grace Church\n\nCome on Sunday\n"
    assert [record.message for record in caplog.records] == ["text message written"]
    told = str(caplog.records[0].__dict__)
    assert JANE not in told
    assert "Sunday" not in told


@pytest.fixture
def twilio():
    server = TwilioServer()
    yield server
    server.stop()


@pytest.fixture
def send(grace, twilio):
    def go(api: str = "", account: Twilio = ACCOUNT) -> str:
        provider = TwilioProvider(account, api=api or twilio.url, seconds=0.4)
        with enter_church(grace):
            return provider.send(to=JANE, text="Come on Sunday 🙏", church=grace, message_id=MESSAGE)

    return go


def test_twilio_is_asked_in_its_own_protocol(grace, twilio, send, declined):
    assert send() == SID
    path, authorization, fields = twilio.requests[0]
    assert path == f"/2010-04-01/Accounts/{ACCOUNT.account}/Messages.json"
    assert base64.b64decode(authorization.split()[1]).decode() == f"{ACCOUNT.account}:{ACCOUNT.token}"
    assert fields == {
        "To": JANE,
        "From": ACCOUNT.sender,
        "Body": "Come on Sunday 🙏",
        "StatusCallback": "http://localhost:8000/api/webhooks/sms/twilio/status"
        f"?church={grace.pk}&message={MESSAGE}",
    }
    assert declined() == set()
    noted = TextedNumber.objects.get()
    assert (noted.church, noted.sender, noted.message_id) == (grace, ACCOUNT.sender, MESSAGE)
    assert JANE not in noted.number_digest
    send(account=ACCOUNT._replace(sender="MGab"))
    assert twilio.requests[1][2]["MessagingServiceSid"] == "MGab"
    assert "From" not in twilio.requests[1][2]


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        (400, 21211, PermanentError),
        (400, 21614, PermanentError),
        (400, 21610, PermanentError),
        (400, 21617, PermanentError),
        (429, 20429, ProviderError),
        (401, 20003, ProviderError),
        (400, 21606, ProviderError),
        (500, 20500, ProviderError),
        (503, 0, ProviderError),
    ],
)
def test_what_twilio_refuses_is_told_apart_and_names_nobody(twilio, send, declined, status, code, outcome):
    twilio.refuse(status, code)
    with pytest.raises(outcome) as refusal:
        send()
    assert type(refusal.value) is outcome
    assert issubclass(outcome, TemporaryError) == (outcome is ProviderError)
    assert JANE not in str(refusal.value)
    assert refusal.value.__cause__ is None
    has_stopped = {("sms", JANE, "", "stop")} if code == 21610 else set()
    assert declined() == has_stopped


def test_without_an_answer_nobody_knows_and_without_a_connection_nothing_went_out(twilio, send):
    with pytest.raises(ProviderError):
        send(api=f"http://{HOST}:{free_port()}")
    with pytest.raises(ProviderError):
        send(api="http://nowhere.invalid")
    twilio.status = 0
    with pytest.raises(UncertainError):
        send()
    twilio.status, twilio.body = 201, "not json"
    with pytest.raises(UncertainError):
        send()
    twilio.seconds = 0.8
    with pytest.raises(UncertainError):
        send()
