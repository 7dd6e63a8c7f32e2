"""Twilio's side: an account, its signature, and a server that speaks its protocol."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from twilio.request_validator import RequestValidator

from automation.sms.account import Twilio

ACCOUNT = Twilio("AC" + "1" * 32, "2" * 32, "+12175550001")
SID = "SM" + "a" * 32
INCOMING = "/api/webhooks/sms/twilio"


def signature(path: str, fields: dict[str, str], *, token: str = ACCOUNT.token) -> str:
    """What Twilio sends in ``X-Twilio-Signature`` along with ``fields``."""
    return str(RequestValidator(token).compute_signature(f"http://localhost:8000{path}", fields))


def post(client: Any, fields: dict[str, str], *, path: str = INCOMING, **signed: str) -> Any:
    """Sends a form as Twilio does."""
    given = {"AccountSid": ACCOUNT.account, **fields}
    return client.post(path, given, headers={"X-Twilio-Signature": signature(path, given, **signed)})


def answered(text: str, *, sid: str = SID, number: str = "+12175550199", **more: str) -> dict[str, str]:
    """The fields of a text message from Jane."""
    return {"MessageSid": sid, "From": number, "To": ACCOUNT.sender, "Body": text, **more}


class TwilioServer:
    """Answers ``POST /2010-04-01/Accounts/{sid}/Messages.json`` as it was told to."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.status, self.body, self.seconds = 201, json.dumps({"sid": SID, "status": "queued"}), 0.0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                fields = parse_qs(self.rfile.read(length).decode())
                given = {name: values[0] for name, values in fields.items()}
                outer.requests.append((self.path, self.headers["Authorization"], given))
                time.sleep(outer.seconds)
                if outer.status == 0:
                    self.close_connection = True
                    return
                content = outer.body.encode()
                self.send_response(outer.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_arguments: Any) -> None:
                return None

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    def refuse(self, status: int, code: int) -> None:
        """The next answers are errors of that code, with the number in their text, as Twilio's are."""
        message = "The message From/To pair +12175550001/+12175550199 violates a blacklist rule."
        self.status = status
        self.body = json.dumps({"code": code, "message": message, "more_info": "", "status": status})

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
