"""Run a command for as long as the launcher lives: python -m launcher.guard COMMAND ….

A worker and a web server have children of their own. Were the launcher killed, nobody else would be left to end these.
"""

import signal
import sys

from launcher.processes import Interrupted, exit_code, listen_for_interruptions, start, stop

if __name__ == "__main__":
    listen_for_interruptions()
    child = start(sys.argv[1:])
    try:
        child.wait()
    except Interrupted:
        stop(child, signal.SIGTERM, signal.SIGQUIT, patience=12)
    sys.exit(exit_code(stop(child)))
