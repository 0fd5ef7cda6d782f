"""The cargo app."""

from django.apps import AppConfig


class CargoConfig(AppConfig):
    """Cargo: the inbox, the log, the projections and what people read of them."""

    name = "cargo"
    default_auto_field = "django.db.models.BigAutoField"
