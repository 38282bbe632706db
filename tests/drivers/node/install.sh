#!/bin/sh
# Packs what `npm run build` made in bindings-node, installs the tarballs as any project would, and
# puts the driver beside it: nothing of the source tree is used when the driver runs.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$root/target}"
export CARGO_TARGET_DIR
npm run --silent dist --prefix "$root/bindings-node"

home="$CARGO_TARGET_DIR/node-driver"
rm -rf "$home"
mkdir -p "$home"
cp "$here/driver.mjs" "$here/members.mjs" "$home/"
echo '{ "private": true, "type": "module" }' > "$home/package.json"
# Offline: what the packages depend on is among them, and must not come from anywhere else.
npm install --prefix "$home" --offline --no-audit --no-fund --no-package-lock --loglevel=error --silent \
    "$CARGO_TARGET_DIR"/dist/npm/*.tgz
