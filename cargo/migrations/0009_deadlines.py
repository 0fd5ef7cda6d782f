"""Rules and tariffs that staff may change, and what their changes are still to be applied to."""

import uuid
from decimal import Decimal

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("cargo", "0008_clearance"),
    ]

    operations = [
        migrations.CreateModel(
            name="DeadlineRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        help_text="That of a packaged rule stands in its place.",
                        max_length=40,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9_]+\\Z", "Small letters, digits and underscores."
                            )
                        ],
                        verbose_name="code",
                    ),
                ),
                (
                    "active",
                    models.BooleanField(
                        default=True, help_text="Off: the rule of this code does not apply.", verbose_name="active"
                    ),
                ),
                (
                    "authority",
                    models.CharField(help_text="Such as KR-KCS or US-CBP.", max_length=12, verbose_name="authority"),
                ),
                (
                    "kind",
                    models.CharField(
                        help_text="Such as import_declaration, removal, loading.", max_length=24, verbose_name="kind"
                    ),
                ),
                ("days", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="days")),
                ("months", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="months")),
                ("working_days", models.BooleanField(default=False, verbose_name="counts working days only")),
                ("moves_off", models.BooleanField(default=True, verbose_name="last day moves off days without work")),
                (
                    "starts",
                    models.CharField(
                        help_text="Milestones, separated by spaces; the first day is excluded.",
                        max_length=200,
                        verbose_name="counts from",
                    ),
                ),
                (
                    "starts_at",
                    models.CharField(
                        choices=[("first", "first"), ("last", "last"), ("each", "each")],
                        default="first",
                        max_length=5,
                        verbose_name="of several",
                    ),
                ),
                (
                    "meets",
                    models.CharField(
                        help_text="Milestones, separated by spaces.", max_length=300, verbose_name="met by"
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        blank=True, choices=[("sea", "sea"), ("air", "air")], max_length=8, verbose_name="mode"
                    ),
                ),
                (
                    "load",
                    models.CharField(
                        blank=True,
                        choices=[("container", "containers"), ("bulk", "bulk")],
                        max_length=9,
                        verbose_name="cargo",
                    ),
                ),
                ("offices", models.CharField(blank=True, max_length=100, verbose_name="customs offices")),
                (
                    "listing",
                    models.CharField(
                        blank=True,
                        choices=[("removal_fine", "fine for late removal"), ("declaration_surcharge", "surcharge")],
                        max_length=24,
                        verbose_name="only in listed warehouses",
                    ),
                ),
                (
                    "alerts",
                    models.BooleanField(
                        default=True, help_text="Off: shown, and nobody is told.", verbose_name="alerts"
                    ),
                ),
                ("responsible", models.CharField(max_length=16, verbose_name="responsible")),
                ("next_action", models.CharField(max_length=32, verbose_name="next action")),
                (
                    "money",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("surcharge", "surcharge"),
                            ("fine", "fine"),
                            ("storage", "storage"),
                            ("demurrage", "demurrage"),
                            ("detention", "detention"),
                        ],
                        max_length=10,
                        verbose_name="if missed",
                    ),
                ),
                (
                    "currency",
                    models.CharField(
                        blank=True,
                        max_length=3,
                        validators=[
                            django.core.validators.RegexValidator("^[A-Z]{3}\\Z", "Three capital letters, such as KRW.")
                        ],
                        verbose_name="currency",
                    ),
                ),
                (
                    "steps",
                    models.CharField(
                        blank=True,
                        help_text="Days late and percent, such as 20:0.5 50:1 80:1.5 :2",
                        max_length=120,
                        verbose_name="steps",
                    ),
                ),
                (
                    "maximum",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=15,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                        verbose_name="at most",
                    ),
                ),
                ("money_basis", models.CharField(blank=True, max_length=24, verbose_name="worked out from")),
                (
                    "law",
                    models.CharField(help_text="Law, article, edition.", max_length=200, verbose_name="legal source"),
                ),
                (
                    "certainty",
                    models.CharField(
                        choices=[("law", "text of the law"), ("secondary", "told by others"), ("staff", "our own")],
                        default="staff",
                        max_length=9,
                        verbose_name="certainty",
                    ),
                ),
                ("valid_from", models.DateField(blank=True, null=True, verbose_name="valid from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="valid to")),
                ("note", models.TextField(blank=True, verbose_name="note")),
            ],
            options={
                "verbose_name": "deadline rule",
                "verbose_name_plural": "deadline rules",
                "ordering": ("code",),
            },
        ),
        migrations.CreateModel(
            name="RuleChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("edition", models.UUIDField(default=uuid.uuid4)),
                ("milestones", models.TextField(blank=True)),
                ("reached", models.BigIntegerField(default=0)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("done_at__isnull", True)), fields=["id"], name="rule_change_to_apply"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Tariff",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        max_length=40,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9_]+\\Z", "Small letters, digits and underscores."
                            )
                        ],
                        verbose_name="code",
                    ),
                ),
                ("active", models.BooleanField(default=True, verbose_name="active")),
                (
                    "charge",
                    models.CharField(
                        choices=[("demurrage", "demurrage"), ("storage", "storage"), ("detention", "detention")],
                        max_length=9,
                        verbose_name="charge",
                    ),
                ),
                (
                    "direction",
                    models.CharField(
                        choices=[("import", "import"), ("export", "export")],
                        default="import",
                        max_length=6,
                        verbose_name="direction",
                    ),
                ),
                ("carrier", models.CharField(blank=True, max_length=40, verbose_name="carrier")),
                (
                    "place",
                    models.CharField(
                        blank=True,
                        help_text="UN/LOCODE, or the terminal's code.",
                        max_length=20,
                        verbose_name="port or terminal",
                    ),
                ),
                (
                    "equipment",
                    models.CharField(
                        blank=True,
                        help_text="Beginnings of ISO codes, such as 22 42G 45R?",
                        max_length=60,
                        verbose_name="equipment",
                    ),
                ),
                ("free_days", models.PositiveSmallIntegerField(verbose_name="free days")),
                ("working_days", models.BooleanField(default=False, verbose_name="counts working days only")),
                ("starts", models.CharField(max_length=24, verbose_name="counts from")),
                ("first_day_counts", models.BooleanField(default=False, verbose_name="the first day counts")),
                (
                    "tiers",
                    models.CharField(
                        blank=True,
                        help_text="From which day after the free time, and how much a day: 1:30000 6:50000",
                        max_length=200,
                        verbose_name="tiers",
                    ),
                ),
                (
                    "currency",
                    models.CharField(
                        blank=True,
                        max_length=3,
                        validators=[
                            django.core.validators.RegexValidator("^[A-Z]{3}\\Z", "Three capital letters, such as KRW.")
                        ],
                        verbose_name="currency",
                    ),
                ),
                ("valid_from", models.DateField(blank=True, null=True, verbose_name="valid from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="valid to")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "organization",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: for everybody.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tariffs",
                        to="accounts.organization",
                        verbose_name="organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "tariff",
                "verbose_name_plural": "tariffs",
                "ordering": ("code",),
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "code"), name="tariff_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("organization__isnull", True)),
                        fields=("code",),
                        name="tariff_of_the_operator_once",
                    ),
                ],
            },
        ),
    ]
