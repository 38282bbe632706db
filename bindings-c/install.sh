#!/bin/sh
# Installs libat9068: libraries, headers, pkg-config file, CMake package and manual page; --uninstall removes them.
#   LIBRARIES  the folder that cargo built libat9068.so and libat9068.a into
#   PREFIX     where to, /usr/local unless given
#   LIBDIR     the folder for libraries, below PREFIX or as a path in it, lib unless given
#   DESTDIR    put before every path, for packagers
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
prefix=${PREFIX:-/usr/local}
prefix=${prefix%/}
into=${DESTDIR:-}$prefix
libdir=${LIBDIR:-lib}
libdir=${libdir#"$prefix"/}
libdir=${libdir%/}
case $libdir in
/*)
    echo "install.sh: LIBDIR '$libdir' is not below PREFIX '$prefix'" >&2
    exit 1
    ;;
esac
# The way back from LIBDIR to PREFIX is counted by its parts.
case $prefix/$libdir in
[!/]* | *//* | */../* | */..)
    echo "install.sh: PREFIX must be an absolute path, and PREFIX and LIBDIR plain ones: '$prefix', '$libdir'" >&2
    exit 1
    ;;
esac

# From a folder back up to the prefix: one step for each part of its path.
up() { printf '%s' "$1" | sed 's|[^/][^/]*|..|g'; }

version=$(sed -n 's/^#define AT9068_VERSION "\(.*\)"$/\1/p' "$here/include/at9068.h")
# Before 1.0 every minor version may change the ABI; build.rs names the library so.
case $version in
0.*) abi_pattern='[0-9]+\\.[0-9]+' ;;
*) abi_pattern='[0-9]+' ;;
esac
real=libat9068.so.$version
static_libs=$(sed -n 's/^Libs.private: *//p' "$here/at9068.pc.in")

if [ "${1-}" = --uninstall ]; then
    soname=$(cd "$into/$libdir" 2>/dev/null && readelf -d "$real" | sed -n 's/.*(SONAME).*\[\(.*\)\]$/\1/p') || soname=
    rm -f "$into/include/at9068.h" "$into/include/at9068.hpp" "$into/$libdir/libat9068.a" "$into/$libdir/libat9068.so"
    rm -f "$into/$libdir/$real" "$into/$libdir/pkgconfig/at9068.pc" "$into/share/man/man3/at9068.3"
    # Another version may have been installed beside this one: links that lead to it stay.
    if [ -n "$soname" ] && [ ! -e "$into/$libdir/$soname" ]; then
        rm -f "$into/$libdir/$soname"
    fi
    rm -f "$into/$libdir/cmake/at9068/at9068-config.cmake" "$into/$libdir/cmake/at9068/at9068-config-version.cmake"
    # What is empty now, and was made for this.
    rmdir "$into/$libdir/cmake/at9068" "$into/$libdir/cmake" "$into/$libdir/pkgconfig" 2>/dev/null || true
    exit 0
fi

: "${LIBRARIES:?the folder that holds libat9068.so and libat9068.a}"
# The library says itself under which name programs look for it.
soname=$(readelf -d "$LIBRARIES/libat9068.so" | sed -n 's/.*(SONAME).*\[\(.*\)\]$/\1/p')
case $real in
"$soname" | "$soname".*) ;;
*)
    echo "install.sh: version $version of the header does not fit SONAME '$soname' of the library" >&2
    exit 1
    ;;
esac

# Fills in a template: fill TEMPLATE FOLDER, below the prefix, NAME.
fill() {
    sed -e "s|@TO_PREFIX@|$(up "$2")|" -e "s|@LIBDIR@|$libdir|" -e "s|@VERSION@|$version|" -e "s|@REAL@|$real|" \
        -e "s|@SONAME@|$soname|" -e "s|@ABI_PATTERN@|$abi_pattern|" \
        -e "s|@STATIC_LIBS@|$(printf '%s' "$static_libs" | sed 's/-l//g; s/  */;/g')|" "$here/$1" > "$into/$2/$3"
    chmod 644 "$into/$2/$3"
}

mkdir -p "$into/include" "$into/$libdir/pkgconfig" "$into/$libdir/cmake/at9068" "$into/share/man/man3"
install -m 644 "$here/include/at9068.h" "$here/include/at9068.hpp" "$into/include/"
install -m 755 "$LIBRARIES/libat9068.so" "$into/$libdir/$real"
ln -sf "$real" "$into/$libdir/$soname"
ln -sf "$soname" "$into/$libdir/libat9068.so"
install -m 644 "$LIBRARIES/libat9068.a" "$into/$libdir/libat9068.a"
install -m 644 "$here/man/at9068.3" "$into/share/man/man3/at9068.3"
fill at9068.pc.in "$libdir/pkgconfig" at9068.pc
fill cmake/at9068-config.cmake.in "$libdir/cmake/at9068" at9068-config.cmake
fill cmake/at9068-config-version.cmake.in "$libdir/cmake/at9068" at9068-config-version.cmake
