#!/bin/sh
# Installs libat9068: libraries, headers and pkg-config file.
#   LIBRARIES  the folder that cargo built libat9068.so and libat9068.a into
#   PREFIX     where to, /usr/local unless given
#   LIBDIR     the folder for libraries, below PREFIX, lib unless given
#   DESTDIR    put before every path, for packagers
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
prefix=${PREFIX:-/usr/local}
libdir=${LIBDIR:-lib}
into=${DESTDIR:-}$prefix
: "${LIBRARIES:?the folder that holds libat9068.so and libat9068.a}"

version=$(sed -n 's/^#define AT9068_VERSION "\(.*\)"$/\1/p' "$here/include/at9068.h")
# The library says itself under which name programs look for it.
soname=$(readelf -d "$LIBRARIES/libat9068.so" | sed -n 's/.*(SONAME).*\[\(.*\)\]$/\1/p')
real=libat9068.so.$version
case $real in
"$soname" | "$soname".*) ;;
*)
    echo "install.sh: version $version of the header does not fit SONAME '$soname' of the library" >&2
    exit 1
    ;;
esac

mkdir -p "$into/include" "$into/$libdir/pkgconfig"
install -m 644 "$here/include/at9068.h" "$here/include/at9068.hpp" "$into/include/"
install -m 755 "$LIBRARIES/libat9068.so" "$into/$libdir/$real"
ln -sf "$real" "$into/$libdir/$soname"
ln -sf "$soname" "$into/$libdir/libat9068.so"
install -m 644 "$LIBRARIES/libat9068.a" "$into/$libdir/libat9068.a"

# From the pkg-config folder back up to the prefix: one step for it and one per part of LIBDIR.
up=$(printf '%s' "$libdir/pkgconfig" | sed 's|[^/][^/]*|..|g')
sed -e "s|@TO_PREFIX@|$up|" -e "s|@LIBDIR@|$libdir|" -e "s|@VERSION@|$version|" \
    "$here/at9068.pc.in" > "$into/$libdir/pkgconfig/at9068.pc"
chmod 644 "$into/$libdir/pkgconfig/at9068.pc"
