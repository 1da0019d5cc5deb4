#!/bin/sh
# Compiles and runs one source file with what pkg-config says: SOURCE OUTPUT.
set -eu
"$CXX" -std=c++20 "$1" $(pkg-config --cflags --libs seabag) -o "$2"
"$2" --version
