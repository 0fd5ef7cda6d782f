"""What people asked for: shipments, the parties to them, the numbers they go by."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clis.accounts.models import Organization, User


class Shipment(models.Model):
    """Cargo that one organization registered. Others see it as parties to it."""

    scope = "parties__organization"

    class Load(models.TextChoices):
        UNKNOWN = "", _("not stated")
        FCL = "fcl", _("full container load")
        LCL = "lcl", _("less than a container load")

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="shipments", verbose_name=_("registered by")
    )
    own_reference = models.CharField(_("own reference"), max_length=64, blank=True)
    mode = models.CharField(_("mode"), max_length=8, blank=True)
    load = models.CharField(_("load"), max_length=3, choices=Load.choices, blank=True, default="")
    port_of_loading = models.CharField(_("port of loading"), max_length=5, blank=True)
    port_of_discharge = models.CharField(_("port of discharge"), max_length=5, blank=True)
    created_at = models.DateTimeField(_("registered"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, editable=False, related_name="+")

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.own_reference or f"#{self.pk}"


class Party(models.Model):
    """An organization that may see a shipment, and why. The registering one is a party too."""

    scope = "organization"

    class Role(models.TextChoices):
        REGISTRANT = "registrant", _("Registered it")
        CONSIGNEE = "consignee", _("Consignee")
        SHIPPER = "shipper", _("Shipper")
        NOTIFY = "notify", _("Notify party")
        FORWARDER = "forwarder", _("Forwarder")
        BROKER = "broker", _("Customs broker")
        CARRIER = "carrier", _("Carrier")
        WAREHOUSE = "warehouse", _("Warehouse")

    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="parties", verbose_name=_("shipment"))
    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="parties", db_index=False, verbose_name=_("organization")
    )
    role = models.CharField(_("role"), max_length=12, choices=Role.choices, default=Role.REGISTRANT)
    created_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("party")
        verbose_name_plural = _("parties")
        constraints = [
            # In this order: it is the index of every client's list, newest shipment first.
            models.UniqueConstraint(fields=("organization", "shipment", "role"), name="party_once"),
        ]

    def __str__(self) -> str:
        return f"{self.organization} ({self.role})"


class ShipmentReference(models.Model):
    """A number by which a shipment is found. ``learned`` ones were named by a message beside a known one."""

    scope = "shipment__parties__organization"
    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="references", db_index=False)
    kind = models.CharField(_("kind"), max_length=24)
    value = models.CharField(_("number"), max_length=64)
    learned = models.BooleanField(default=False)
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("reference")
        verbose_name_plural = _("references")
        constraints = [models.UniqueConstraint(fields=("shipment", "kind", "value"), name="shipment_reference_once")]
        indexes = [models.Index(fields=("value", "kind"), name="shipment_reference_value")]

    def __str__(self) -> str:
        return self.value


class TrackingRequest(models.Model):
    """What somebody asked to track, and what became of it; a rejection is kept with its reason."""

    scope = "organization"

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for the first message")
        TRACKING = "tracking", _("tracking")
        REJECTED = "rejected", _("rejected")

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="tracking_requests")
    reference = models.CharField(_("number"), max_length=64)
    kind = models.CharField(_("kind"), max_length=24, blank=True)
    carrier = models.CharField(_("carrier"), max_length=10, blank=True)
    shipment = models.ForeignKey(Shipment, models.CASCADE, null=True, blank=True, related_name="tracking_requests")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    code = models.CharField(max_length=40, blank=True)
    message = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(_("asked"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, editable=False, related_name="+")

    class Meta:
        verbose_name = _("tracking request")
        verbose_name_plural = _("tracking requests")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=("organization", "reference", "kind", "carrier"), name="tracking_once")
        ]

    def __str__(self) -> str:
        return self.reference
