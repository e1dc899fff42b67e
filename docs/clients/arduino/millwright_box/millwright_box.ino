// A minimal Millwright gateway on an ESP32: enrolls by one of the ways, sends a reading every ten seconds, answers commands.
//
// Libraries (library manager): "MQTT" by Joel Gaehwiler, which sends with QoS 1, and "ArduinoJson" 7.
// What it gets it keeps in NVS, in one entry: it is there whole or not at all, whenever the power fails.

#include <Arduino.h>
#include <ArduinoJson.h>
#include <HTTPClient.h>
#include <MQTT.h>
#include <Preferences.h>
#include <WiFi.h>
#include <WiFiClientSecure.h>
#include <sys/time.h>

#include "own_key.h"

// --- To be filled in -------------------------------------------------------------------------------------------------

enum class Way { certificate, secret, csr, est };

constexpr Way WAY = Way::certificate;
const char *WIFI_NAME = "workshop";
const char *WIFI_PASSWORD = "…";
// A name of the site (Settings -> Network): certificates are checked against it. Port 8444, for devices.
const char *SITE = "https://plant-pc.local:8444";
// For EST alone, which gives a certificate and nothing else.
const char *BROKER = "plant-pc.local";
constexpr int BROKER_PORT = 8883;
const char *EST_USER = "est-abcdefgh";
const char *EST_PASSWORD = "abcde-fghij-klmno-pqrst-uvwxyz";
// https://plant-pc:8443/pki/ca.crt; compare its fingerprint with the one under Settings -> Certificates.
const char CA[] = R"(-----BEGIN CERTIFICATE-----
…
-----END CERTIFICATE-----
)";

// ---------------------------------------------------------------------------------------------------------------------

const String BOOTSTRAP = "/api/v1/gateways/bootstrap";
constexpr unsigned long SEND_EVERY = 10000;

Preferences store;
JsonDocument box;  // host, port, client_id, username, password, topics, certificate, key
WiFiClientSecure tls;
MQTTClient mqtt(2048);
String waitingCommand;
String lastCommand;
unsigned long sentAt = 0;

// --- What it keeps ---------------------------------------------------------------------------------------------------

void keep(const char *name, JsonDocument &document) {
  String text;
  serializeJson(document, text);
  store.putBytes(name, text.c_str(), text.length());
}

bool kept(const char *name, JsonDocument &document) {
  const size_t size = store.getBytesLength(name);
  if (size == 0) return false;
  std::vector<char> text(size);
  store.getBytes(name, text.data(), size);
  return deserializeJson(document, text.data(), size) == DeserializationError::Ok;
}

// --- HTTPS: trusts the CA above and nothing else ---------------------------------------------------------------------

struct Answer {
  int status = 0;
  String text;
};

// Asks until there is an answer. A refusal (400 and its kind) is one: the box shows it and stops.
Answer ask(const char *method, const String &path, const String &body, const char *type, const String &authorization,
           bool proveItself = false) {
  for (unsigned long wait = 1000;; wait = min(wait * 2, 60000UL)) {
    WiFiClientSecure secure;
    secure.setCACert(CA);
    // They are read while the connection is made: they must last as long.
    const String certificate = box["certificate"] | "";
    const String key = box["key"] | "";
    if (proveItself) {
      secure.setCertificate(certificate.c_str());
      secure.setPrivateKey(key.c_str());
    }
    HTTPClient http;
    const char *wanted[] = {"Retry-After"};
    http.collectHeaders(wanted, 1);
    http.begin(secure, String(SITE) + path);
    if (type != nullptr) http.addHeader("Content-Type", type);
    if (authorization.length() > 0) http.addHeader("Authorization", authorization);
    Answer answer;
    answer.status = http.sendRequest(method, body);
    answer.text = http.getString();
    const unsigned long asked = http.header("Retry-After").toInt() * 1000UL;
    http.end();
    const bool isBusy = answer.status <= 0 || answer.status == 429 || answer.status >= 500;
    if (!isBusy && (answer.status < 400 || answer.status == 410)) return answer;
    Serial.printf("%s %s: %d %s\n", method, path.c_str(), answer.status, answer.text.c_str());
    // Nothing changes by asking again; a person must see to it, and a restart tries anew.
    if (!isBusy) {
      delay(3600000UL);
      ESP.restart();
    }
    delay(asked > 0 ? asked : wait);
  }
}

Answer askJson(const char *method, const String &path, JsonDocument *given, const String &secret) {
  String body;
  if (given != nullptr) serializeJson(*given, body);
  return ask(method, path, body, given == nullptr ? nullptr : "application/json",
             secret.length() > 0 ? "Bearer " + secret : String());
}

// --- The ways to enroll ----------------------------------------------------------------------------------------------

// Zero-touch: knock, show the activation token, poll until somebody has claimed this box, fetch.
void enrollByKnocking() {
  while (true) {
    JsonDocument knock;
    if (!kept("knock", knock)) {
      JsonDocument said;
      said["mac_address"] = WiFi.macAddress();
      said["chip"] = ESP.getChipModel();
      said["firmware"] = "1.0.0";
      OwnKey own;
      if (WAY == Way::csr) {
        if (!makeOwnKey(WiFi.macAddress(), own)) ESP.restart();
        said["csr"] = own.request;
      } else {
        said["credential"] = WAY == Way::secret ? "secret" : "certificate";
      }
      const Answer answer = askJson("POST", WAY == Way::csr ? "/api/v1/gateways/csr" : BOOTSTRAP, &said, "");
      if (deserializeJson(knock, answer.text) != DeserializationError::Ok) continue;
      if (WAY == Way::csr) knock["key"] = own.privateKey;
      // With it a power cut is not the end of this knock.
      keep("knock", knock);
      const int64_t now = knock["time"] | 0LL;
      const timeval clock = {static_cast<time_t>(now / 1000), 0};
      settimeofday(&clock, nullptr);
    }
    Serial.printf("activation token %s\n", knock["activation_token"] | "");
    const String secret = knock["poll_secret"] | "";
    Answer answer;
    do {
      delay((knock["poll_interval"] | 30) * 1000UL);
      answer = askJson("POST", BOOTSTRAP, nullptr, secret);
    } while (answer.status == 202);
    if (answer.status == 200) answer = askJson("GET", BOOTSTRAP + "/credential", nullptr, secret);
    JsonDocument made;
    if (answer.status != 200 || deserializeJson(made, answer.text) != DeserializationError::Ok) {
      // Taken off the list, or too late: it is a stranger again.
      if (answer.status == 410) store.remove("knock");
      continue;
    }
    box["host"] = made["mqtt_broker"];
    box["port"] = made["mqtt_port"];
    box["client_id"] = made["mqtt_client_id"];
    box["username"] = made["mqtt_username"];
    box["password"] = made["mqtt_password"];
    box["topics"] = made["mqtt_topics"];
    box["certificate"] = made["certificate_pem"];
    box["key"] = made["private_key_pem"].isNull() ? knock["key"] : made["private_key_pem"];
    keep("box", box);
    // It is safe here: the site may erase its copy.
    askJson("POST", BOOTSTRAP + "/received", nullptr, secret);
    store.remove("knock");
    return;
  }
}

// RFC 7030 4.2.1 and 4.2.2: with a one-time password, or with the certificate that counts now.
void certifyByEst(const char *operation, const String &authorization, bool proveItself) {
  OwnKey own;
  if (!makeOwnKey(WiFi.macAddress(), own)) ESP.restart();
  const Answer answer = ask("POST", String("/.well-known/est/") + operation, base64Of(own.request),
                            "application/pkcs10", authorization, proveItself);
  String base64 = answer.text;
  base64.replace("\r\n", "\n");
  const String certificate = certificateIn(base64);
  if (certificate.length() == 0) ESP.restart();
  box["certificate"] = certificate;
  box["key"] = own.privateKey;
}

void enrollByEst() {
  const String login = String(EST_USER) + ":" + EST_PASSWORD;
  unsigned char text[256];
  size_t size = 0;
  mbedtls_base64_encode(text, sizeof text, &size, reinterpret_cast<const unsigned char *>(login.c_str()),
                        login.length());
  certifyByEst("simpleenroll", String("Basic ") + reinterpret_cast<const char *>(text), false);
  String wire = WiFi.macAddress();
  wire.replace(":", "");
  wire.toLowerCase();
  const String root = "mw/" + wire;
  box["host"] = BROKER;
  box["port"] = BROKER_PORT;
  box["client_id"] = wire;
  box["topics"]["telemetry"] = root + "/telemetry";
  box["topics"]["status"] = root + "/status";
  box["topics"]["commands"] = root + "/commands";
  box["topics"]["command_ack"] = root + "/commands/ack";
  keep("box", box);
}

// The old certificate counts until the new one is first used.
void renewByEst() {
  certifyByEst("simplereenroll", "", true);
  keep("box", box);
  mqtt.disconnect();
}

// --- MQTT ------------------------------------------------------------------------------------------------------------

bool connectToBroker() {
  tls.setCACert(CA);
  if (!box["certificate"].isNull()) {
    tls.setCertificate(box["certificate"].as<const char *>());
    tls.setPrivateKey(box["key"].as<const char *>());
  }
  mqtt.begin(box["host"].as<const char *>(), box["port"].as<int>(), tls);
  // Its session stays at the broker, and with it the commands that come while it is away.
  mqtt.setCleanSession(false);
  mqtt.setKeepAlive(60);
  const char *status = box["topics"]["status"];
  mqtt.setWill(status, "offline", true, 1);
  // Publishing is not allowed in there: the loop answers.
  mqtt.onMessage([](String &, String &payload) { waitingCommand = payload; });
  const char *user = box["username"];
  const char *password = box["password"];
  if (!mqtt.connect(box["client_id"].as<const char *>(), user, password)) return false;
  return mqtt.subscribe(box["topics"]["commands"].as<const char *>(), 1) && mqtt.publish(status, "online", true, 1);
}

void sendReading() {
  JsonDocument reading;
  reading["values"]["temperature"] = temperatureRead();
  String text;
  serializeJson(reading, text);
  // QoS 1: true says that it is on the site's disk. What was not acknowledged is sent again in ten seconds, as a new one;
  // a box that must lose nothing keeps it, with its time in "ts".
  if (mqtt.publish(box["topics"]["telemetry"].as<const char *>(), text.c_str(), false, 1)) sentAt = millis();
}

void answerCommand() {
  JsonDocument command;
  const bool isRead = deserializeJson(command, waitingCommand) == DeserializationError::Ok;
  waitingCommand = "";
  const String id = command["id"] | "";
  // At least once: the same command may come again.
  if (!isRead || id == "" || id == lastCommand) return;
  const String name = command["name"] | "";
  JsonDocument answer;
  answer["id"] = id;
  answer["ok"] = true;
  if (name == "identify" || name == "bind") {
    answer["result"]["is"] = ESP.getChipModel();
  } else if (name == "renew" && WAY == Way::est) {
    answer["result"]["renews"] = true;
  } else {
    answer["ok"] = false;
    answer["error"] = "unknown command " + name;
  }
  String text;
  serializeJson(answer, text);
  if (!mqtt.publish(box["topics"]["command_ack"].as<const char *>(), text.c_str(), false, 1)) return;
  lastCommand = id;
  if (name == "renew" && WAY == Way::est) renewByEst();
}

// ---------------------------------------------------------------------------------------------------------------------

void setup() {
  Serial.begin(115200);
  store.begin("millwright");
  WiFi.begin(WIFI_NAME, WIFI_PASSWORD);
  while (WiFi.status() != WL_CONNECTED) delay(500);
  if (kept("box", box)) return;
  if (WAY == Way::est)
    enrollByEst();
  else
    enrollByKnocking();
}

void loop() {
  if (!mqtt.connected()) {
    // Not all boxes on one beat after a power cut.
    delay(random(1000, 10000));
    if (!connectToBroker()) return;
  }
  mqtt.loop();
  if (waitingCommand.length() > 0) answerCommand();
  if (sentAt == 0 || millis() - sentAt >= SEND_EVERY) sendReading();
  delay(10);
}
