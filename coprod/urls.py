"""Every address. The pages of one subject stand in one module, with their own addresses."""

from django.urls import path

from coprod import me, staff
from coprod.views import front_page, home
from eligibility.pages import sign_in
from payments.pages import claiming, deciding, runs

urlpatterns = [
    path("", front_page, name="front-page"),
    path("home/", home, name="home"),
    *sign_in.urls,
    *me.urls,
    *claiming.urls,
    *staff.urls,
    *deciding.urls,
    *runs.urls,
]

# Pages for when nothing else can be trusted. Those for 403 and 404 are Django's own, in our words.
handler400 = "coprod.errors.bad_request"
handler500 = "coprod.errors.server_error"
