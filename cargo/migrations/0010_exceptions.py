"""Deadlines and exceptions as lists show them."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("cargo", "0009_deadlines"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex("inspectiondue", "inspection_due_at"),
        migrations.AddIndex(
            "inspectiondue",
            models.Index(
                condition=models.Q(("inspect_at__isnull", False)),
                fields=["inspect_at", "shipment"],
                name="inspection_due_at",
            ),
        ),
        migrations.AddField(
            model_name="shipmentexception",
            name="due_at",
            field=models.DateTimeField(null=True, verbose_name="by when"),
        ),
        migrations.AddField(
            model_name="shipmentexception",
            name="reason",
            field=models.CharField(blank=True, default="", max_length=32),
        ),
        migrations.AddField(
            model_name="shipmentexception",
            name="told",
            field=models.JSONField(default=dict),
        ),
        migrations.CreateModel(
            name="CalendarKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("secret", models.CharField(max_length=43)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calendar_keys",
                        to="accounts.organization",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calendar_keys",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "calendar key",
                "verbose_name_plural": "calendar keys",
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "user"), name="calendar_key_person"),
                    models.UniqueConstraint(
                        condition=models.Q(("user__isnull", True)), fields=("organization",), name="calendar_key_shared"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ShipmentDeadline",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=24, verbose_name="kind")),
                ("container", models.CharField(blank=True, default="", max_length=15, verbose_name="container")),
                ("number", models.PositiveSmallIntegerField(default=0)),
                ("rule", models.CharField(blank=True, default="", max_length=48)),
                ("basis", models.CharField(blank=True, default="", max_length=48)),
                ("authority", models.CharField(blank=True, default="", max_length=12)),
                ("source", models.CharField(blank=True, default="", max_length=200)),
                ("stated_by", models.CharField(blank=True, default="", max_length=50)),
                ("text", models.TextField(blank=True, default="")),
                ("due_at", models.DateTimeField(verbose_name="due")),
                ("due_on", models.DateField(verbose_name="day")),
                ("time_zone", models.CharField(blank=True, default="UTC", max_length=40)),
                ("met_at", models.DateTimeField(null=True, verbose_name="met")),
                ("is_open", models.BooleanField(default=True)),
                ("responsible", models.CharField(max_length=16, verbose_name="responsible")),
                ("next_action", models.CharField(max_length=32, verbose_name="next action")),
                ("money", models.JSONField(null=True)),
                ("others", models.JSONField(default=list)),
                ("stage", models.CharField(blank=True, default="", max_length=8)),
                ("sequence", models.PositiveIntegerField(default=0)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="changed")),
                (
                    "shipment",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deadlines",
                        to="cargo.shipment",
                        verbose_name="shipment",
                    ),
                ),
            ],
            options={
                "verbose_name": "deadline",
                "verbose_name_plural": "deadlines",
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_open", True)), fields=["due_at", "id"], name="deadline_open_due"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("shipment", "kind", "container", "number"), name="shipment_deadline_once"
                    )
                ],
            },
        ),
    ]
