"""The ASGI application, for servers that want one; CLIS itself is served by WSGI."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clis.settings")
application = get_asgi_application()
