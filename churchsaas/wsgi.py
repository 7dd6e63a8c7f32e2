"""HTTP: the WSGI application."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "churchsaas.settings")
os.environ["CHURCHSAAS_PROCESS"] = "wsgi"

from django.core.wsgi import get_wsgi_application

from churchsaas.startup import refuse_unsafe_start

application = get_wsgi_application()
refuse_unsafe_start()
