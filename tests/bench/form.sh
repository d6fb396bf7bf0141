#!/bin/bash
# What a learned submission costs beside curl with the same requests, and in the browser: make bench-form.  Programs from start
# to end, in turn, ROUNDS (50) times; medians in milliseconds.
set -u
ROUNDS=${ROUNDS:-50} BROWSER_ROUNDS=${BROWSER_ROUNDS:-5}
work=$(mktemp -d)
server=
trap '[ -n "$server" ] && kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
"$BUILD/fixture-server" --stay --cert-out "$work/cert.pem" >"$work/ready" &
server=$!
while ! grep -qs pid "$work/ready"; do sleep 0.1; done
port=$(sed 's/.*"port":\([0-9]*\).*/\1/' "$work/ready")
export GABBAI_DATA_DIR=$work/data XDG_CONFIG_HOME=$work/config
user=ada.lovelace@example.com password=Analytical-Engine-1843
net=(--cacert "$work/cert.pem" --connect-to "forms.test:443:127.0.0.1:$port")

now() { echo $((${EPOCHREALTIME/[.,]/})); }
median() { sort -n | awk '{a[NR] = $1} END {printf "%.1f", (NR % 2 ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2) / 1000}'; }
ms() { local began; began=$(now); "$@" >"$work/out" 2>"$work/err" || { echo "failed: $*" >&2; cat "$work/err" >&2; }; echo $(($(now) - began)); }

# PAGE, the names of its fields, and curl's arguments.
measure() {
	local page=$1 name=$2; shift 2
	local ours=("$BUILD/gabbai" submit "https://forms.test/$page" -d "$name=$user" -d "password=$password" --no-input --json "${net[@]}")
	local i
	: >"$work/browser"; : >"$work/ours"; : >"$work/curl"
	for ((i = 0; i < BROWSER_ROUNDS; i++)); do ms "${ours[@]}" --learn >>"$work/browser"; done
	ms "${ours[@]}" >/dev/null
	grep -q '"api"' "$work/out" || { echo "$page was not learned" >&2; return 1; }
	for ((i = 0; i < ROUNDS; i++)); do
		ms curl -sS "${net[@]}" "$@" >>"$work/curl"
		ms "${ours[@]}" >>"$work/ours"
	done
	local a b c
	a=$(median <"$work/ours") b=$(median <"$work/curl") c=$(median <"$work/browser")
	printf '%-14s gabbai %7s ms   curl %7s ms   more %5s ms   browser %8s ms   %sx\n' "$page" "$a" "$b" \
		"$(awk "BEGIN {printf \"%.1f\", $a - $b}")" "$c" "$(awk "BEGIN {printf \"%.0f\", $c / $a}")"
}

# The token of a session that curl then has.
curl -sS "${net[@]}" -c "$work/jar" https://forms.test/csrf-hidden >"$work/page"
token=$(sed -n 's/.*name=_csrf value="\([^"]*\)".*/\1/p' "$work/page")
json="{\"username\":\"$user\",\"password\":\"$password\"}"

measure spa-json username -b "$work/jar" https://forms.test/spa-json --next "${net[@]}" -sS -b "$work/jar" \
	-H 'Content-Type: application/json' -d "$json" https://forms.test/api/login
measure csrf-hidden user -b "$work/jar" https://forms.test/csrf-hidden --next "${net[@]}" -sS -b "$work/jar" -L \
	--data-urlencode "_csrf=$token" --data-urlencode "user=$user" --data-urlencode "password=$password" https://forms.test/csrf-hidden
