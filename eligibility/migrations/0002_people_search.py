"""Names are found by any three letters of them. The extension comes with PostgreSQL; its owner may add it."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("eligibility", "0001_initial")]

    operations = [
        TrigramExtension(),
        migrations.AddIndex(
            model_name="person",
            index=GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="people_by_parts_of_their_name"),
        ),
    ]
