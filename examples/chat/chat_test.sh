#!/bin/bash
# Starts the chat on a free port, says something and hears it: CHAT.
set -euo pipefail

coproc SERVER { exec "$1" --listen 127.0.0.1:0; }
server=$SERVER_PID
trap 'kill "$server"' EXIT
read -r line <&"${SERVER[0]}"
port=${line##*:}

# What the server says to a request, and to bytes behind it, until it ends the connection.
ask() {
  exec 3<> "/dev/tcp/127.0.0.1/$port"
  printf 'GET %s HTTP/1.1\r\nHost: localhost\r\n%b\r\n%b' "$1" "$2" "${3-}" >&3
  cat <&3 | tr -d '\0'
}

upgrade='Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n'
key='Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
hello='\x81\x85\x00\x00\x00\x00hello'
close='\x88\x82\x00\x00\x00\x00\x03\xe8'

answer=$(ask /chat "$upgrade$key" "$hello$close")
grep -aF 'HTTP/1.1 101 Switching Protocols' <<< "$answer"
grep -aF 'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=' <<< "$answer"
grep -aF 'Welcome aboard: 1 in the room' <<< "$answer"
grep -aF 'hello' <<< "$answer"
ask /chat "${upgrade}Connection: close\r\n" | grep -aF '400 Bad Request'
ask /chat 'Connection: close\r\n' | grep -aF '426 Upgrade Required'
ask / 'Connection: close\r\n' | grep -aF '<title>Chat</title>'
