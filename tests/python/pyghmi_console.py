"""Holds the console of a BMC with pyghmi while its system prints.

usage: pyghmi_console.py HOST PORT USER PASSWORD COUNT

Types `flood COUNT`, prints everything that comes until the second prompt, and leaves.
"""

import sys
import time

from pyghmi.ipmi import console

PROMPT = b"sim# "
LIMIT = 120


def main():
    host, port, user, password, count = sys.argv[1:6]
    seen = bytearray()

    def show(data):
        if isinstance(data, dict):
            print(data, file=sys.stderr, flush=True)
        else:
            seen.extend(data if isinstance(data, (bytes, bytearray)) else data.encode())

    sol = console.Console(bmc=host, userid=user, password=password, iohandler=show, port=int(port))
    deadline = time.monotonic() + LIMIT

    def until(end):
        while not seen.endswith(end):
            if time.monotonic() > deadline:
                sys.exit(f"no {end!r} within {LIMIT} s, last: {bytes(seen[-80:])!r}")
            sol.wait_for_rsp(1)

    sol.send_data("\r")
    until(PROMPT)
    del seen[:]
    sol.send_data(f"flood {count}\r")
    until(b"\n" + PROMPT)
    sol.close()
    sys.stdout.buffer.write(bytes(seen))


main()
