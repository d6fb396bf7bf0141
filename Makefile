# gabbai.  `make` builds the program, `make demo` shows it, `make check` tests everything.
#
# VARIANT=release (default), debug, asan (with ubsan), tsan, fuzz (asan and ubsan, by clang); each has its own folder below
# build/.

VARIANT ?= release
CC      ?= gcc
B       := build/$(VARIANT)
PREFIX  ?= /usr/local
DESTDIR ?=
VERSION := 0.1.0
Q       := $(if $(V),,@)
say      = @$(if $(V),:,printf '  %-4s %s\n' $(1) $(2))

PACKAGES := libwebsockets libcjson libcurl libcrypto libssl sqlite3

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wwrite-strings -Wvla -Wformat=2 -Wno-format-nonliteral -Wno-missing-field-initializers -Werror
HARDENED := -fPIC -fstack-protector-strong $(if $(findstring clang,$(CC)),,-ftrivial-auto-var-init=zero)

flags_release := -O2 -g -D_FORTIFY_SOURCE=2 $(HARDENED) -fstack-clash-protection -fcf-protection
flags_debug   := -O0 -g3 $(HARDENED)
flags_asan    := -O1 -g -fPIC -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
flags_tsan    := -O1 -g -fPIC -fsanitize=thread
flags_fuzz    := -O1 -g -fPIC -fno-omit-frame-pointer -DFUZZ -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=undefined

CFLAGS_ALL  = -std=c17 -D_GNU_SOURCE -I. $(WARNINGS) $(flags_$(VARIANT)) \
	$(shell pkg-config --cflags $(PACKAGES) 2>/dev/null) -DGABBAI_VERSION='"$(VERSION)"' -MMD -MP $(CFLAGS)
LDFLAGS_ALL = $(flags_$(VARIANT)) -Wl,-z,relro,-z,now,-z,noexecstack $(LDFLAGS)
LIBS        = $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lm -lpthread

cdp_src      := $(wildcard cdp/base/*.c cdp/*.c)
scrapers_src := $(wildcard scrapers/*.c)
src_src      := $(filter-out src/main.c,$(wildcard src/*.c))
fixture_src  := $(wildcard fixtures/*.c fixtures/*/*.c)

objects = $(patsubst %.c,$(B)/%.o,$(1))

cdp_obj     := $(call objects,$(cdp_src))
app_obj     := $(call objects,$(scrapers_src) $(src_src))
fixture_obj := $(call objects,$(fixture_src))

.PHONY: all clean
all: $(B)/gabbai

$(B)/libcdp.a: $(cdp_obj)
	@rm -f $@
	$(call say,AR,$@)
	$(Q)$(AR) rcs $@ $^

$(B)/libcdp.so.0: $(cdp_obj)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -shared -Wl,-soname,libcdp.so.0 -o $@ $^ $(LIBS)

$(B)/gabbai: $(B)/src/main.o $(app_obj) $(B)/libcdp.a
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -pie -o $@ $^ $(LIBS)

$(B)/fixture-server: $(fixture_obj) $(B)/libcdp.a
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -pie -o $@ $^ $(LIBS)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CFLAGS_ALL) -c -o $@ $<

# ---- for users ----

# Installs what is missing, then starts over, since pkg-config had nothing to say before.
.PHONY: demo demo-built install
demo:
	@tools/need
	@$(MAKE) --no-print-directory demo-built

demo-built: $(B)/gabbai $(B)/fixture-server
	@BUILD=$(B) tools/demo

headers := $(filter-out cdp/page_impl.h cdp/screencast_impl.h cdp/embed.h cdp/endpoint.h cdp/redact.h cdp/transport.h,$(wildcard cdp/*.h cdp/base/*.h))

completions := bash-completion/completions/gabbai zsh/site-functions/_gabbai fish/vendor_completions.d/gabbai.fish

install: $(B)/gabbai $(B)/libcdp.a $(B)/libcdp.so.0
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(PREFIX)/include/cdp/base
	install -m 755 $(B)/gabbai $(DESTDIR)$(PREFIX)/bin/
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 $(addprefix $(DESTDIR)$(PREFIX)/share/,$(dir $(completions)))
	$(B)/gabbai man >$(DESTDIR)$(PREFIX)/share/man/man1/gabbai.1
	$(B)/gabbai completion bash >$(DESTDIR)$(PREFIX)/share/$(word 1,$(completions))
	$(B)/gabbai completion zsh >$(DESTDIR)$(PREFIX)/share/$(word 2,$(completions))
	$(B)/gabbai completion fish >$(DESTDIR)$(PREFIX)/share/$(word 3,$(completions))
	install -m 644 $(B)/libcdp.a $(DESTDIR)$(PREFIX)/lib/
	install -m 755 $(B)/libcdp.so.0 $(DESTDIR)$(PREFIX)/lib/
	ln -sf libcdp.so.0 $(DESTDIR)$(PREFIX)/lib/libcdp.so
	for h in $(headers); do install -m 644 $$h $(DESTDIR)$(PREFIX)/include/$$h; done
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' cdp/libcdp.pc.in >$(DESTDIR)$(PREFIX)/lib/pkgconfig/libcdp.pc

# ---- for us ----

.PHONY: lint tidy
lint:
	@tools/lint

tidy:
	clang-tidy --quiet $(cdp_src) $(scrapers_src) $(src_src) src/main.c -- -std=c17 -D_GNU_SOURCE -I. \
		$(shell pkg-config --cflags $(PACKAGES)) -DGABBAI_VERSION='"$(VERSION)"'

# ---- tests ----

test_src  := $(wildcard tests/unit/*_test.c tests/browser/*_test.c tests/sites/*_test.c tests/server/*_test.c \
	tests/cli/*_test.c)
test_bin  := $(patsubst %.c,$(B)/%,$(test_src))
test_lib  := $(call objects,$(wildcard tests/lib/*.c tests/fuzz/*.c)) $(app_obj) $(B)/libcdp.a

$(B)/tests/%_test: $(B)/tests/%_test.o $(test_lib)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS) -lcmocka

.PHONY: check check-built
check:
	@tools/need libcmocka-dev xvfb ofx ledger oathtool mandoc zsh fish
	@tools/npm tests/peer/page.json
	@$(MAKE) --no-print-directory VARIANT=asan check-built

check-built: $(test_bin) $(B)/gabbai $(B)/fixture-server
	@BUILD=$(B) tools/check $(test_bin)
	@BUILD=$(B) tests/exports/run

# Whatever comes from outside, fed with anything, FUZZ_SECONDS=30 each; FUZZ="json totp" takes these only.  What breaks
# something is left in build/fuzz/found/, to be put into tests/fuzz/corpus/, which make check goes through.
fuzz_bin := $(patsubst tests/fuzz/%_fuzz.c,$(B)/fuzz_%,$(wildcard tests/fuzz/*_fuzz.c))

$(B)/fuzz_%: $(B)/tests/fuzz/%_fuzz.o $(app_obj) $(B)/libcdp.a
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -fsanitize=fuzzer -o $@ $^ $(LIBS)

.PHONY: fuzz fuzz-built
fuzz:
	@tools/need clang libclang-rt-dev
	@$(MAKE) --no-print-directory VARIANT=fuzz CC=clang fuzz-built

fuzz-built: $(fuzz_bin)
	@BUILD=$(B) tests/fuzz/run $(FUZZ)

# Killed at fifty random moments instead of ten; the seed that it prints repeats them: SEED=….
.PHONY: check-crash
check-crash: $(B)/tests/sites/crash_test $(B)/gabbai $(B)/fixture-server
	@BUILD=$(B) CRASHES=50 $<

# Twenty runs in rented browsers instead of three, one of them cut off on its way.
.PHONY: check-remote
check-remote: $(B)/tests/sites/remote_test $(B)/gabbai $(B)/fixture-server
	@BUILD=$(B) RUNS=20 TEST=many_runs $<

# The driver against the bare socket and its peers: the bench stands beside the project.  More by
# BENCH="-w rtt,flow -r 5".
$(B)/bench_cdp: $(B)/tests/bench/bench_cdp.o $(B)/libcdp.a
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -pie -o $@ $^ $(LIBS)

.PHONY: bench-driver
bench-driver: $(B)/bench_cdp
	../shared/bench/run --driver ours=$(CURDIR)/$< -d floor,ours $(BENCH)

# Runs on saved sessions, and the bare browser beside them.  ROUNDS=10, RUNS=20.
.PHONY: bench-sessions
bench-sessions: $(B)/gabbai $(B)/fixture-server
	@BUILD=$(B) tests/bench/sessions.sh

# Learned submissions of forms beside curl with the same requests, and in the browser.  ROUNDS=50, BROWSER_ROUNDS=5.
.PHONY: bench-form
bench-form: $(B)/gabbai $(B)/fixture-server
	@BUILD=$(B) tests/bench/form.sh

# The detector of code pages on the corpus that stands beside the project.  PUPPETEER is the folder of puppeteer-core.
.PHONY: bench-otp
bench-otp: $(B)/gabbai
	@node tests/bench/otp.mjs $< $(BENCH)

# What the detector costs a page of more than 5,000 elements: the first verdict of a new process, later ones, changes.
# ROUNDS=10.
$(B)/bench_detect: $(B)/tests/bench/bench_detect.o $(app_obj) $(B)/libcdp.a
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -pie -o $@ $^ $(LIBS)

.PHONY: bench-detect
bench-detect: $(B)/bench_detect
	@$<

# Codes typed into the fields that the detector finds on that corpus.  ROUNDS=20.
$(B)/bench_entry: $(B)/tests/bench/bench_entry.o $(app_obj) $(B)/libcdp.a
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -pie -o $@ $^ $(LIBS)

.PHONY: bench-entry
bench-entry: $(B)/bench_entry
	@node tests/bench/entry.mjs $< $(BENCH)

# The live view at the driver: first picture, key to pixel, what a still page and a moving one cost.
$(B)/bench_live: $(B)/tests/bench/bench_live.o $(B)/libcdp.a
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -pie -o $@ $^ $(LIBS)

.PHONY: bench-live
bench-live: $(B)/bench_live
	@$<

# The server under many pages: SECONDS=60 (600 for the whole), PAGES=1000.
$(B)/bench_serve: $(B)/tests/bench/bench_serve.o $(test_lib)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -pie -o $@ $^ $(LIBS) -lcmocka

.PHONY: bench-serve
bench-serve: $(B)/bench_serve $(B)/gabbai $(B)/fixture-server
	@BUILD=$(B) $<

# What it costs to judge whether an answer asks for a code, and the pages of that corpus as answers.
$(B)/bench_answer: $(B)/tests/bench/bench_answer.o $(app_obj) $(B)/libcdp.a
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -pie -o $@ $^ $(LIBS)

.PHONY: bench-answer
bench-answer: $(B)/bench_answer
	@$< $(wildcard ../shared/otp-corpus)

# The npm package as the oracle: needs npm, and the network once.
.PHONY: check-peer
check-peer: $(B)/gabbai $(B)/fixture-server
	@BUILD=$(B) tests/peer/run

# The server's page in Playwright, as an outside client: needs npm, and the network once.
.PHONY: check-playwright
check-playwright: $(B)/gabbai $(B)/fixture-server
	@BUILD=$(B) tests/peer/page.sh

# All programs that the exports are for: `make check` has the small ones.  ACTUAL=FOLDER, where `npm i @actual-app/api` was
# done (its better-sqlite3 has to be built), asks Actual's own importer, too.
.PHONY: check-exports
check-exports: $(B)/gabbai $(B)/fixture-server
	@tools/need ofx ledger hledger beancount
	@BUILD=$(B) tests/exports/run

# Schedules: when croniter says that two hundred of them are due.
$(B)/cron_peer: $(B)/tests/peer/cron_peer.o $(app_obj) $(B)/libcdp.a
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -pie -o $@ $^ $(LIBS)

.PHONY: check-cron
check-cron: $(B)/cron_peer
	@tools/need python3-croniter
	@/usr/bin/python3 tests/peer/cron.py $<

# Sessions, to and from Playwright and curl: needs npm, and the network once.
$(B)/state_peer: $(B)/tests/peer/state_peer.o $(B)/libcdp.a
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -pie -o $@ $^ $(LIBS)

.PHONY: check-sessions
check-sessions: $(B)/gabbai $(B)/fixture-server $(B)/state_peer
	@BUILD=$(B) tests/peer/sessions.sh

# Files that .incbin puts in are no dependencies that the compiler knows of.
$(B)/cdp/eval.o $(B)/cdp/focus.o $(B)/cdp/state.o: $(wildcard cdp/js/*.js)
$(B)/scrapers/visa_cal.o $(B)/scrapers/hotmart.o $(B)/scrapers/scrape.o $(B)/scrapers/detect.o: $(wildcard selectors/*.js* selectors/*/*.js)
$(B)/tests/bench/bench_detect.o: $(wildcard tests/bench/*.js)
$(B)/src/form_find.o: selectors/form.js selectors/otp/tree.js
$(B)/src/store.o: $(wildcard src/migrations/*.sql)
$(B)/src/artefact.o: src/artefact.js

# The page's files, a line each for src/assets.c.
ui_files := $(notdir $(wildcard src/ui/*))
$(B)/src/assets.o: CFLAGS += -I$(B)/gen
$(B)/src/assets.o: $(B)/gen/assets.inc $(wildcard src/ui/*)
$(B)/gen/assets.inc: $(wildcard src/ui/*)
	@mkdir -p $(@D)
	$(Q)n=0; for f in $(ui_files); do echo "EMBEDDED($$n, \"$$f\")"; n=$$((n + 1)); done >$@

-include $(wildcard $(B)/*.d $(B)/*/*.d $(B)/*/*/*.d)

# Objects of tests stay, so that the next make has less to do.
.SECONDARY:

clean:
	rm -rf build
