#!/bin/sh
# Builds the module against the sources that the package nginx-dev of Debian installs, for the nginx of that package.
#   build.sh FOLDER        the module ends as FOLDER/ngx_http_at9068_module.so
#   NGINX_SOURCES          /usr/share/nginx/src unless given
#   PKG_CONFIG_PATH        where libat9068's pkg-config file is
#   EXTRA_CFLAGS, EXTRA_LDFLAGS   e.g. for sanitizers
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
out=${1:?the folder to build in}
sources=${NGINX_SOURCES:-/usr/share/nginx/src}

missing=
[ -f "$sources/configure" ] && [ -f "$sources/conf_flags" ] || missing="$missing nginx-dev"
command -v nginx > /dev/null || [ -x /usr/sbin/nginx ] || missing="$missing nginx"
command -v pkg-config > /dev/null || missing="$missing pkg-config"
command -v "${CC:-cc}" > /dev/null || missing="$missing gcc"
if [ -n "$missing" ]; then
    echo "build.sh: not installed:$missing. On Debian: apt-get install nginx nginx-dev pkg-config gcc make" >&2
    exit 1
fi
pkg-config --exists at9068 || {
    echo "build.sh: pkg-config does not find at9068: install libat9068 and set PKG_CONFIG_PATH to its lib/pkgconfig" >&2
    exit 1
}

mkdir -p "$out"
# Configuring takes most of the time, and depends on nothing of ours but `config` and the library.
stamp=$(
    {
        cat "$here/config" "$sources/conf_flags" "$(pkg-config --variable=includedir at9068)/at9068.h"
        pkg-config --cflags --libs at9068
        echo "${CC-} ${EXTRA_CFLAGS-} ${EXTRA_LDFLAGS-}"
    } | sha256sum
)
if [ "$(cat "$out/configured" 2> /dev/null)" != "$stamp" ]; then
    rm -rf "$out/src"
    cp -r "$sources" "$out/src"
    (
        cd "$out/src"
        # conf_flags is Debian's own list of options, an array of bash.
        bash -c '. ./conf_flags && exec ./configure "${NGX_CONF_FLAGS[@]}" --with-cc="$0" --with-cc-opt="$1" --with-ld-opt="$2" --add-dynamic-module="$3"' \
            "${CC:-cc}" "-g -O2 -fPIC -D_FORTIFY_SOURCE=2 -Wall -Wextra -Wno-unused-parameter -Werror ${EXTRA_CFLAGS-}" \
            "-Wl,-z,relro -Wl,-z,now -fPIC ${EXTRA_LDFLAGS-}" "$here"
    ) > "$out/configure.log" 2>&1 || {
        tail -n 20 "$out/configure.log" >&2
        exit 1
    }
    printf '%s\n' "$stamp" > "$out/configured"
fi
make -s -C "$out/src" -f objs/Makefile modules
cp "$out/src/objs/ngx_http_at9068_module.so" "$out/"
