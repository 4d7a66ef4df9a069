from django.db import migrations, models

from backend.core.crypto import blind_index


def fill(apps, schema_editor):
    """Hash the numbers of the guardians there are."""
    guardians = apps.get_model("volunteers", "Guardian").objects
    for guardian in guardians.all():
        index = blind_index(guardian.phone.open(), purpose="accounts.phone")
        guardians.filter(pk=guardian.pk).update(phone_index=index)


class Migration(migrations.Migration):

    dependencies = [
        ("volunteers", "0002_presence"),
    ]

    operations = [
        migrations.AddField(
            model_name="guardian",
            name="phone_index",
            field=models.CharField(db_index=True, default="", editable=False, max_length=64, verbose_name="电话索引"),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="guardian",
            constraint=models.CheckConstraint(condition=models.Q(("phone_index__regex", "^[0-9a-f]{64}$")), name="guardian_phone_index_form"),
        ),
    ]
