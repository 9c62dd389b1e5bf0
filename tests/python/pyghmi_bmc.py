"""A BMC on top of pyghmi, as virtualbmc is one: RMCP+ sessions, chassis control and a boot device.

usage: pyghmi_bmc.py ADDRESS PORT USER PASSWORD

Prints `ready ADDRESS:PORT`, then a line for each thing it was told: `power on`, `boot network`...
"""

import sys
import uuid

from pyghmi.ipmi import bmc


class Node(bmc.Bmc):
    """A computer that is off at first."""

    power = "off"
    boot = "default"

    def tell(self, line):
        print(line, flush=True)

    def get_system_guid(self):
        return uuid.UUID("9f0a6c1e-1f5b-4d7e-8a53-5f0c2f1a7d10")

    def get_power_state(self):
        return self.power

    def power_off(self):
        self.power = "off"
        self.tell("power off")

    def power_on(self):
        self.power = "on"
        self.tell("power on")

    def power_reset(self):
        self.tell("power reset")
        # As virtualbmc answers for a domain that does not run.
        return None if self.power == "on" else 0xD5

    def power_shutdown(self):
        self.power = "off"
        self.tell("power shutdown")

    def get_boot_device(self):
        return self.boot

    def set_boot_device(self, bootdevice):
        self.boot = bootdevice
        self.tell(f"boot {bootdevice}")


def main():
    address, port, user, password = sys.argv[1:5]
    node = Node({user: password}, port=int(port), address=address)
    # pyghmi finds the session of a packet by the port it came to, so port 0 has to become the one it got.
    host, node.port = node.serversocket.getsockname()[:2]
    node.tell(f"ready {host}:{node.port}")
    node.listen(timeout=0.05)


main()
