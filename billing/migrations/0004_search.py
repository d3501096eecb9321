from django.db import migrations

from config.trigrams import trigram_index


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_card_expiry")]

    operations = [trigram_index("billing_invoice", "number")]
