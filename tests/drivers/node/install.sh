#!/bin/sh
# Installs the npm tarball and the driver beside it, as any project would: nothing of the source
# tree is used when the driver runs. `npm run dist` in bindings-node makes the tarball.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
target="${CARGO_TARGET_DIR:-$root/target}"
version=$(node -p "require('$root/bindings-node/package.json').version")
tarball="$target/dist/at9068-$version.tgz"
[ -f "$tarball" ] || { echo "no $tarball: run \`npm run dist\` in bindings-node first" >&2; exit 1; }

home="$target/node-driver"
rm -rf "$home"
mkdir -p "$home"
cp "$here/driver.mjs" "$here/members.mjs" "$home/"
echo '{ "private": true, "type": "module" }' > "$home/package.json"
# Offline: the package has no dependencies, and must not come from anywhere else.
npm install --prefix "$home" --offline --no-audit --no-fund --no-package-lock --loglevel=error "$tarball"
