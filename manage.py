#!/usr/bin/env python
"""Django's command line for CLIS."""

import os
import secrets
import sys
from importlib import import_module

# These read files and print; they need no database and no settings, so a key of the moment will do.
KEYLESS = {"decode", "explain", "generate"}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clis.settings")
    if KEYLESS.intersection(sys.argv[1:2]):
        os.environ.setdefault("CLIS_SECRET_KEY", secrets.token_hex(32))
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        import_module(os.environ["DJANGO_SETTINGS_MODULE"])
    except ImproperlyConfigured as error:
        sys.exit(f"{sys.argv[0]}: {error}")
    execute_from_command_line(sys.argv)
