"""Routes of a person's own pages, under ``account/``."""

from __future__ import annotations

from django.urls import path

from clis.accounts import views

app_name = "accounts"

urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("organization/", views.switch_organization, name="switch_organization"),
    path("keys/", views.keys, name="keys"),
    path("keys/<int:pk>/revoke/", views.revoke_key, name="revoke_key"),
]
