"""Reads a BMC with pyghmi over RMCP+ and prints what it saw as JSON.

usage: pyghmi_client.py HOST PORT USER PASSWORD

{"power": "on", "device": {...}, "sensors": [{"name", "type", "value", "units", "states", "unavailable"}...],
 "sel": [{"record_id", "component", "event", "deassertion", ...}...], "fru": {name: {field: text}}}
"""

import json
import sys

from pyghmi.ipmi import command


def plain(value):
    """JSON for what pyghmi hands out: bytes as lists of numbers, anything unusual as text."""
    if isinstance(value, (bytes, bytearray)):
        return list(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return str(value)


def main():
    host, port, user, password = sys.argv[1:5]
    bmc = command.Command(bmc=host, port=int(port), userid=user, password=password)
    sensors = [
        {"name": item.name, "type": item.type, "value": item.value, "units": item.units, "states": item.states,
         "unavailable": bool(item.unavailable)}
        for item in bmc.get_sensor_data()
    ]
    seen = {
        "power": bmc.get_power()["powerstate"],
        "sensors": sensors,
        "sel": list(bmc.get_event_log()),
        "fru": dict(bmc.get_inventory()),
    }
    json.dump(plain(seen), sys.stdout)
    bmc.ipmi_session.logout()


main()
