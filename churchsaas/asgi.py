"""Sockets and streams (and, in the demo, HTTP): the ASGI application."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "churchsaas.settings")
os.environ["CHURCHSAAS_PROCESS"] = "asgi"

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

from churchsaas.startup import refuse_unsafe_start

django = get_asgi_application()

# Sockets and streams meet models, which are loaded by the line above.
from notifications.stream.going_on import GoingOn  # noqa: E402 - after the models
from tenants.sockets import ChurchSockets, SocketRouter  # noqa: E402 - as above

http = GoingOn(django)

application = ProtocolTypeRouter({"http": http, "websocket": ChurchSockets(SocketRouter([]))})
refuse_unsafe_start(listens=True)
