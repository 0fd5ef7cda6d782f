"""The notifications app."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Notifications: channels, subscriptions, deliveries and each try."""

    name = "notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from clis import lookups

        lookups.register()
