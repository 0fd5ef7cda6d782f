"""Routes of the notices' pages."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from notifications.dashboard import (
    browser,
    choosing,
    demo,
    following,
    log,
    previewing,
    shipments,
    subscriptions,
    views,
    webhooks,
)


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
    path("notices/channels/<notice_row:channel_id>/", views.channel, name="channel"),
    path("notices/channels/<notice_row:channel_id>/subscribe/", subscriptions.subscribe, name="subscribe"),
    path("notices/subscriptions/<notice_row:subscription_id>/", subscriptions.subscription, name="subscription"),
    path("notices/subscriptions/<notice_row:subscription_id>/cargo/", subscriptions.choose, name="choose_cargo"),
    path("notices/subscriptions/<notice_row:subscription_id>/end/", subscriptions.end, name="end_subscription"),
    path("notices/preview/", previewing.preview, name="preview"),
    path("notices/preview/html/", previewing.preview_html, name="preview_html"),
    path("notices/preview/send/", previewing.send_test, name="send_test"),
    path("notices/choose/", choosing.choose, name="choose"),
    path("notices/shipments/<notice_row:shipment_id>/", shipments.shipment, name="shipment"),
    path("notices/log/", log.log, name="log"),
    path("notices/log.csv", log.download, name="log_csv"),
    path("notices/log/<notice_row:delivery_id>/", log.delivery, name="delivery"),
    path("notices/log/<notice_row:delivery_id>/again/", log.redeliver, name="redeliver"),
    path("notices/webhooks/", webhooks.webhooks, name="webhooks"),
    path("notices/webhooks/<notice_row:endpoint_id>/", webhooks.webhook, name="webhook"),
    path("notices/webhooks/<notice_row:endpoint_id>/challenge/", webhooks.challenge, name="webhook_challenge"),
    path("notices/webhooks/<notice_row:endpoint_id>/rotate/", webhooks.rotate, name="webhook_rotate"),
    path("notices/webhooks/<notice_row:endpoint_id>/pause/", webhooks.pause, name="webhook_pause"),
    path("notices/webhooks/<notice_row:endpoint_id>/resume/", webhooks.resume, name="webhook_resume"),
    path("notices/webhooks/<notice_row:endpoint_id>/test/", webhooks.test, name="webhook_test"),
    path("notices/webhooks/<notice_row:endpoint_id>/again/", webhooks.redeliver, name="webhook_again"),
    path("notices/webhooks/<notice_row:endpoint_id>/remove/", webhooks.remove, name="webhook_remove"),
    path("notices/unsubscribe/<str:token>/", following.unsubscribe, name="unsubscribe"),
    path("notices/follow/<str:token>/", following.follow, name="follow"),
    path("notices/following/<str:token>/", following.manage, name="following"),
    path("notices/browser/", browser.connect, name="connect_browser"),
    path("push-worker.js", browser.worker, name="push_worker"),
    path("demo/mail/", demo.mails, name="demo_mails"),
    path("demo/mail/<slug:name>/", demo.mail, name="demo_mail"),
    path("demo/mail/<slug:name>/html/", demo.mail_html, name="demo_mail_html"),
    path("demo/sms/", demo.texts, name="demo_texts"),
    path("demo/sms/<slug:name>/", demo.text, name="demo_text"),
]
