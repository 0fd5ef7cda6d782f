"""Routes of the notices' pages."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from notifications.dashboard import demo, views


class RowConverter(IntConverter):
    """A row's number: what a database's 64 bits cannot hold is no address at all."""

    regex = "[0-9]{1,18}"


register_converter(RowConverter, "notice_row")

app_name = "notifications"

urlpatterns = [
    path("notices/", views.settings_page, name="settings"),
    path("notices/channels/", views.add_channel, name="add_channel"),
    path("notices/channels/<notice_row:channel_id>/code/", views.send_code, name="send_code"),
    path("notices/channels/<notice_row:channel_id>/verify/", views.verify, name="verify"),
    path("notices/channels/<notice_row:channel_id>/remove/", views.remove_channel, name="remove_channel"),
    path("notices/channels/<notice_row:channel_id>/all/", views.subscribe_to_all, name="subscribe_to_all"),
    path("notices/channels/<notice_row:channel_id>/all/end/", views.unsubscribe_from_all, name="unsubscribe_from_all"),
    path("notices/shipments/<notice_row:shipment_id>/", views.shipment, name="shipment"),
    path("notices/unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("demo/mail/", demo.mails, name="demo_mails"),
    path("demo/mail/<slug:name>/", demo.mail, name="demo_mail"),
    path("demo/mail/<slug:name>/html/", demo.mail_html, name="demo_mail_html"),
    path("demo/sms/", demo.texts, name="demo_texts"),
    path("demo/sms/<slug:name>/", demo.text, name="demo_text"),
]
