"""Every address. In this release the front page only."""

from django.urls import path

from coprod.views import front_page

urlpatterns = [path("", front_page, name="front-page")]
