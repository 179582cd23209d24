# libfate: one Makefile that a person can read whole. `make help` lists what can be asked for.
VERSION := 0.1.0
SONAME  := libfate.so.0
# The version node of functions that are new in this version.
NODE    := FATE_0
BUILD   := build

prefix      ?= /usr/local
exec_prefix ?= $(prefix)
bindir      ?= $(exec_prefix)/bin
libdir      ?= $(exec_prefix)/lib
includedir  ?= $(prefix)/include
mandir      ?= $(prefix)/share/man
DESTDIR     ?=

CC         ?= cc
OBJCOPY    ?= objcopy
PKG_CONFIG ?= pkg-config
PROTOC_C   ?= protoc-c
PYTHON     ?= python3
INSTALL    ?= install
CFLAGS     ?= -O2 -g
# Warnings are errors; a packager whose compiler knows new ones says WERROR= .
WERROR     ?= -Werror
PACKAGES   := libsodium libprotobuf-c jansson
# Products of matrices in neural networks: openblas, or none for the library's own loops.
BLAS       ?= openblas
# How many test programs run side by side (one more than there are processors: some wait for clocks and peers), and how long each fuzz target runs in fuzz-smoke.
JOBS         ?= $(shell echo $$(($$(nproc 2>/dev/null || echo 2) + 1)))
FUZZ_SECONDS ?= 10

WARNINGS := -Wall -Wextra $(WERROR) -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wold-style-definition
# Training repeats bit for bit: products and sums are never contracted into one rounding.
# On s390 gcc would otherwise compute with doubles where the code says float.
NUMBERS  := -ffp-contract=off $(if $(findstring s390,$(shell $(CC) -dumpmachine 2>/dev/null)),-fexcess-precision=fast)
ifneq ($(BLAS),none)
# Not every system that has the library has its file for pkg-config.
BLAS_CFLAGS    := -DFATE_BLAS $(shell $(PKG_CONFIG) --cflags $(BLAS) 2>/dev/null)
BLAS_LIBRARIES := $(shell $(PKG_CONFIG) --libs $(BLAS) 2>/dev/null || echo -l$(BLAS))
endif
BASE_CFLAGS := -std=c11 -D_POSIX_C_SOURCE=200809L -fPIC -fvisibility=hidden -pthread $(NUMBERS) \
               -Iinclude -I. -I$(BUILD) $(shell $(PKG_CONFIG) --cflags $(PACKAGES)) $(BLAS_CFLAGS)
OWN_CFLAGS  := $(BASE_CFLAGS) $(WARNINGS)
LIBRARIES   := $(shell $(PKG_CONFIG) --libs $(PACKAGES)) -lgmp $(BLAS_LIBRARIES) -lm -pthread

HEADERS  := $(wildcard include/fate/*.h)
PROTO    := $(wildcard proto/*.proto)
PROTO_H  := $(PROTO:%.proto=$(BUILD)/%.pb-c.h)
SOURCES  := $(wildcard lib/*.c src/*/*.c src/models/*/*.c)
OBJECTS  := $(SOURCES:%.c=$(BUILD)/release/%.o) $(PROTO:%.proto=$(BUILD)/release/%.pb-c.o)
# The test build: the same sources, with the internal entry for small keys.
TEST_OBJECTS := $(SOURCES:%.c=$(BUILD)/test/%.o) $(PROTO:%.proto=$(BUILD)/test/%.pb-c.o)

# One short line for each file that is made; none with make -s, the whole command with V=1.
SILENT := $(findstring s,$(firstword -$(MAKEFLAGS)))
say = $(if $(V),,@$(if $(SILENT),,printf '  %-5s %s\n' $(1) $(@:$(BUILD)/%=%);))

all: $(BUILD)/libfate.so $(BUILD)/libfate.a $(BUILD)/fate $(BUILD)/fate.pc ## the library, shared and static, and the command
.PHONY: all
.SECONDARY:
.DELETE_ON_ERROR:

# ---- the library ----
$(BUILD)/%.pb-c.c $(BUILD)/%.pb-c.h: %.proto
	@mkdir -p $(BUILD)
	$(call say,PROTO)$(PROTOC_C) --c_out=$(BUILD) $<
$(BUILD)/release/%.pb-c.o: $(BUILD)/%.pb-c.c
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(BASE_CFLAGS) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
$(BUILD)/test/%.pb-c.o: $(BUILD)/release/%.pb-c.o
	@mkdir -p $(@D)
	@cp $< $@
$(BUILD)/release/%.o: %.c | $(PROTO_H)
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(OWN_CFLAGS) -DFATE_BUILDING $(CPPFLAGS) $(CFLAGS) $(LAST_CFLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/test/%.o: %.c | $(PROTO_H)
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(OWN_CFLAGS) -DFATE_BUILDING -DFATE_TEST_BUILD $(CPPFLAGS) $(CFLAGS) $(LAST_CFLAGS) -MMD -MP -c -o $@ $<

# Lanes in plain C are there to be asked for by name: small, then.
$(BUILD)/release/src/crypto/kernel_plain.o $(BUILD)/release/src/crypto/curve_plain.o $(BUILD)/release/src/crypto/curve_plain_ten.o: LAST_CFLAGS := -Os
ifneq ($(findstring -fsanitize,$(CFLAGS)),)
$(BUILD)/test/src/crypto/kernel_plain.o $(BUILD)/test/src/crypto/curve_plain.o $(BUILD)/test/src/crypto/curve_plain_ten.o: LAST_CFLAGS := -O2
endif
# It sets the rounding direction itself.
$(BUILD)/release/src/crypto/kernel_fma.o $(BUILD)/test/src/crypto/kernel_fma.o: OWN_CFLAGS += -frounding-math

# Roots of whole blocks at once: nobody asks for errno.
$(BUILD)/release/src/models/horizontal/optimiser.o $(BUILD)/test/src/models/horizontal/optimiser.o: OWN_CFLAGS += -fno-math-errno

# What the shared library exports: the functions in lib/symbols, by name, each under the node of the release that brought it.
$(BUILD)/libfate.map: lib/symbols
	@mkdir -p $(@D)
	@awk '/^FATE_/ { if (node) print end; end = node ? "} " node ";" : "  local: *;\n};"; node = $$1; print node " {\n  global:"; next } \
	      { print "    " $$1 ";" } END { print end }' lib/symbols > $@
$(BUILD)/$(SONAME): $(OBJECTS) $(BUILD)/libfate.map
	$(call say,LINK)$(CC) -shared -Wl,-soname,$(SONAME) -Wl,-z,defs -Wl,--version-script=$(BUILD)/libfate.map $(CFLAGS) $(LDFLAGS) -o $@ $(OBJECTS) $(LIBRARIES)
$(BUILD)/libfate.so: $(BUILD)/$(SONAME)
	@ln -sf $(SONAME) $@
# One object in which only the public names are global: internal names cannot clash with an application's.
$(BUILD)/libfate.a: $(OBJECTS)
	$(call say,AR)$(LD) -r -o $(BUILD)/fate-all.o $(OBJECTS) && $(OBJCOPY) --localize-hidden $(BUILD)/fate-all.o && \
	rm -f $@ && $(AR) rcs $@ $(BUILD)/fate-all.o
$(BUILD)/libfate-test.a: $(TEST_OBJECTS)
	$(call say,AR)rm -f $@ && $(AR) rcs $@ $(TEST_OBJECTS)
$(BUILD)/fate.pc: fate.pc.in Makefile
	@mkdir -p $(@D)
	@sed -e 's|@prefix@|$(prefix)|' -e 's|@libdir@|$(libdir)|' -e 's|@includedir@|$(includedir)|' -e 's|@version@|$(VERSION)|' \
	    -e 's|@packages@|$(PACKAGES)|' -e 's|@blas@|$(BLAS_LIBRARIES)|' fate.pc.in > $@

# ---- the command: it uses the public headers alone ----
TOOL_SOURCES := $(wildcard tools/*.c)
TOOL_OBJECTS := $(TOOL_SOURCES:%.c=$(BUILD)/tool/%.o)
# An installed command finds the library where it was installed; the system's own directories need no hint.
RPATH = $(if $(filter /usr/lib /usr/lib/% /lib /lib/%,$(libdir)),,-Wl,-rpath,$(libdir))
$(BUILD)/tool/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)$(CC) -std=c11 -D_POSIX_C_SOURCE=200809L -pthread $(WARNINGS) -Iinclude -I. $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/fate: $(TOOL_OBJECTS) $(BUILD)/libfate.so
	$(call say,LINK)$(CC) -pthread $(CFLAGS) $(LDFLAGS) -o $@ $(TOOL_OBJECTS) -L$(BUILD) -lfate -lm -Wl,-rpath,'$$ORIGIN'

# ---- tests: tests/unit/FLOOR/test_NAME.c, and test_NAME.c of tests/simulator, tests/faults and tests/hostile: one program each, linked against the test build ----
UNIT_SOURCES := $(wildcard tests/unit/*/test_*.c tests/unit/*/*/test_*.c tests/simulator/test_*.c tests/faults/test_*.c tests/hostile/test_*.c)
UNIT_TESTS   := $(UNIT_SOURCES:%.c=$(BUILD)/%)
FUZZ_SOURCES := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_TESTS   := $(FUZZ_SOURCES:%.c=$(BUILD)/%)
# Scripts are run with the build's directory as argument: those of the command, of the installation, and of the test tools themselves.
SCRIPT_TESTS := $(wildcard tests/command/test_*) tests/install tests/selftest tests/constant_time/run tests/abi/check tests/abi/last_release
# Run by tests/constant_time/run, under valgrind.
SECRET_TESTS := $(BUILD)/tests/constant_time/test_secrets
SUPPORT_OBJECTS := $(patsubst %.c,$(BUILD)/test/%.o,$(wildcard tests/support/*.c))
# UNDER: a command that runs the programs of the tests, as an emulator does.
RUN          := $(PYTHON) tests/run --build $(BUILD) --jobs $(JOBS) $(if $(UNDER),--under "$(UNDER)")

$(BUILD)/test/tests/%.o: OWN_CFLAGS += -Wno-missing-prototypes
# What tests share. An archive: a program takes only what it uses.
$(BUILD)/support.a: $(SUPPORT_OBJECTS)
	$(call say,AR)rm -f $@ && $(AR) rcs $@ $(SUPPORT_OBJECTS)
$(BUILD)/tests/%: $(BUILD)/test/tests/%.o $(BUILD)/support.a $(BUILD)/libfate-test.a
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) -pthread $(CFLAGS) $(TEST_LDFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(LIBRARIES)
# A hostile party's messages pass through the test before the engine gets them.
$(BUILD)/tests/hostile/%: TEST_LDFLAGS := -Wl,--wrap=fate_turn_send,--wrap=fate_turn_send_all
$(BUILD)/tests/hostile/test_rounds_peer: TEST_LDFLAGS += -Wl,--wrap=fate_turn_warn
# What an alignment with a stored set costs is counted.
$(BUILD)/tests/unit/psi/test_stored_party: TEST_LDFLAGS := -Wl,--wrap=ristretto_multiply_many,--wrap=ristretto_hash_multiply_many
# Fuzz targets: with gcc a main that replays the seeds; with FUZZER=1 (clang) libFuzzer's own.
FUZZ_MAIN := $(if $(FUZZER),-fsanitize=fuzzer,$(BUILD)/test/tests/fuzz/replay.o)
$(BUILD)/tests/fuzz/%: $(BUILD)/test/tests/fuzz/%.o $(filter-out -%,$(FUZZ_MAIN)) $(BUILD)/support.a $(BUILD)/libfate-test.a
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) -pthread $(CFLAGS) $(LDFLAGS) -o $@ $< $(FUZZ_MAIN) $(BUILD)/support.a $(BUILD)/libfate-test.a $(LIBRARIES)
# A locale with a decimal comma for the tests of numbers; they skip where none can be made.
$(BUILD)/locale:
	@mkdir -p $@
	-@localedef -i de_DE -f UTF-8 $@/de_DE.UTF-8 2>/dev/null || true

programs: $(UNIT_TESTS) $(FUZZ_TESTS) $(SECRET_TESTS) $(BUILD)/locale
unit: $(UNIT_TESTS) $(BUILD)/locale ## the unit and simulator tests alone
	@$(RUN) $(UNIT_TESTS)
seeds: $(FUZZ_TESTS) ## the seeds of the fuzz targets alone
	@$(RUN) $(FUZZ_TESTS)
check: all programs ## all tests: unit, simulator, fuzz seeds, command line, installation
	@$(RUN) $(SCRIPT_TESTS) $(UNIT_TESTS) $(FUZZ_TESTS)
# Lanes in plain C are most of what these builds compute, and three times as fast at -O2; the rest compiles faster at -O1, with line numbers alone.
check-sanitize: $(BUILD)/locale ## the unit tests and fuzz seeds under ASan and UBSan, the tests with threads under TSan
	$(MAKE) BUILD=build/sanitize WERROR= CFLAGS="-O1 -g1 -fno-omit-frame-pointer -Wno-maybe-uninitialized -fsanitize=address,undefined -fno-sanitize-recover=all" programs
	$(MAKE) BUILD=build/thread WERROR= CFLAGS="-O1 -g1 -Wno-maybe-uninitialized -fsanitize=thread" UNIT_SOURCES="$(THREAD_SOURCES)" FUZZ_SOURCES= programs
	@$(RUN) $(UNIT_TESTS:build/%=build/sanitize/%) $(FUZZ_TESTS:build/%=build/sanitize/%) $(THREAD_SOURCES:%.c=build/thread/%)
THREAD_SOURCES = $(shell grep -l -E 'fate_context_set_threads|pthread_create' $(UNIT_SOURCES))
check-constant-time: $(SECRET_TESTS) ## secrets decide no branch and no address: under valgrind; SECURITY.md names the exceptions
	@$(RUN) tests/constant_time/run
FAULTS ?= 1
check-faults: $(BUILD)/tests/faults/test_faults $(BUILD)/tests/hostile/test_boosting_peer ## every allocation and hook call of whole jobs fails in turn, every lie is told; FAULTS=n: every n-th
	@$(BUILD)/tests/faults/test_faults $(FAULTS) 0
	@$(BUILD)/tests/hostile/test_boosting_peer $(FAULTS) 0
SEED  ?= 0
SEEDS ?= 1000
simulate: $(BUILD)/tests/simulator/simulate ## SEEDS=n simulated jobs from SEED=s on, with crashes, partitions and lying clocks
	@$(BUILD)/tests/simulator/simulate $(SEED) $(SEEDS)
simulate-rounds: $(BUILD)/tests/simulator/simulate_rounds ## SEEDS=n simulated trainings over rounds from SEED=s on, with crashes in every round
	@$(BUILD)/tests/simulator/simulate_rounds $(SEED) $(SEEDS)
cross: all ## unit tests, fuzz seeds and models on aarch64 and s390x under qemu-user; MACHINES=musl for that C library; QUICK=1
	tests/cross $(BUILD) $(MACHINES)
check-memory: programs ## the unit tests under valgrind
	@$(RUN) --under "valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite" $(UNIT_TESTS)
SECONDS ?= 60
fuzz: ## every fuzz target for SECONDS seconds with clang's libFuzzer, from what build/fuzz-corpus keeps; without it, the seeds
	@if printf 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return d == 0 && n != 0; }' | \
	    clang -fsanitize=fuzzer,address,undefined -x c - -o /dev/null 2>/dev/null; \
	then $(MAKE) BUILD=build/fuzz WERROR= CC=clang FUZZER=1 UNIT_SOURCES= SECRET_TESTS= programs \
	         CFLAGS="-O1 -g1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all" && \
	     $(RUN) --fuzz $(SECONDS) --corpus build/fuzz-corpus $(FUZZ_TESTS:build/%=build/fuzz/%); \
	else echo "clang with libFuzzer is not here: replaying seeds instead."; $(MAKE) programs && $(RUN) $(FUZZ_TESTS); fi
fuzz-smoke: ## the same for FUZZ_SECONDS seconds
	@$(MAKE) fuzz SECONDS=$(FUZZ_SECONDS)
lint: $(BUILD)/libfate.so $(BUILD)/libfate.a $(PROTO_H) ## floors, headers, forbidden calls, symbols, warnings of clang, formatting, man pages
	@$(PYTHON) tests/lint $(BUILD) $(OWN_CFLAGS)
format: ## formats all C files (clang-format 14)
	clang-format -i $$(git ls-files '*.c' '*.h')
symbols: ## writes lib/symbols and the record of this version in tests/abi, after a public function, member or number was added
	$(PYTHON) tests/abi/record $(VERSION) $(NODE) $(CC)
abi: all ## holds the library against recorded versions, and the last release's programs against the library
	@tests/abi/check $(BUILD) && tests/abi/last_release $(BUILD)
.PHONY: programs unit seeds cross check check-sanitize check-constant-time check-faults simulate simulate-rounds check-memory fuzz fuzz-smoke lint format symbols abi

# ---- bench and demo ----
BENCHES := $(patsubst %.c,$(BUILD)/%,$(wildcard bench/bench_*.c))
$(BUILD)/bench/bench_horizontal: $(BUILD)/test/bench/horizontal_perceptron.o $(BUILD)/test/bench/horizontal_aggregation.o
$(BUILD)/bench/bench_he: $(BUILD)/test/bench/he_operations.o $(BUILD)/test/bench/he_textbook.o
$(BUILD)/bench/%: $(BUILD)/test/bench/%.o $(BUILD)/libfate-test.a
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) -pthread $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBRARIES)
# Both parties of each case are processes of their own; the linker counts their operations on ciphertexts and their pauses.
BOOSTING_BENCH := $(BUILD)/bench/boosting/party $(BUILD)/bench/boosting/rates
COUNTED := fate_secret_key_encrypt fate_secret_key_decrypt fate_secret_key_generate fate_ciphertexts_gather_add_rows fate_ciphertexts_add \
           fate_ciphertexts_pack fate_ciphertexts_rerandomise fate_ciphertexts_write fate_ciphertexts_read poll
$(BUILD)/test/bench/boosting/%.o: OWN_CFLAGS += -Wno-missing-prototypes
$(BUILD)/bench/boosting/party: LDFLAGS += $(COUNTED:%=-Wl,--wrap=%)
CASES ?=
bench-boosting: all $(BOOSTING_BENCH) ## two processes train over TCP: time, bytes, memory, efficiency; CASES="NAME ..." for some, CASES=help lists them
	@$(PYTHON) bench/boosting/run $(BUILD) $(CASES)
bench: all $(BENCHES) ## the benchmarks: each prints a table and writes JSON into build/bench
	@for program in $(BENCHES); do echo "# $$program"; $$program || exit 1; done
bench-he: $(BUILD)/bench/bench_he ## homomorphic encryption with every kernel against GMP; into build/bench/he.json
	@$<
bench-psi: all $(BUILD)/bench/bench_psi ## curve arithmetic against libsodium's; two parties align two tables over TCP; CASES="NAME ..." for others; into build/bench/psi.json
	@$(BUILD)/bench/bench_psi && bench/psi/run $(BUILD) $(CASES)
bench-horizontal: $(BUILD)/bench/bench_horizontal ## a perceptron's epoch against plain loops, secure aggregation against key streams; CASES=10000: so many clients; into build/bench/horizontal.json
	@$(BUILD)/bench/bench_horizontal $(CASES)
quality-horizontal: $(BUILD)/tests/unit/horizontal/test_quality $(BUILD)/tests/unit/rounds/test_quality ## clients' models beside pooled ones, and for how long each is trained; two minutes; wants ../shared/data; into build/bench/horizontal_quality.txt
	@mkdir -p $(BUILD)/bench
	@set -e; for program in $^; do $$program all; done 2>&1 | tee $(BUILD)/bench/horizontal_quality.txt; ! grep -q FAILED $(BUILD)/bench/horizontal_quality.txt
demo: all ## a bank and a partner train together over TCP; the result is compared with the pooled run
	examples/demo/run $(BUILD)
demo-horizontal: all ## four branches and a centre train over TCP, one is killed on the way; alone, federated and pooled are compared
	examples/demo-horizontal/run $(BUILD)
.PHONY: bench bench-he bench-psi bench-boosting bench-horizontal quality-horizontal demo demo-horizontal

# ---- installing ----
MAN1 := $(notdir $(wildcard man/*.1))
install: all ## into prefix (default /usr/local); DESTDIR, bindir, libdir, includedir and mandir are honoured
	$(INSTALL) -d $(DESTDIR)$(bindir) $(DESTDIR)$(libdir)/pkgconfig $(DESTDIR)$(includedir)/fate $(DESTDIR)$(mandir)/man1
	$(CC) -pthread $(CFLAGS) $(LDFLAGS) -o $(BUILD)/fate-installed $(TOOL_OBJECTS) -L$(BUILD) -lfate -lm $(RPATH)
	$(INSTALL) -m 755 $(BUILD)/fate-installed $(DESTDIR)$(bindir)/fate
	$(INSTALL) -m 755 $(BUILD)/$(SONAME) $(DESTDIR)$(libdir)/libfate.so.$(VERSION)
	ln -sf libfate.so.$(VERSION) $(DESTDIR)$(libdir)/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(libdir)/libfate.so
	$(INSTALL) -m 644 $(BUILD)/libfate.a $(DESTDIR)$(libdir)
	$(INSTALL) -m 644 $(HEADERS) $(DESTDIR)$(includedir)/fate
	$(MAKE) -s -B $(BUILD)/fate.pc
	$(INSTALL) -m 644 $(BUILD)/fate.pc $(DESTDIR)$(libdir)/pkgconfig
	for page in $(MAN1); do $(INSTALL) -m 644 man/$$page $(DESTDIR)$(mandir)/man1 || exit 1; done
uninstall: ## removes what install put there
	rm -f $(DESTDIR)$(bindir)/fate $(DESTDIR)$(libdir)/libfate.so $(DESTDIR)$(libdir)/$(SONAME) $(DESTDIR)$(libdir)/libfate.so.$(VERSION)
	rm -f $(DESTDIR)$(libdir)/libfate.a $(DESTDIR)$(libdir)/pkgconfig/fate.pc $(addprefix $(DESTDIR)$(mandir)/man1/,$(MAN1))
	rm -f $(addprefix $(DESTDIR)$(includedir)/,$(HEADERS:include/%=%))
	-rmdir $(DESTDIR)$(includedir)/fate
DIST    := $(BUILD)/libfate-$(VERSION).tar.gz
TESTS   ?= check
dist: ## build/libfate-VERSION.tar.gz from the last commit; always the same bytes
	@mkdir -p $(BUILD)
	git archive --format=tar --prefix=libfate-$(VERSION)/ HEAD | gzip -n -9 > $(DIST)
distcheck: dist ## unpacks the tarball elsewhere, builds it, runs TESTS=check in it, installs and uninstalls
	tests/distcheck $(BUILD) $(DIST) $(TESTS)
deb: dist ## the Debian packages libfate0, libfate-dev and libfate-tools, into build/deb
	tests/deb $(BUILD) $(DIST)
clean: ## removes the build directory
	rm -rf $(BUILD)
help: ## this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  \1|\2/p' Makefile | awk -F'|' '{ printf "%-21s%s\n", $$1, $$2 }'
	@echo; echo "Variables: V=1 (show commands) BLAS=none (own loops) CC CFLAGS CPPFLAGS LDFLAGS WERROR BUILD JOBS SECONDS SEED SEEDS FAULTS CASES prefix libdir includedir mandir DESTDIR"
.PHONY: install uninstall dist distcheck deb clean help

-include $(OBJECTS:.o=.d) $(TEST_OBJECTS:.o=.d) $(TOOL_OBJECTS:.o=.d) $(SUPPORT_OBJECTS:.o=.d) $(UNIT_SOURCES:%.c=$(BUILD)/test/%.d) \
         $(SECRET_TESTS:$(BUILD)/%=$(BUILD)/test/%.d) \
         $(FUZZ_SOURCES:%.c=$(BUILD)/test/%.d) $(patsubst %.c,$(BUILD)/test/%.d,$(wildcard bench/*.c bench/*/*.c))
