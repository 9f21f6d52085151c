#!/bin/sh
# Builds hostcall._native in place, into hostcall/, with setuptools. PYTHON chooses the interpreter.
set -eu
cd "$(dirname "$0")/.."
exec "${PYTHON:-python3}" setup.py -q build_ext --inplace "$@"
