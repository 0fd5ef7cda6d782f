"""Every route, joined."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.utils.translation import gettext_lazy as _
from django.views.generic import RedirectView

from cargo.api import signed
from clis import health
from clis.accounts import views as accounts
from notifications.api import mail_callbacks
from notifications.api.text_callbacks import sms_callback

admin.site.site_header = admin.site.site_title = "CLIS"
admin.site.index_title = _("Operation")
# Staff sign in where everybody does: with the same throttling and the same second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("i18n/setlang/", accounts.set_language, name="set_language"),
    path("account/", include("clis.accounts.urls")),
    # An address is what one signs in with; only staff change it, so nobody can take one that is not theirs.
    path("account/email/", RedirectView.as_view(pattern_name="accounts:profile")),
    path("account/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("clis.api")),
    # Where carriers push; an address in a subscription is typed by people, with a last slash or without.
    re_path(r"^callbacks/dcsa/(?P<slug>[-\w]+)/?\Z", signed.dcsa_callback, name="dcsa_callback"),
    re_path(r"^callbacks/dcsa/(?P<slug>[-\w]+)/events/?\Z", signed.dcsa_events, name="dcsa_events"),
    path("callbacks/sms/<slug:provider>/", sms_callback, name="sms_callback"),
    path("callbacks/mail/", mail_callbacks.mail_callback, name="mail_callback"),
    path("callbacks/mail/<slug:provider>/", mail_callbacks.providers_callback, name="providers_mail_callback"),
    path("", include("notifications.dashboard.urls")),
    path("", include("cargo.dashboard.urls")),
]
