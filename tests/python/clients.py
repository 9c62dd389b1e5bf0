"""Drives a WS-Management server with pywinrm and pypsrp, and prints what they saw as JSON.

usage: clients.py pywinrm|pypsrp HOST PORT USER PASSWORD OPERATION ARGUMENTS...

operations:
  enumerate URI              every instance, pulled to the end
  query URI WQL              the rows of a query (URI ends in /*)
  get URI NAME=VALUE...      one instance
  invoke URI METHOD [NAME=VALUE...] [@PARAMETER=VALUE...]
  identify

Rows are {"@class": name, property: text, null or list}. A fault prints {"fault": {"code", "subcode", "wsman", "reason"}}.
"""

import json
import re
import sys
import uuid
import xml.etree.ElementTree as ET

S = "http://www.w3.org/2003/05/soap-envelope"
A = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
N = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
W = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
F = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer/"
ENUMERATION = N + "/"
WQL = "http://schemas.microsoft.com/wbem/wsman/1/WQL"


class Fault(Exception):
    """A SOAP fault, whatever the client made of it."""


def fault_of(text):
    root = ET.fromstring(text)
    fault = root.find(f"{{{S}}}Body/{{{S}}}Fault")
    if fault is None:
        raise RuntimeError("no fault in: " + text)
    wsman = fault.find(f".//{{{F}}}WSManFault")
    return Fault(
        {
            "code": fault.findtext(f"{{{S}}}Code/{{{S}}}Value"),
            "subcode": fault.findtext(f"{{{S}}}Code/{{{S}}}Subcode/{{{S}}}Value"),
            "wsman": None if wsman is None else int(wsman.get("Code")),
            "reason": fault.findtext(f"{{{S}}}Reason/{{{S}}}Text"),
        }
    )


class PyWinRM:
    """pywinrm builds the header and owns the transport; it has no enumeration of its own, so the body is given to it."""

    def __init__(self, host, port, user, password):
        from winrm.protocol import Protocol

        self.protocol = Protocol(f"http://{host}:{port}/wsman", transport="basic", username=user, password=password,
                                 message_encryption="never")

    def call(self, action, uri, selectors, body):
        import xmltodict
        from winrm.exceptions import WinRMTransportError

        message = str(uuid.uuid4())
        request = {"env:Envelope": self.protocol.build_wsman_header(action, uri, message_id=message)}
        if selectors:
            request["env:Envelope"]["env:Header"]["w:SelectorSet"] = {
                "w:Selector": [{"@Name": name, "#text": value} for name, value in selectors]
            }
        request["env:Envelope"]["env:Body"] = {} if body is None else xmltodict.parse(ET.tostring(body).decode())
        try:
            reply = self.protocol.transport.send_message(xmltodict.unparse(request))
        except WinRMTransportError as error:
            raise fault_of(error.response_text) from error
        root = ET.fromstring(reply)
        relates = root.findtext(f"{{{S}}}Header/{{{A}}}RelatesTo")
        assert relates == "uuid:" + message, relates
        return root.find(f"{{{S}}}Body")


class PyPsrp:
    """pypsrp builds whole messages and checks RelatesTo itself."""

    def __init__(self, host, port, user, password):
        from pypsrp.wsman import WSMan

        self.wsman = WSMan(host, port=int(port), username=user, password=password, ssl=False, auth="basic",
                           encryption="never")

    def call(self, action, uri, selectors, body):
        from pypsrp.exceptions import WSManFaultError
        from pypsrp.wsman import SelectorSet

        selector_set = None
        if selectors:
            selector_set = SelectorSet()
            for name, value in selectors:
                selector_set.add_option(name, value)
        try:
            return self.wsman.invoke(action, uri, body, selector_set=selector_set).find(f"{{{S}}}Body")
        except WSManFaultError as error:
            raise Fault({"code": None, "subcode": None, "wsman": error.code, "reason": error.reason or error.message})


def plain(element):
    if element.get(f"{{{XSI}}}nil") == "true":
        return None
    if len(element):
        if element[0].tag.rpartition("}")[2] in ("Datetime", "Interval", "CIM_DateTime"):
            return element[0].text
        return ET.tostring(element, encoding="unicode")
    return element.text or ""


def row(item):
    values = {"@class": item.tag.rpartition("}")[2]}
    for child in item:
        name = child.tag.rpartition("}")[2]
        value = plain(child)
        if name in values:
            if not isinstance(values[name], list):
                values[name] = [values[name]]
            values[name].append(value)
        else:
            values[name] = value
    return values


def pull_all(client, uri, body):
    """Enumerates unoptimised, ten at a time, so that Pull is used too."""
    answer = client.call(ENUMERATION + "Enumerate", uri, [], body)[0]
    rows = []
    context = answer.findtext(f"{{{N}}}EnumerationContext")
    while context:
        pull = ET.Element(f"{{{N}}}Pull")
        ET.SubElement(pull, f"{{{N}}}EnumerationContext").text = context
        ET.SubElement(pull, f"{{{N}}}MaxElements").text = "10"
        answer = client.call(ENUMERATION + "Pull", uri, [], pull)[0]
        items = answer.find(f"{{{N}}}Items")
        rows += [row(item) for item in (items if items is not None else [])]
        if answer.find(f"{{{N}}}EndOfSequence") is not None:
            break
        context = answer.findtext(f"{{{N}}}EnumerationContext")
    return rows


def main():
    client_name, host, port, user, password, operation, *arguments = sys.argv[1:]
    client = {"pywinrm": PyWinRM, "pypsrp": PyPsrp}[client_name](host, port, user, password)
    selectors = [tuple(word.split("=", 1)) for word in arguments[1:] if re.match(r"^[A-Za-z_]\w*=", word)]
    try:
        if operation == "enumerate":
            result = pull_all(client, arguments[0], ET.Element(f"{{{N}}}Enumerate"))
        elif operation == "query":
            body = ET.Element(f"{{{N}}}Enumerate")
            ET.SubElement(body, f"{{{W}}}Filter", Dialect=WQL).text = arguments[1]
            result = pull_all(client, arguments[0], body)
        elif operation == "get":
            result = row(client.call(TRANSFER + "Get", arguments[0], selectors, None)[0])
        elif operation == "put":
            body = ET.Element(f"{{{arguments[0]}}}{arguments[0].rpartition('/')[2]}")
            for word in arguments[1:]:
                if word.startswith("@"):
                    name, value = word[1:].split("=", 1)
                    ET.SubElement(body, f"{{{arguments[0]}}}{name}").text = value
            answer = client.call(TRANSFER + "Put", arguments[0], selectors, body)
            result = row(answer[0]) if len(answer) else None
        elif operation == "invoke":
            method = arguments[1]
            body = ET.Element(f"{{{arguments[0]}}}{method}_INPUT")
            for word in arguments[2:]:
                if word.startswith("@"):
                    name, value = word[1:].split("=", 1)
                    ET.SubElement(body, f"{{{arguments[0]}}}{name}").text = value
            result = row(client.call(f"{arguments[0]}/{method}", arguments[0], selectors, body)[0])
        else:
            sys.exit(__doc__)
    except Fault as fault:
        result = {"fault": fault.args[0]}
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
