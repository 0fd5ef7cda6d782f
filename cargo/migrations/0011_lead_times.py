"""Stage times and targets. Every shipment is inspected once, so that its stages are measured; nobody is told of that."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

_MARK = """
INSERT INTO cargo_inspectiondue (shipment_id, inspect_at, silent, attempts)
SELECT id, CURRENT_TIMESTAMP, true, 0 FROM cargo_shipment WHERE true
ON CONFLICT (shipment_id) DO UPDATE SET inspect_at = excluded.inspect_at, silent = true
WHERE cargo_inspectiondue.inspect_at IS NULL OR cargo_inspectiondue.inspect_at > excluded.inspect_at
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("cargo", "0010_exceptions"),
    ]

    operations = [
        migrations.CreateModel(
            name="StageTime",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("container", models.CharField(blank=True, default="", max_length=15)),
                ("stage", models.CharField(max_length=60)),
                ("number", models.PositiveSmallIntegerField(default=0)),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("seconds", models.BigIntegerField(null=True)),
                ("working_seconds", models.BigIntegerField(null=True)),
                ("reported_seconds", models.BigIntegerField(null=True)),
                ("mode", models.CharField(blank=True, default="", max_length=8)),
                ("port", models.CharField(blank=True, default="", max_length=5)),
                ("port_of_loading", models.CharField(blank=True, default="", max_length=5)),
                ("port_of_discharge", models.CharField(blank=True, default="", max_length=5)),
                ("customs_office", models.CharField(blank=True, default="", max_length=12)),
                ("warehouse", models.CharField(blank=True, default="", max_length=40)),
                ("broker", models.CharField(blank=True, default="", max_length=80)),
                ("carrier", models.CharField(blank=True, default="", max_length=40)),
                ("channel", models.CharField(blank=True, default="", max_length=16)),
                ("declared", models.CharField(blank=True, default="", max_length=16)),
                ("month", models.CharField(blank=True, default="", max_length=7)),
                (
                    "organization",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "shipment",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stage_times",
                        to="cargo.shipment",
                    ),
                ),
            ],
            options={
                "verbose_name": "stage time",
                "verbose_name_plural": "stage times",
                "indexes": [
                    models.Index(
                        fields=["organization", "stage", "ended_at"],
                        include=("seconds", "working_seconds", "shipment", "container", "mode", "port"),
                        name="stage_time_client",
                    ),
                    models.Index(fields=["stage", "port", "mode", "month"], name="stage_time_comparable"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("shipment", "container", "stage", "number"), name="stage_time_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="TargetTime",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stage", models.CharField(max_length=60, verbose_name="stage")),
                ("mode", models.CharField(blank=True, default="", max_length=8, verbose_name="mode")),
                ("port", models.CharField(blank=True, default="", max_length=5, verbose_name="port")),
                ("seconds", models.PositiveBigIntegerField()),
                (
                    "clock",
                    models.CharField(
                        choices=[("elapsed", "elapsed hours"), ("working", "working hours")],
                        default="elapsed",
                        max_length=8,
                    ),
                ),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="target_times",
                        to="accounts.organization",
                        verbose_name="organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "target time",
                "verbose_name_plural": "target times",
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "stage", "mode", "port"), name="target_time_once")
                ],
            },
        ),
        # What is owed already stays as it is: of that people may have to be told.
        migrations.RunSQL(_MARK, migrations.RunSQL.noop),
    ]
