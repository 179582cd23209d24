#!/bin/sh
# Runs examples/encryption.c, which holds what it decrypts against the plain sums. Usage: examples/encryption.sh PROGRAM
set -eu
. examples/two_parties.sh

"$1"
compare_with_readme 3 examples/encryption.c
