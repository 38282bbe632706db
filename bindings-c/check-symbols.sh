#!/bin/sh
# Compares what the shared library exports with symbols.txt; --update writes that file instead.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
list=$here/symbols.txt
update=
if [ "${1-}" = --update ]; then
    update=yes
    shift
fi
library=${1:?the shared library}

exported=$(nm -D --defined-only --format=posix "$library" | cut -d ' ' -f 1 | LC_ALL=C sort)
if printf '%s\n' "$exported" | grep -qv '^at9068_'; then
    echo "check-symbols.sh: exported without the prefix at9068_:" >&2
    printf '%s\n' "$exported" | grep -v '^at9068_' >&2
    exit 1
fi
if [ -n "$update" ]; then
    printf '%s\n' "$exported" > "$list"
    exit 0
fi
printf '%s\n' "$exported" | diff -u "$list" - || {
    echo "check-symbols.sh: symbols.txt differs from $library; is the change meant, and announced?" >&2
    exit 1
}
echo "$(wc -l < "$list") symbols, as listed"
