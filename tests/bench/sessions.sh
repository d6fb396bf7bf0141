#!/bin/sh
# make bench-sessions: what a run on a saved session takes, on the test sites: without a browser (direct), and
# with one (restored), which is compared with the bare browser that shows the same page, in turn.
set -eu
cd "$(dirname "$0")/../.."
root=$PWD
build=$root/${BUILD:-build/release}
runs=${RUNS:-20} rounds=${ROUNDS:-10}
work=$build/bench-sessions
rm -rf "$work"
mkdir -p "$work"
cp -r fixtures "$work/site"
cd "$work"

# Pages tell when their content is there; /seed.html puts a session into a bare browser.  The journal has the
# times.
tells() { # tells PAGE SELECTOR
	cat >>"$1" <<END
<script>
new MutationObserver((_, observer) => {
	if (document.querySelector('$2')) {
		observer.disconnect();
		fetch('/seen');
	}
}).observe(document, { subtree: true, childList: true });
</script>
END
}
tells site/visa_cal/digital.html 'article.card'
tells site/hotmart/app.html 'a.product-detail-link'

"$build/fixture-server" --root site --stay --cert-out cert.pem --journal journal >server.json &
server=$!
trap 'kill $server' EXIT
while ! grep -qs pid server.json; do sleep 0.1; done
port=$(sed 's/.*"port":\([0-9]*\),.*/\1/' server.json)
export GABBAI_DATA_DIR="$work/data" XDG_CONFIG_HOME="$work/config" XDG_RUNTIME_DIR="$work"
export GABBAI_VISA_CAL_USERNAME=dana GABBAI_VISA_CAL_PASSWORD=Secret123
export GABBAI_HOTMART_EMAIL=maria@example.com GABBAI_HOTMART_PASSWORD=Secret123

gabbai() {
	"$build/gabbai" "$@" --no-input --cacert cert.pem --connect-to "*.cal-online.co.il:443:127.0.0.1:$port" \
		--connect-to "*hotmart.com:443:127.0.0.1:$port" 2>>gabbai.err
}

seed() { # seed SITE FOLDER PAGE
	gabbai session export "$1" -f gabbai -o state
	{
		echo '<!doctype html><script>const state ='
		sed 's|</|<\\/|g' state
		echo ';
for (const { origin, localStorage: local, sessionStorage: session } of state.origins) {
	if (origin !== location.origin)
		continue;
	for (const { name, value } of local)
		localStorage.setItem(name, value);
	for (const { name, value } of session)
		sessionStorage.setItem(name, value);
}'
		echo "location.replace('$3');</script>"
	} >"site/$2/seed.html"
}

ms() { date +%s%3N; }
seen_count() { grep -c '"path":"/seen"' journal || true; }
seen_ms() { grep '"path":"/seen"' journal | tail -n 1 | sed 's/.*"ms":\([0-9]*\),.*/\1/'; }

shell=/usr/lib/chromium/chromium-headless-shell
[ -x $shell ] || shell=$(command -v chromium)
sandbox=
[ "$(id -u)" -ne 0 ] || sandbox=--no-sandbox

# How long the detour over /seed.html took, which gabbai does not make.
detour_ms() {
	grep -A1 '"path":"/seed.html"' journal | tail -n 2 | sed 's/.*"ms":\([0-9]*\),.*/\1/' | awk 'NR == 1 { a = $1 } END { print $1 - a }'
}

bare() { # bare URL: the browser alone, until the content is there; and until it has ended
	before=$(seen_count) began=$(ms)
	# shellcheck disable=SC2086
	"$shell" --headless $sandbox --disable-gpu --user-data-dir="$work/profile" --remote-debugging-port=0 \
		--ignore-certificate-errors "--host-resolver-rules=MAP *.cal-online.co.il 127.0.0.1:$port, MAP *hotmart.com 127.0.0.1:$port" \
		--disable-background-networking --disable-component-update "$1" >/dev/null 2>&1 &
	browser=$!
	while [ "$(seen_count)" -eq "$before" ]; do sleep 0.01; done
	kill -INT $browser
	wait $browser || true
	ended=$(ms) began=$((began + $(detour_ms)))
	bare_whole="$bare_whole $((ended - began))"
	bare_page="$bare_page $(($(seen_ms) - began))"
	rm -rf "$work/profile"
}

restored() { # restored SITE
	before=$(seen_count) began=$(ms)
	gabbai run "$1" --no-login --tier restored -f ndjson >rows
	restored_whole="$restored_whole $(($(ms) - began))"
	# What it needs may be there before the content is; then it is gone.
	[ "$(seen_count)" -eq "$before" ] || restored_page="$restored_page $(($(seen_ms) - began))"
}

direct() { # direct SITE
	began=$(ms)
	gabbai run "$1" --no-login -f ndjson >rows
	direct_whole="$direct_whole $(($(ms) - began))"
}

median() { echo "$*" | tr ' ' '\n' | sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
row() { # row NAME OURS BARE
	printf '  %-34s %8s ms' "$1" "$2"
	[ -z "${3:-}" ] && echo || awk "BEGIN { printf \"   bare %6s ms   ratio %.2f\\n\", $3, $2 / $3 }"
}

bench() { # bench SITE FOLDER URL PAGE
	gabbai run "$1" -f ndjson >rows
	seed "$1" "$2" "$4"
	direct_whole='' restored_whole='' restored_page='' bare_whole='' bare_page=''
	for _ in $(seq "$runs"); do direct "$1"; done
	for _ in $(seq "$rounds"); do
		restored "$1"
		bare "$3"
	done
	echo "$1: $(wc -l <rows) rows"
	# shellcheck disable=SC2086
	{
		row "direct, median of $runs" "$(median $direct_whole)"
		[ -z "$restored_page" ] || row "restored, until the page is there" "$(median $restored_page)" "$(median $bare_page)"
		echo "  (it left before that in $((rounds - $(echo $restored_page | wc -w))) of $rounds rounds)"
		row "restored, the whole run" "$(median $restored_whole)" "$(median $bare_whole)"
	}
}

bench visa-cal visa_cal https://digital-web.cal-online.co.il/seed.html /
bench hotmart hotmart https://app.hotmart.com/seed.html /market
