import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cargo", "0005_sources")]

    operations = [
        migrations.CreateModel(
            name="Warehouse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("authority", models.CharField(max_length=12, verbose_name="authority")),
                ("code", models.CharField(max_length=20, verbose_name="code")),
                ("customs_office", models.CharField(blank=True, max_length=8, verbose_name="customs office")),
                ("name", models.CharField(blank=True, max_length=120, verbose_name="name")),
                ("address", models.CharField(blank=True, max_length=300, verbose_name="address")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="phone")),
                ("late_removal_fine", models.BooleanField(null=True, verbose_name="fine for late removal")),
                (
                    "late_declaration_surcharge",
                    models.BooleanField(null=True, verbose_name="surcharge for late declaration"),
                ),
                ("unloading_place", models.BooleanField(null=True, verbose_name="place of unloading")),
                ("as_of", models.DateTimeField(verbose_name="as of")),
                (
                    "message",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="cargo.inboundmessage",
                        verbose_name="message",
                    ),
                ),
            ],
            options={
                "verbose_name": "bonded warehouse",
                "verbose_name_plural": "bonded warehouses",
                "ordering": ("code",),
                "constraints": [models.UniqueConstraint(fields=("code", "authority"), name="warehouse_once")],
            },
        ),
    ]
