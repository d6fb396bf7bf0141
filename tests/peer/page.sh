#!/bin/sh
# make check-playwright: the server's page, driven by Playwright as an outside client, on the test site.
set -eu
cd "$(dirname "$0")/../.."
root=$PWD
build=$root/${BUILD:-build/release}
work=$build/peer/page
tools/npm tests/peer/page.json
rm -rf "$work"
mkdir -p "$work"
cd "$work"

serve=
"$build/fixture-server" --root "$root/fixtures" --stay --cert-out cert.pem --phone phone >server.json &
server=$!
trap 'kill $server $serve' EXIT
while ! grep -qs pid server.json; do sleep 0.1; done
port=$(sed 's/.*"port":\([0-9]*\),.*/\1/' server.json)

export GABBAI_DATA_DIR="$work/data" XDG_CONFIG_HOME="$work/config"
GABBAI_VISA_CAL_USERNAME=otp1 GABBAI_VISA_CAL_PASSWORD=Secret123 "$build/gabbai" serve --listen 127.0.0.1:0 --max-logins 100 \
	--cacert cert.pem --connect-to "*.cal-online.co.il:443:127.0.0.1:$port" \
	--connect-to "*.calconnect-id.co.il:443:127.0.0.1:$port" >serve 2>serve.err &
serve=$!
while ! grep -qs '#t=' serve; do sleep 0.1; done
NODE_PATH="$root/build/npm/node_modules" node "$root/tests/peer/page.js" "$(head -n 1 serve)" phone
