"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the checks: a model that does not say whose it is stops the build."""

    name = "clis.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.core.checks import register

        from clis.accounts import schema  # noqa: F401  (tells the API description about our keys)
        from clis.accounts.checks import check_settings
        from clis.accounts.scoping import check_scopes

        register(check_scopes)
        register(check_settings)
