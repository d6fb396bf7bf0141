# gabbai.  `make` builds the program, `make demo` shows it, `make check` tests everything.
#
# VARIANT=release (default), debug, asan (with ubsan), tsan; each has its own folder below build/.

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
HARDENED := -fPIC -fstack-protector-strong -ftrivial-auto-var-init=zero

flags_release := -O2 -g -D_FORTIFY_SOURCE=2 $(HARDENED) -fstack-clash-protection -fcf-protection
flags_debug   := -O0 -g3 $(HARDENED)
flags_asan    := -O1 -g -fPIC -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
flags_tsan    := -O1 -g -fPIC -fsanitize=thread

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

# ---- tests ----

test_src  := $(wildcard tests/unit/*_test.c tests/browser/*_test.c tests/sites/*_test.c tests/cli/*_test.c)
test_bin  := $(patsubst %.c,$(B)/%,$(test_src))
test_lib  := $(call objects,$(wildcard tests/lib/*.c)) $(app_obj) $(B)/libcdp.a

$(B)/tests/%_test: $(B)/tests/%_test.o $(test_lib)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS) -lcmocka

# Installs what is missing, then starts over, since pkg-config had nothing to say before.
.PHONY: check check-built need-tests
check: need-tests
	@$(MAKE) --no-print-directory VARIANT=asan check-built

need-tests:
	@tools/need libcmocka-dev

check-built: $(test_bin) $(test_needs)
	@ASAN_OPTIONS=detect_leaks=1 BUILD=$(B) tools/check $(test_bin)

# The npm package as the oracle: needs npm and the network once.
.PHONY: check-peer
check-peer: $(B)/gabbai $(B)/fixture-server
	@BUILD=$(B) tests/peer/run

# Files that .incbin puts in are no dependencies that the compiler knows of.
$(B)/cdp/eval.o: $(wildcard cdp/js/*.js)
$(B)/scrapers/sites.o $(B)/scrapers/detect.o: $(wildcard selectors/*)
$(B)/src/store.o: $(wildcard src/migrations/*.sql)

-include $(wildcard $(B)/*.d $(B)/*/*.d $(B)/*/*/*.d)

clean:
	rm -rf build
