#!/bin/sh
# Builds the worker of C into target/bench/worker-c, with those libraries that are installed. It says of the
# others that they are absent, and the worker says so too. Without OpenSSL's headers there is no limit to
# measure, and no worker.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
prefix=${PREFIX:-$root/target/c-install}
out=$root/target/bench
mkdir -p "$out"
rm -f "$out/worker-c"

if ! command -v pkg-config >/dev/null || ! pkg-config --exists libcrypto; then
    echo "bench: no worker of C: the headers of OpenSSL or pkg-config are not installed (libssl-dev, pkg-config)" >&2
    exit 0
fi

packages=libcrypto
defines=
versions="\\\"at9068\\\":\\\"$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/Cargo.toml")\\\""
versions="$versions,\\\"openssl\\\":\\\"$(pkg-config --modversion libcrypto)\\\""
absent=

sources="worker limit ours"

# library NAME PACKAGE MACRO DEBIAN-PACKAGE [OTHER-PACKAGE]
library() {
    if pkg-config --exists "$2" ${5:+"$5"}; then
        packages="$packages $2 ${5:-}"
        defines="$defines -D$3"
        sources="$sources $1"
        versions="$versions,\\\"$1\\\":\\\"$(pkg-config --modversion "$2")\\\""
    else
        echo "bench: $1 is not installed ($4), and not measured" >&2
        absent="$absent${absent:+,}\\\"$1\\\":\\\"not installed ($4)\\\""
    fi
}
library libjwt libjwt HAVE_LIBJWT libjwt-dev
library cjose cjose HAVE_CJOSE "libcjose-dev, libjansson-dev" jansson
library rhonabwy librhonabwy HAVE_RHONABWY "librhonabwy-dev, libjansson-dev" jansson

# shellcheck disable=SC2046,SC2086 # lists of words
${CC:-cc} -std=c11 -D_POSIX_C_SOURCE=200809L -O2 -Wall -Wextra -Wshadow -Werror $defines \
    "-DVERSIONS=\"{$versions}\"" "-DABSENT=\"{$absent}\"" \
    -I"$root/tests/drivers/c" -I"$prefix/include" $(pkg-config --cflags $packages) \
    $(for name in $sources; do echo "$root/bench/c/$name.c"; done) "$root/tests/drivers/c/jsonline.c" -o "$out/worker-c" \
    -L"$prefix/lib" -lat9068 -Wl,-rpath,"$prefix/lib" $(pkg-config --libs $packages)
