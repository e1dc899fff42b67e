#!/bin/sh
# Makes what compose.yaml mounts, and leaves alone what is there: an own CA with certificates for Postgres, EMQX and
# Grafana in certs/, random passwords in secrets/. Each file belongs to the user that its container runs as.
#
#   sudo ./prepare.sh cloud.example.com [another.name 192.0.2.7 …]
#
# The names are those that sites and browsers call. ca.crt is for them; keep ca.key elsewhere, or delete it.
set -eu
umask 077
[ $# -gt 0 ] || { echo 'usage: prepare.sh NAME [NAME or ADDRESS …]' >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo 'prepare.sh hands files to the users of the containers: run it as root' >&2; exit 2; }
cd "$(dirname "$0")"
mkdir -p certs secrets
chmod 755 certs secrets

names=DNS:localhost
for name in "$@"; do
  case $name in
    *:* | *[0-9].[0-9]*.[0-9]*.[0-9]*) names="$names,IP:$name" ;;
    *) names="$names,DNS:$name" ;;
  esac
done

if [ ! -e certs/ca.key ] && [ ! -e certs/ca.crt ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj '/CN=Millwright cloud' \
    -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign \
    -keyout certs/ca.key -out certs/ca.crt
  chmod 644 certs/ca.crt
fi

# name, user of the container, days. Inside the compose network each is called by the name of its service.
certificate() {
  [ ! -e "certs/$1.crt" ] || return 0
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$first" \
    -addext "subjectAltName=$names,DNS:$1" -addext extendedKeyUsage=serverAuth \
    -addext keyUsage=critical,digitalSignature -keyout "certs/$1.key" -out "certs/$1.csr"
  openssl x509 -req -in "certs/$1.csr" -CA certs/ca.crt -CAkey certs/ca.key -days 825 -copy_extensions copy \
    -set_serial "0x$(openssl rand -hex 16)" -out "certs/$1.crt"
  rm "certs/$1.csr"
  chmod 644 "certs/$1.crt"
  chown "$2" "certs/$1.key"
}
first=$1
certificate postgres 70
certificate emqx 1000
certificate grafana 472

# name, user of the container
password() {
  [ -s "secrets/$1" ] || openssl rand -hex 24 | tr -d '\n' > "secrets/$1"
  chown "$2" "secrets/$1"
}
password postgres_superuser 70
password postgres_owner 70
password emqx_dashboard 1000
password grafana_admin 472
[ -e secrets/emqx.env ] || echo "EMQX_NODE__COOKIE=$(openssl rand -hex 24)" > secrets/emqx.env

# Of these two the passwords come from `millwright cloud add-emqx-reader` and `millwright cloud add-reader`.
for file in emqx_postgres:1000 grafana_reader:472; do
  touch "secrets/${file%:*}"
  chown "${file#*:}" "secrets/${file%:*}"
done
# The `ca.crt` of each site whose gateways may come to EMQX is put here by hand.
touch certs/gateways-ca.crt
chmod 644 certs/gateways-ca.crt
echo "ready: certs/ for $names"
