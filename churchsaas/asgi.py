"""Sockets and streams (and, in the demo, HTTP): the ASGI application."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "churchsaas.settings")
os.environ.setdefault("CHURCHSAAS_PROCESS", "asgi")

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 - after the environment
from django.core.asgi import get_asgi_application  # noqa: E402 - after the environment

application = ProtocolTypeRouter({"http": get_asgi_application(), "websocket": URLRouter([])})
