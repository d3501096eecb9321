from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0007_default_policy")]

    operations = [
        migrations.AddField("billingrun", "totals", models.JSONField(default=dict)),
        migrations.AddField(
            "billingrun",
            "stop_reason",
            models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AlterField(
            "billingrun",
            "status",
            models.CharField(
                choices=[
                    ("running", "Running"),
                    ("done", "Done"),
                    ("interrupted", "Interrupted"),
                    ("stopped", "Stopped for a person"),
                ],
                default="running",
                max_length=20,
            ),
        ),
    ]
