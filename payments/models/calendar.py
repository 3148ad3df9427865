"""What the calendar of pay days cannot know by itself."""

from django.db import models

from eligibility.models import Person


class ExtraBankHoliday(models.Model):
    """A bank holiday proclaimed at short notice, added by staff."""

    on = models.DateField(primary_key=True)
    name = models.CharField(max_length=100)
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
