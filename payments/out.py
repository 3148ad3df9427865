"""The folder for what comes out: cards and reports."""

import os
from pathlib import Path


def write_whole(path: Path, content: bytes):
    """Write a file so that nobody ever sees half of it, not even after a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = path.with_name(f"{path.name}.{os.getpid()}.part")
    half.touch(mode=0o600)  # names stand in it: for the service's own account only
    with half.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
