import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FeedHead",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("last", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="InboundMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("received_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="received")),
                ("size", models.PositiveIntegerField(default=0, verbose_name="bytes")),
                ("media_type", models.CharField(blank=True, max_length=100, verbose_name="media type")),
                ("name", models.CharField(blank=True, max_length=255, verbose_name="file name")),
                ("format", models.CharField(blank=True, max_length=40, verbose_name="format")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "received"),
                            ("processed", "processed"),
                            ("ignored", "ignored"),
                            ("quarantined", "quarantined"),
                        ],
                        default="received",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("silent", models.BooleanField(default=False, verbose_name="tells nobody")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="tries")),
                ("lease_token", models.CharField(blank=True, default="", editable=False, max_length=32)),
                ("leased_until", models.DateTimeField(blank=True, editable=False, null=True)),
                ("processed_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
                ("events", models.PositiveIntegerField(default=0, verbose_name="events")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                (
                    "replaces",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="cargo.inboundmessage",
                    ),
                ),
            ],
            options={
                "verbose_name": "message",
                "verbose_name_plural": "inbox",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="Maintenance",
            fields=[
                ("name", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("reason", models.CharField(max_length=200)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="Shipment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("own_reference", models.CharField(blank=True, max_length=64, verbose_name="own reference")),
                ("mode", models.CharField(blank=True, max_length=8, verbose_name="mode")),
                (
                    "load",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "not stated"),
                            ("fcl", "full container load"),
                            ("lcl", "less than a container load"),
                        ],
                        default="",
                        max_length=3,
                        verbose_name="load",
                    ),
                ),
                ("port_of_loading", models.CharField(blank=True, max_length=5, verbose_name="port of loading")),
                ("port_of_discharge", models.CharField(blank=True, max_length=5, verbose_name="port of discharge")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="registered"),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shipments",
                        to="accounts.organization",
                        verbose_name="registered by",
                    ),
                ),
            ],
            options={
                "verbose_name": "shipment",
                "verbose_name_plural": "shipments",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="EventReference",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "reference_set", "kind", "value", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("reference_set", models.UUIDField()),
                ("kind", models.CharField(max_length=24)),
                ("value", models.CharField(max_length=64)),
            ],
            options={
                "indexes": [models.Index(fields=["value", "kind"], name="event_reference_value")],
            },
        ),
        migrations.CreateModel(
            name="InboundBody",
            fields=[
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="body",
                        serialize=False,
                        to="cargo.inboundmessage",
                    ),
                ),
                ("content", models.BinaryField()),
            ],
            options={
                "verbose_name": "message body",
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("lineage", models.UUIDField()),
                ("version", models.CharField(blank=True, default="", max_length=40)),
                ("revision", models.PositiveSmallIntegerField(default=0)),
                ("retraction", models.BooleanField(default=False)),
                (
                    "position",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="place in the message"),
                ),
                ("reference_set", models.UUIDField(db_index=True)),
                ("milestone", models.CharField(max_length=40, verbose_name="milestone")),
                ("classifier", models.CharField(max_length=10, verbose_name="classifier")),
                ("level", models.CharField(max_length=12, verbose_name="level")),
                ("effect", models.CharField(max_length=12, verbose_name="effect")),
                ("occurred_at", models.DateTimeField(null=True, verbose_name="occurred")),
                ("reported_at", models.DateTimeField(null=True, verbose_name="reported")),
                ("received_at", models.DateTimeField(verbose_name="received")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded")),
                ("content", models.TextField(verbose_name="content")),
                (
                    "message",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events_made",
                        to="cargo.inboundmessage",
                    ),
                ),
            ],
            options={
                "verbose_name": "event",
                "verbose_name_plural": "events",
            },
        ),
        migrations.CreateModel(
            name="MessagePart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("parked", "parked"), ("problem", "problem")], max_length=8, verbose_name="kind"
                    ),
                ),
                ("position", models.CharField(blank=True, max_length=200, verbose_name="place in the message")),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="noticed")),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="cargo.inboundmessage",
                        verbose_name="message",
                    ),
                ),
            ],
            options={
                "verbose_name": "unread part",
                "verbose_name_plural": "quarantine",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="ProjectionDue",
            fields=[
                (
                    "shipment",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="projection_due",
                        serialize=False,
                        to="cargo.shipment",
                    ),
                ),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
                ("reason", models.CharField(max_length=40)),
                ("silent", models.BooleanField(default=False)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("leased_until", models.DateTimeField(null=True)),
                ("lease_token", models.CharField(blank=True, default="", max_length=32)),
            ],
        ),
        migrations.CreateModel(
            name="ShipmentDocument",
            fields=[
                (
                    "shipment",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="document",
                        serialize=False,
                        to="cargo.shipment",
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("body", models.BinaryField()),
                ("packed", models.BinaryField(default=b"")),
            ],
        ),
        migrations.CreateModel(
            name="ShipmentState",
            fields=[
                (
                    "shipment",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="state_row",
                        serialize=False,
                        to="cargo.shipment",
                    ),
                ),
                ("packed", models.BinaryField(default=b"")),
            ],
        ),
        migrations.CreateModel(
            name="ShipmentStatus",
            fields=[
                (
                    "shipment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="status_row",
                        serialize=False,
                        to="cargo.shipment",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("status", models.CharField(default="expected", max_length=16)),
                ("milestone", models.CharField(blank=True, default="", max_length=40)),
                ("customs_state", models.CharField(default="none", max_length=24)),
                ("ready", models.BooleanField(default=None, null=True)),
                ("open_holds", models.PositiveSmallIntegerField(default=0)),
                ("hold_agencies", models.CharField(blank=True, default="", max_length=120)),
                ("mode", models.CharField(blank=True, default="", max_length=8)),
                ("carrier", models.CharField(blank=True, default="", max_length=40)),
                ("port_of_loading", models.CharField(blank=True, default="", max_length=5)),
                ("port_of_discharge", models.CharField(blank=True, default="", max_length=5)),
                ("eta", models.DateTimeField(null=True)),
                ("eta_first", models.DateTimeField(null=True)),
                ("arrived_at", models.DateTimeField(null=True)),
                ("released_at", models.DateTimeField(null=True)),
                ("gated_out_at", models.DateTimeField(null=True)),
                ("last_free_day", models.DateField(null=True)),
                ("containers", models.TextField(blank=True, default="")),
                ("container_count", models.PositiveSmallIntegerField(default=0)),
                ("released_count", models.PositiveSmallIntegerField(default=0)),
                ("last_event_at", models.DateTimeField(null=True)),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="changed")),
            ],
            options={
                "verbose_name": "shipment status",
            },
        ),
        migrations.CreateModel(
            name="ShipmentEvent",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "shipment_id", "event_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("weak", models.BooleanField(default=False)),
                (
                    "event",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="cargo.event",
                    ),
                ),
                (
                    "shipment",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="cargo.shipment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Source",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(unique=True, verbose_name="short name")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("carrier", "Carrier"),
                            ("customs", "Customs authority"),
                            ("terminal", "Terminal"),
                            ("manual", "Entered by people"),
                            ("other", "Other"),
                        ],
                        default="carrier",
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("rank", models.PositiveSmallIntegerField(default=50, verbose_name="rank")),
                (
                    "format",
                    models.CharField(
                        blank=True, help_text="Empty: told apart by content.", max_length=40, verbose_name="format"
                    ),
                ),
                ("time_zone", models.CharField(blank=True, max_length=64, verbose_name="time zone of bare times")),
                ("expected_every", models.DurationField(blank=True, null=True, verbose_name="expected every")),
                ("active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="created"),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: shared, the operator's own contract.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sources",
                        to="accounts.organization",
                        verbose_name="private to",
                    ),
                ),
            ],
            options={
                "verbose_name": "source",
                "verbose_name_plural": "sources",
                "ordering": ("slug",),
            },
        ),
        migrations.AddField(
            model_name="inboundmessage",
            name="source",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="messages",
                to="cargo.source",
                verbose_name="source",
            ),
        ),
        migrations.AddField(
            model_name="event",
            name="source",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="cargo.source",
            ),
        ),
        migrations.CreateModel(
            name="SourceKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="source_key",
                        to="accounts.apikey",
                        verbose_name="API key",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="keys",
                        to="cargo.source",
                        verbose_name="source",
                    ),
                ),
            ],
            options={
                "verbose_name": "push key",
                "verbose_name_plural": "push keys",
            },
        ),
        migrations.CreateModel(
            name="TrackingRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=64, verbose_name="number")),
                ("kind", models.CharField(blank=True, max_length=24, verbose_name="kind")),
                ("carrier", models.CharField(blank=True, max_length=10, verbose_name="carrier")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting for the first message"),
                            ("tracking", "tracking"),
                            ("rejected", "rejected"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=40)),
                ("message", models.CharField(blank=True, max_length=300)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="asked"),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tracking_requests",
                        to="accounts.organization",
                    ),
                ),
                (
                    "shipment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tracking_requests",
                        to="cargo.shipment",
                    ),
                ),
            ],
            options={
                "verbose_name": "tracking request",
                "verbose_name_plural": "tracking requests",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="TrackingUpdate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40)),
                ("key", models.CharField(max_length=120)),
                ("occurred_at", models.DateTimeField(null=True)),
                ("reported_at", models.DateTimeField(null=True)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("silent", models.BooleanField(default=False)),
                ("data", models.TextField(default="{}")),
                ("feed_no", models.BigIntegerField(null=True, unique=True)),
                ("fanned_out_at", models.DateTimeField(null=True)),
                (
                    "shipment",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="updates",
                        to="cargo.shipment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="UnresolvedEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("candidates", models.JSONField(default=list)),
                ("created_at", models.DateTimeField()),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "event",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cargo.event",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.organization"
                    ),
                ),
            ],
            options={
                "verbose_name": "unresolved event",
                "verbose_name_plural": "unresolved events",
            },
        ),
        migrations.CreateModel(
            name="Party",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("registrant", "Registered it"),
                            ("consignee", "Consignee"),
                            ("shipper", "Shipper"),
                            ("notify", "Notify party"),
                            ("forwarder", "Forwarder"),
                            ("broker", "Customs broker"),
                            ("carrier", "Carrier"),
                            ("warehouse", "Warehouse"),
                        ],
                        default="registrant",
                        max_length=12,
                        verbose_name="role",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="since"),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parties",
                        to="accounts.organization",
                        verbose_name="organization",
                    ),
                ),
                (
                    "shipment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parties",
                        to="cargo.shipment",
                        verbose_name="shipment",
                    ),
                ),
            ],
            options={
                "verbose_name": "party",
                "verbose_name_plural": "parties",
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "shipment", "role"), name="party_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ShipmentReference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=24, verbose_name="kind")),
                ("value", models.CharField(max_length=64, verbose_name="number")),
                ("learned", models.BooleanField(default=False)),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "shipment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="references",
                        to="cargo.shipment",
                    ),
                ),
            ],
            options={
                "verbose_name": "reference",
                "verbose_name_plural": "references",
                "indexes": [models.Index(fields=["value", "kind"], name="shipment_reference_value")],
                "constraints": [
                    models.UniqueConstraint(fields=("shipment", "kind", "value"), name="shipment_reference_once")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="inboundmessage",
            index=models.Index(condition=models.Q(("state", "received")), fields=["id"], name="message_owed"),
        ),
        migrations.AddIndex(
            model_name="inboundmessage",
            index=models.Index(
                condition=models.Q(("state", "quarantined")), fields=["-id"], name="message_quarantined"
            ),
        ),
        migrations.AddConstraint(
            model_name="inboundmessage",
            constraint=models.UniqueConstraint(fields=("source", "digest"), name="message_once"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["lineage"], name="event_lineage"),
        ),
        migrations.AddConstraint(
            model_name="trackingrequest",
            constraint=models.UniqueConstraint(
                fields=("organization", "reference", "kind", "carrier"), name="tracking_once"
            ),
        ),
        migrations.AddIndex(
            model_name="trackingupdate",
            index=models.Index(condition=models.Q(("fanned_out_at__isnull", True)), fields=["id"], name="update_owed"),
        ),
        migrations.AddConstraint(
            model_name="trackingupdate",
            constraint=models.UniqueConstraint(fields=("shipment", "kind", "key"), name="update_once"),
        ),
        migrations.AddConstraint(
            model_name="unresolvedevent",
            constraint=models.UniqueConstraint(fields=("event", "organization"), name="unresolved_once"),
        ),
    ]
