#!/bin/sh
# Installs libat9068 as packagers do and builds the examples as users do: by pkg-config and by CMake, from a prefix that
# was moved since. Takes the folder with the libraries, and one for what is built.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
libraries=${1:?the folder that holds libat9068.so and libat9068.a}
work=${2:?a folder to build in}
CC=${CC:-cc}
CXX=${CXX:-c++}
version=$(sed -n 's/^#define AT9068_VERSION "\(.*\)"$/\1/p' "$here/include/at9068.h")
rm -rf "$work"
mkdir -p "$work"

fail() {
    echo "install: $*" >&2
    exit 1
}

# Installs with LIBDIR $1 below a DESTDIR and moves the result to where nothing says it would be: $2.
stage() {
    DESTDIR=$work/stage PREFIX=/opt/at9068 LIBDIR=$1 LIBRARIES=$libraries "$here/install.sh"
    mkdir -p "$2"
    rm -rf "$2"
    mv "$work/stage/opt/at9068" "$2"
    rm -r "$work/stage"
    if grep -rI -e "$work/stage" -e /opt/at9068 "$2"; then
        fail "a path of the build is in what was installed"
    fi
}

by_pkg_config() {
    prefix=$1 libdir=$2
    export PKG_CONFIG_PATH="$prefix/$libdir/pkgconfig"
    [ "$(pkg-config --modversion at9068)" = "$version" ] || fail "pkg-config has another version"
    pkg-config --exists "at9068 >= 0.1" || fail "pkg-config does not know what it has"
    flags=$(pkg-config --cflags --libs at9068)
    # shellcheck disable=SC2086 # flags are words
    $CC -std=c11 "$here/examples/quickstart.c" -o "$prefix/quickstart-c" $flags
    # shellcheck disable=SC2086
    $CC -std=c11 "$here/examples/event_loop.c" -o "$prefix/event-loop" $flags
    # shellcheck disable=SC2086
    $CXX -std=c++17 "$here/examples/quickstart.cpp" -o "$prefix/quickstart-cpp" $flags
    # As README.md has it: the archive by its name, the system's libraries from the file.
    # shellcheck disable=SC2046
    $CC -std=c11 "$here/examples/quickstart.c" -o "$prefix/quickstart-static" $(pkg-config --cflags --libs-only-L at9068) \
        -l:libat9068.a $(pkg-config --static --libs-only-l at9068 | sed s/-lat9068//)
    for name in quickstart-c event-loop quickstart-cpp; do
        LD_LIBRARY_PATH=$prefix/$libdir "$prefix/$name" > "$work/out" || fail "$name by pkg-config failed"
        [ -s "$work/out" ] || fail "$name by pkg-config said nothing"
    done
    "$prefix/quickstart-static" > "$work/out" || fail "the static one by pkg-config failed"
    if readelf -d "$prefix/quickstart-static" | grep -q at9068; then
        fail "the static one wants the shared library"
    fi
    unset PKG_CONFIG_PATH
}

by_cmake() {
    prefix=$1
    cmake -S "$here/examples" -B "$prefix-build" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$CC" \
        -DCMAKE_CXX_COMPILER="$CXX" > "$work/out" || { cat "$work/out"; fail "cmake does not find it"; }
    cmake --build "$prefix-build" > "$work/out" || { cat "$work/out"; fail "cmake does not build with it"; }
    (cd "$prefix-build" && ctest --output-on-failure) > "$work/out" || { cat "$work/out"; fail "a test of cmake's failed"; }
    grep -q '100% tests passed, 0 tests failed out of 4' "$work/out" || fail "cmake ran other tests"
}

# Whether find_package with these words finds it; $1 is the prefix, $2 what follows the name.
finds() {
    mkdir -p "$work/asks"
    cat > "$work/asks/CMakeLists.txt" <<ASK
cmake_minimum_required(VERSION 3.19)
project(asks LANGUAGES C)
find_package(at9068 $2 CONFIG QUIET)
if(NOT at9068_FOUND)
  message(FATAL_ERROR "not found")
endif()
ASK
    rm -rf "$work/asks/build"
    cmake -S "$work/asks" -B "$work/asks/build" -DCMAKE_PREFIX_PATH="$1" > /dev/null 2>&1
}

for libdir in lib lib/x86_64-linux-gnu; do
    prefix=$work/moved-$(basename "$libdir")
    stage "$libdir" "$prefix"
    find "$prefix" \( -type f -o -type l \) | sed "s|^$prefix/||" | LC_ALL=C sort > "$work/files"
    if command -v pkg-config > /dev/null; then
        by_pkg_config "$prefix" "$libdir"
        echo "install: by pkg-config, LIBDIR=$libdir"
    else
        echo "install: SKIPPED: pkg-config is not installed" >&2
    fi
    if command -v cmake > /dev/null; then
        by_cmake "$prefix"
        echo "install: by CMake, LIBDIR=$libdir"
    else
        echo "install: SKIPPED: cmake is not installed" >&2
    fi
done

# Versions. The next minor one has another ABI.
if command -v cmake > /dev/null; then
    minor=${version#*.} minor=${minor%%.*}
    next=0.$((minor + 1))
    for asked in "" "0.$minor" "$version" "$version EXACT" "0.$minor...<$next" "0.0.1...$next" "0.$minor COMPONENTS at9068" \
        "COMPONENTS at9068 static"; do
        finds "$prefix" "$asked" || fail "find_package(at9068 $asked) finds nothing"
    done
    for asked in "$next" "0.$minor.99" "1" "0.0" "0.$minor...<$version" "$next...9" "COMPONENTS shared"; do
        if finds "$prefix" "$asked"; then
            fail "find_package(at9068 $asked) takes version $version"
        fi
    done
    rm "$prefix/$libdir/libat9068.a"
    finds "$prefix" "COMPONENTS at9068" || fail "without the static library the shared one is not found"
    if finds "$prefix" "COMPONENTS static"; then
        fail "a static library that is not there is found"
    fi
    echo "install: versions and components of the CMake package"
fi

# The manual page, where the system has a reader that judges.
if command -v mandoc > /dev/null; then
    mandoc -T lint -W warning "$prefix/share/man/man3/at9068.3" || fail "mandoc finds fault with the manual page"
fi

# An absolute LIBDIR, and nothing left behind but what was there before.
base=$work/uninstalled
mkdir -p "$base/usr/include"
echo "kept" > "$base/usr/include/other.h"
DESTDIR=$base PREFIX=/usr LIBDIR=/usr/lib64 LIBRARIES=$libraries "$here/install.sh"
[ "$(readlink "$base/usr/lib64/libat9068.so")" = "libat9068.so.${version%.*}" ] || fail "the link of the library is wrong"
DESTDIR=$base PREFIX=/usr LIBDIR=/usr/lib64 "$here/install.sh" --uninstall
[ "$(find "$base" \( -type f -o -type l \))" = "$base/usr/include/other.h" ] || {
    find "$base" \( -type f -o -type l \)
    fail "uninstall leaves or takes too much"
}
DESTDIR=$base PREFIX=/usr "$here/install.sh" --uninstall || fail "uninstall of nothing is a failure"
if DESTDIR=$base PREFIX=/usr LIBDIR=/lib LIBRARIES=$libraries "$here/install.sh" 2> "$work/out"; then
    fail "a LIBDIR outside of PREFIX is accepted"
fi
grep -q "not below PREFIX" "$work/out" || fail "the refusal of a LIBDIR does not say why"
echo "install: $(wc -l < "$work/files") files installed, and none left by uninstall"
