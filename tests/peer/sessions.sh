#!/bin/sh
# make check-sessions: sessions go from gabbai to Playwright and curl, and come back, on the test site.
set -eu
cd "$(dirname "$0")/../.."
root=$PWD
build=$root/${BUILD:-build/release}
work=$build/peer/sessions
mkdir -p "$work"
cp tests/peer/sessions.json "$work/package.json"
[ -d "$work/node_modules/playwright-core" ] || (cd "$work" && npm install --silent --no-audit --no-fund)
cd "$work"
rm -rf data config ./*.state ./*.told ./*.txt

"$build/fixture-server" --root "$root/fixtures" --stay --cert-out cert.pem --phone phone >server.json &
server=$!
trap 'kill $server' EXIT
while ! grep -qs pid server.json; do sleep 0.1; done
port=$(sed 's/.*"port":\([0-9]*\),.*/\1/' server.json)
page=http://127.0.0.1:$(sed 's/.*"http_port":\([0-9]*\),.*/\1/' server.json)/otp.html
export PORT="$port" GABBAI_DATA_DIR="$work/data" XDG_CONFIG_HOME="$work/config"

gabbai() { "$build/gabbai" "$@" --no-input --cacert cert.pem --connect-to "*hotmart.com:443:127.0.0.1:$port" 2>>gabbai.err; }
playwright() { node "$root/tests/peer/sessions.js" "$@"; }
ask() { curl -sS --cacert cert.pem --connect-to "::127.0.0.1:$port" "$@"; }
database() { echo "$root/tests/peer/database_$1.js"; }
products() { gabbai run "$1" --no-login -f ndjson | grep -c '"ucode"'; }

passed=0 failed=0
check() { # check NAME COMMAND…
	name=$1
	shift
	if "$@" >check.out 2>&1; then
		passed=$((passed + 1))
		echo "ok      $name"
	else
		failed=$((failed + 1))
		echo "FAILED  $name"
		tail -n 5 check.out
	fi
}
: >gabbai.err

# ---- gabbai's session in Playwright ----

run_as_maria() {
	GABBAI_HOTMART_EMAIL=maria@example.com GABBAI_HOTMART_PASSWORD=Secret123 gabbai run hotmart -f json -o maria.json
}
enter_as_maria() { playwright enter maria.state | grep -i maria; }
check 'gabbai signs in' run_as_maria
check 'and exports storageState' gabbai session export hotmart -o maria.state
check 'with which Playwright is signed in' enter_as_maria

# ---- Playwright's session in gabbai ----

import_john() { gabbai session import hotmart/john john.state | grep 'hotmart/john: connected'; }
run_john() { [ "$(products hotmart/john)" -eq 130 ]; }
check 'Playwright signs in' playwright login john john.state
check 'its storageState is imported' import_john
check 'and gabbai runs without a login' run_john

# ---- curl ----

service='https://sso.hotmart.com/login?service=https%3A%2F%2Fsso.hotmart.com%2Foauth2.0%2FcallbackAuthorize'
goes_on() { # goes_on COOKIES: to the service with a ticket, and not to the form
	ask -o page.html -w '%{http_code} %{redirect_url}\n' -b "$1" "$service" | grep '^302 .*ticket=ST-'
}
login_by_curl() {
	ask -o page.html -c curl.txt "$service"
	execution=$(sed -n 's/.*name="execution" value="\([^"]*\)".*/\1/p' page.html)
	ask -o page.html -w '%{http_code}\n' -b curl.txt -c curl.txt --data-urlencode username=john@example.com \
		-d password=Secret123 -d _eventId=submit --data-urlencode "execution=$execution" "$service" | grep '^302'
}
import_curl() { gabbai session import hotmart/curl curl.txt | grep 'hotmart/curl: connected'; }
run_curl() { [ "$(products hotmart/curl)" -eq 130 ]; }
no_cookies() { ! goes_on /dev/null; }
check 'without cookies curl comes to the form' no_cookies
check 'gabbai exports cookies.txt' gabbai session export hotmart -f cookies.txt -o maria.txt
check 'with which curl gets a ticket' goes_on maria.txt
check 'curl signs in' login_by_curl
check 'its cookies.txt is imported and proven' import_curl
check 'and gabbai runs without a login' run_curl

# ---- IndexedDB ----

same() { # same OURS THEIRS
	diff "$1" "$2" && [ "$(wc -l <"$1")" -gt 40 ]
}
restored() { # restored OUT COMMAND…
	out=$1
	shift
	"$@" >"$out"
}
written() { "$build/state_peer" take "$page" "$(database write)" >ours.state; }
check 'Playwright fills a database' playwright take "$page" "$(database write)" theirs.state
check 'libcdp puts it back' restored theirs-ours.told "$build/state_peer" put theirs.state "$page" "$(database read)"
check 'Playwright puts it back' restored theirs-theirs.told playwright put theirs.state "$page" "$(database read)"
check 'both the same' same theirs-ours.told theirs-theirs.told
check 'libcdp fills a database' written
check 'libcdp puts it back' restored ours-ours.told "$build/state_peer" put ours.state "$page" "$(database read)"
check 'Playwright puts it back' restored ours-theirs.told playwright put ours.state "$page" "$(database read)"
check 'both the same' same ours-ours.told ours-theirs.told
check 'whoever wrote it' same ours-ours.told theirs-theirs.told

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] || { tail -n 5 gabbai.err; exit 1; }
