"""The two policies that come with the product, read once for every test."""

from pathlib import Path

from activities.framework import read_policy

FOLDER = Path(__file__).parents[2] / "activities" / "frameworks"
FILES = sorted(FOLDER.glob("*.toml"))


def _read(slug):
    return read_policy((FOLDER / f"{slug}.toml").read_text(encoding="utf-8"), source=slug)


SURREY = _read("surrey-asc-2025")
COLLECTIVE = _read("co-production-collective-2021")
