"""Logs that name nobody: with an error PostgreSQL tells which row it was about, and a row is somebody's."""

import logging
import re

# In a traceback the detail stands on lines of its own, to the end of that error.
ON_ITS_OWN_LINES = re.compile(r"^DETAIL:.*?(?=\n\n(?:The above|During)|\Z)", re.MULTILINE | re.DOTALL)
# In the repr of an error it is part of one line.
IN_ONE_LINE = re.compile(r"\\nDETAIL:.*$", re.MULTILINE)


class DiscreetFormatter(logging.Formatter):
    """A formatter that leaves out what an error of the database tells about its row."""

    def format(self, record):
        told = ON_ITS_OWN_LINES.sub("DETAIL: left out of the log.", super().format(record))
        return IN_ONE_LINE.sub(r"\\nDETAIL: left out of the log.", told)
