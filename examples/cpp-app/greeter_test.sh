#!/bin/bash
# Starts the greeter on a free port, asks it and stops it: GREETER.
set -euo pipefail

coproc SERVER { exec "$1" --listen 127.0.0.1:0; }
server=$SERVER_PID
trap 'kill "$server"' EXIT
read -r line <&"${SERVER[0]}"
port=${line##*:}

ask() {
  exec 3<> "/dev/tcp/127.0.0.1/$port"
  printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$1" >&3
  cat <&3
}

ask /api/greet/Ada%20%22L%22 | grep -F '{"greeting":"Welcome aboard, Ada \"L\"!"}'
ask /api/greet/ | grep -F '404 Not Found'
ask /api/slow | grep -F 'worth the wait'
ask / | grep -F '<title>Greeter</title>'
ask /app.js | grep -F 'Content-Type: text/javascript'

exec 3<> "/dev/tcp/127.0.0.1/$port"
printf 'POST /api/sum HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc' >&3
grep -F 294 <&3
exec 3<> "/dev/tcp/127.0.0.1/$port"
printf 'GET /api/clock HTTP/1.1\r\nHost: localhost\r\n\r\n' >&3
grep -m 1 '^data: ' <&3
