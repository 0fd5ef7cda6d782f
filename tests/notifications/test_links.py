"""The links of messages: kept by process, and right whatever the settings are."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import clear_script_prefix, set_script_prefix

from notifications import render
from notifications.models import Channel
from tests.notifications.conftest import a_channel, a_delivery, a_shipment, an_update
from tests.people import Person


@pytest.mark.parametrize("prefix", ["/", "/TOKEN/"])
def test_links_follow_the_settings(shipper: Person, settings: Any, prefix: str) -> None:
    channel = a_channel(shipper)
    delivery = a_delivery(an_update(a_shipment(shipper.organization)), channel)
    follower = Channel(pk=7, kind="email", follower=True)
    for key in ("one", "other"):
        settings.BASE_URL, settings.SECRET_KEY = f"https://{key}.example", key * 20
        set_script_prefix(prefix)
        try:
            links = render.settings_link(channel), render.settings_link(follower), render.unsubscribe_link(delivery)
        finally:
            clear_script_prefix()
        base = f"https://{key}.example{prefix}notices/"
        assert links[0] == base
        token = links[1].removeprefix(f"{base}following/").removesuffix("/")
        assert render.read_following_token(token) == 7
        token = links[2].removeprefix(f"{base}unsubscribe/").removesuffix("/")
        assert render.read_unsubscribe_token(token) == (channel.pk, delivery.update.shipment_id, None)
