#!/bin/bash
# Starts the app on a free port, asks for everything and measures it for a moment: MILLION SEABAG.
set -euo pipefail

coproc SERVER { exec "$1" --listen 127.0.0.1:0; }
server=$SERVER_PID
trap 'kill "$server"' EXIT
read -r line <&"${SERVER[0]}"
port=${line##*:}

ask() {
  exec 3<> "/dev/tcp/127.0.0.1/$port"
  printf 'GET %s HTTP/1.1\r\nHost: localhost\r\n%bConnection: close\r\n\r\n' "$1" "${2-}" >&3
  cat <&3
}

ask /simple | grep -F 'Content-Length: 16'
ask /read | grep -F '<title>Ports of call</title>'
ask /read 'Accept-Encoding: gzip\r\n' | grep -aF 'Content-Encoding: gzip'
ask /list | grep -oF '{"id":1000,"name":"Harbour 1000","berths":38}'
ask '/compute?n=100' | grep -F '{"limit":100,"primes":25}'
ask '/compute?n=5000001' | grep -F '400 Bad Request'
ask '/compute?n=x' | grep -F '400 Bad Request'
ask /params/42 | grep -F '{"id":42}'
ask /params/me | grep -F '400 Bad Request'

for path in simple read list compute params/7; do
  "$2" bench --json -c 4 -d 200ms --warm-up 50ms "http://127.0.0.1:$port/$path" |
    grep -E '"4xx":0,"5xx":0.*"connect":0,"closed":0,"malformed":0,"timed_out":0'
done
"$2" bench --rate 200 -d 500ms --warm-up 0s "http://127.0.0.1:$port/simple" | grep -F ' 100 due'
