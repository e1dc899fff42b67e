#!/usr/bin/env python3
"""A minimal Millwright gateway: enrolls by one of the ways, sends a reading now and then, answers commands.

    client.py bootstrap --site https://plant-pc:8444 --ca ca.crt --mac 24:0a:c4:12:34:56 [--credential secret]
    client.py csr       ... the same, with a key that never leaves this machine
    client.py est       ... --user est-abcdefgh --password abcde-... --broker plant-pc:8883
    client.py renew     ... a new certificate by EST, for a new key

Needs python3-paho-mqtt and python3-cryptography (Debian's names). What it gets it keeps in --dir, and with that there it
enrolls no more.
"""

import argparse
import base64
import json
import os
import queue
import ssl
import sys
import time
import urllib.error
import urllib.request

import paho.mqtt.client as mqtt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7

BOOTSTRAP = "/api/v1/gateways/bootstrap"
CSR = "/api/v1/gateways/csr"
EST = "/.well-known/est/"


# --- What it keeps -----------------------------------------------------------------------------------------------


class Store:
    """Files that are there whole or not at all, whenever the power fails."""

    def __init__(self, folder):
        os.makedirs(folder, mode=0o700, exist_ok=True)
        self.folder = folder

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        try:
            with open(self.path(name), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def write(self, name, text):
        part = self.path(name + ".part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, self.path(name))
        folder = os.open(self.folder, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def remove(self, name):
        if os.path.exists(self.path(name)):
            os.remove(self.path(name))


# --- HTTPS -------------------------------------------------------------------------------------------------------


class Refused(Exception):
    """The site said no: asking again in the same way is of no use."""


class Site:
    """The listener for devices. It is trusted by the CA that came with the firmware, by nothing else."""

    def __init__(self, origin, ca, certificate=None):
        self.origin = origin
        self.tls = ssl.create_default_context(cafile=ca)
        if certificate is not None:
            self.tls.load_cert_chain(certificate)

    def ask(self, method, path, body=None, headers=None):
        """Asks until there is an answer. Returns status and body; 410 too, for it says something."""
        wait = 1
        while True:
            request = urllib.request.Request(self.origin + path, data=body, method=method, headers=headers or {})
            try:
                with urllib.request.urlopen(request, context=self.tls, timeout=30) as answer:
                    return answer.status, answer.read()
            except urllib.error.HTTPError as error:
                text = error.read().decode("utf-8", "replace")
                if error.code == 410:
                    return 410, b""
                if error.code != 429 and error.code < 500:
                    raise Refused(f"{method} {path}: {error.code} {text.strip()}") from None
                pause = int(error.headers.get("Retry-After", wait))
            except (OSError, urllib.error.URLError) as error:
                print(f"no answer: {error}", file=sys.stderr)
                pause = wait
            time.sleep(pause)
            wait = min(wait * 2, 60)

    def json(self, method, path, given=None, secret=None):
        headers = {"Content-Type": "application/json"} if given is not None else {}
        if secret is not None:
            headers["Authorization"] = f"Bearer {secret}"
        body = json.dumps(given).encode() if given is not None else None
        status, answer = self.ask(method, path, body, headers)
        return status, json.loads(answer or b"{}")


# --- Keys --------------------------------------------------------------------------------------------------------


def new_key():
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return key, pem.decode()


def request_for(key, name):
    """PKCS#10: the site takes the public key out of it, and names the box itself."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    return x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())


# --- The ways to enroll ------------------------------------------------------------------------------------------


def enroll_by_knocking(site, store, options, own_key):
    """Zero-touch: knock, show the activation token, poll until somebody has claimed this box, fetch."""
    while True:
        knock = json.loads(store.read("knock.json") or "null")
        if knock is None:
            said = {"mac_address": options.mac, "chip": "python", "firmware": "1.0.0"}
            if own_key:
                key, pem = new_key()
                csr = request_for(key, options.mac).public_bytes(serialization.Encoding.PEM).decode()
                _, knock = site.json("POST", CSR, {**said, "csr": csr})
                knock["key"] = pem
            else:
                _, knock = site.json("POST", BOOTSTRAP, {**said, "credential": options.credential})
            # With it a power cut is not the end of this knock.
            store.write("knock.json", json.dumps(knock))
        print("activation token", knock["activation_token"], flush=True)
        status = 202
        while status == 202:
            time.sleep(options.poll or knock["poll_interval"])
            status, _ = site.json("POST", BOOTSTRAP, secret=knock["poll_secret"])
        if status == 200:
            status, made = site.json("GET", f"{BOOTSTRAP}/credential", secret=knock["poll_secret"])
        if status == 410:
            # Taken off the list, or too late: it is a stranger again.
            store.remove("knock.json")
            continue
        if made["certificate_pem"]:
            store.write("client.pem", (made["private_key_pem"] or knock["key"]) + made["certificate_pem"])
        store.write("box.json", json.dumps(connection_of(made)))
        # It is safe here: the site may erase its copy.
        site.json("POST", f"{BOOTSTRAP}/received", secret=knock["poll_secret"])
        store.remove("knock.json")
        return


def connection_of(made):
    return {
        "host": made["mqtt_broker"],
        "port": made["mqtt_port"],
        "client_id": made["mqtt_client_id"],
        "username": made["mqtt_username"],
        "password": made["mqtt_password"],
        "topics": made["mqtt_topics"],
    }


def enroll_by_est(site, store, options):
    """RFC 7030 4.2.1, with a one-time password."""
    login = base64.b64encode(f"{options.user}:{options.password}".encode()).decode()
    store.write("client.pem", certificate_by_est(site, "simpleenroll", options.mac, {"Authorization": f"Basic {login}"}))
    # EST gives a certificate and nothing else: names and topics follow from the MAC.
    wire = options.mac.replace(":", "").lower()
    host, port = options.broker.rsplit(":", 1)
    kinds = {"telemetry": "telemetry", "status": "status", "commands": "commands", "command_ack": "commands/ack"}
    topics = {kind: f"mw/{wire}/{path}" for kind, path in kinds.items()}
    box = {"host": host, "port": int(port), "client_id": wire, "username": None, "password": None, "topics": topics}
    store.write("box.json", json.dumps(box))


def renew_by_est(store, options):
    """RFC 7030 4.2.2: with the certificate that counts now. It counts until the new one is first used."""
    site = Site(options.site, options.ca, store.path("client.pem"))
    store.write("client.pem", certificate_by_est(site, "simplereenroll", options.mac, {}))


def certificate_by_est(site, operation, name, headers):
    """Key and certificate in one file: so that both change at the same moment."""
    key, pem = new_key()
    request = base64.encodebytes(request_for(key, name).public_bytes(serialization.Encoding.DER))
    _, answer = site.ask("POST", EST + operation, request, {**headers, "Content-Type": "application/pkcs10"})
    certificates = pkcs7.load_der_pkcs7_certificates(base64.b64decode(answer))
    return pem + "".join(one.public_bytes(serialization.Encoding.PEM).decode() for one in certificates)


# --- MQTT --------------------------------------------------------------------------------------------------------


def run(store, options):
    box = json.loads(store.read("box.json"))
    topics = box["topics"]
    commands = queue.Queue()
    # Its session stays at the broker, and with it the commands that come while it is away.
    named = {"client_id": box["client_id"], "clean_session": False}
    if hasattr(mqtt, "CallbackAPIVersion"):  # paho-mqtt 2
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, **named)
    else:
        client = mqtt.Client(**named)
    has_certificate = store.read("client.pem") is not None
    client.tls_set(options.ca, certfile=store.path("client.pem") if has_certificate else None)
    if box["username"]:
        client.username_pw_set(box["username"], box["password"])
    client.will_set(topics["status"], "offline", qos=1, retain=True)

    def on_connect(client, _userdata, _flags, reason, _properties=None):
        if reason != 0:
            print("not let in:", reason, file=sys.stderr)
            return
        client.subscribe(topics["commands"], qos=1)
        client.publish(topics["status"], "online", qos=1, retain=True)

    client.on_connect = on_connect
    client.on_message = lambda _client, _userdata, message: commands.put(message.payload)
    client.connect(box["host"], box["port"], keepalive=60)
    client.loop_start()
    done = []
    due = 0.0
    while not (options.once and done):
        if time.monotonic() >= due:
            due = time.monotonic() + 10
            reading = {"ts": int(time.time() * 1000), "values": {"temperature": options.reading}}
            # QoS 1: acknowledged is on the site's disk.
            client.publish(topics["telemetry"], json.dumps(reading), qos=1)
        try:
            answer_command(client, topics, commands.get(timeout=0.5), done)
        except queue.Empty:
            pass
    client.publish(topics["status"], "offline", qos=1, retain=True).wait_for_publish()
    client.disconnect()
    client.loop_stop()


def answer_command(client, topics, payload, done):
    command = json.loads(payload)
    # At least once: the same command may come again.
    if command["id"] in done or command["expiresAt"] < time.time() * 1000:
        return
    if command["name"] in ("identify", "bind"):
        answer = {"id": command["id"], "ok": True, "result": {"is": "a python client"}}
    else:
        answer = {"id": command["id"], "ok": False, "error": f"unknown command {command['name']}"}
    client.publish(topics["command_ack"], json.dumps(answer), qos=1).wait_for_publish()
    done.append(command["id"])
    del done[:-100]
    print("answered", command["name"], flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("way", choices=["bootstrap", "csr", "est", "renew"])
    parser.add_argument("--site", required=True, help="the listener for devices: https://plant-pc:8444")
    parser.add_argument("--ca", required=True, help="ca.crt of the site")
    parser.add_argument("--mac", required=True, help="24:0a:c4:12:34:56")
    parser.add_argument("--dir", default="box", help="where it keeps what it gets")
    parser.add_argument("--credential", choices=["certificate", "secret"], default="certificate")
    parser.add_argument("--user", help="one-time user name of EST")
    parser.add_argument("--password", help="one-time password of EST")
    parser.add_argument("--broker", help="host:port, for EST")
    parser.add_argument("--poll", type=float, help="seconds between polls, where not as the site says (for tests)")
    parser.add_argument("--reading", type=float, default=21.5)
    parser.add_argument("--once", action="store_true", help="ends once it has answered a command")
    options = parser.parse_args()
    store = Store(options.dir)
    try:
        if options.way == "renew":
            renew_by_est(store, options)
        elif store.read("box.json") is None:
            site = Site(options.site, options.ca)
            if options.way == "est":
                enroll_by_est(site, store, options)
            else:
                enroll_by_knocking(site, store, options, own_key=options.way == "csr")
        run(store, options)
    except Refused as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
