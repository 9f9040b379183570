"""`python -m app.tether DESCRIPTOR MODULE …` runs a module as long as its starter lives.

The starter holds the other end of a pipe. However it ends, by `kill -9` too, its end closes, and
this process is asked to stop as an operator would ask it.
"""

import os
import runpy
import signal
import sys
import threading


def _stop_when_gone(descriptor: int) -> None:
    while os.read(descriptor, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Run the module that the arguments name, tethered."""
    descriptor, module = int(sys.argv[1]), sys.argv[2]
    sys.argv = sys.argv[2:]
    threading.Thread(target=_stop_when_gone, args=(descriptor,), daemon=True).start()
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
