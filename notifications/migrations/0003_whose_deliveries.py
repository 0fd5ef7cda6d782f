import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Whose a delivery is, still empty; what the system owes by mail; the ends of what is kept."""

    dependencies = [
        ("accounts", "0001_initial"),
        ("notifications", "0002_rules_and_channels"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="organization",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.organization",
                verbose_name="organization",
            ),
        ),
        migrations.CreateModel(
            name="RetentionMark",
            fields=[
                ("name", models.CharField(max_length=24, primary_key=True, serialize=False)),
                ("number", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=100, unique=True)),
                ("address", models.CharField(max_length=254, verbose_name="address")),
                ("language", models.CharField(max_length=5, verbose_name="language")),
                ("subject", models.CharField(max_length=200, verbose_name="subject")),
                ("text", models.TextField(verbose_name="text")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="tries")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="created")),
                (
                    "next_attempt_at",
                    models.DateTimeField(default=django.utils.timezone.now, null=True, verbose_name="next try"),
                ),
                ("lease_token", models.CharField(blank=True, default="", editable=False, max_length=32)),
                ("sent_at", models.DateTimeField(null=True, verbose_name="sent")),
                ("reason", models.CharField(blank=True, default="", max_length=200, verbose_name="reason")),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "letter",
                "verbose_name_plural": "letters",
                "ordering": ("id",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("next_attempt_at__isnull", False)),
                        fields=["next_attempt_at"],
                        name="letter_owed",
                    ),
                    models.Index(fields=["created_at"], name="letter_created"),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(fields=["received_at"], name="callback_received"),
        ),
        migrations.AddIndex(
            model_name="estimatetold",
            index=models.Index(fields=["arrival_at"], name="estimate_told_arrival"),
        ),
    ]
