"""What each snapshot says is kept with it; an inquiry's progress may be longer than a column of 200 characters."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cargo", "0006_warehouse")]

    operations = [
        migrations.AddField("snapshot", "said", models.BinaryField(null=True, editable=False)),
        migrations.AlterField(
            "inquiry",
            "cursor",
            models.TextField(blank=True, default="", editable=False, verbose_name="read up to"),
        ),
    ]
