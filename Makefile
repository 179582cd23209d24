# libfate: one Makefile that a person can read whole. `make help` lists what can be asked for.
VERSION := 0.1.0
SONAME  := libfate.so.0
BUILD   := build

prefix      ?= /usr/local
exec_prefix ?= $(prefix)
bindir      ?= $(exec_prefix)/bin
libdir      ?= $(exec_prefix)/lib
includedir  ?= $(prefix)/include
mandir      ?= $(prefix)/share/man
DESTDIR     ?=

CC       ?= cc
OBJCOPY  ?= objcopy
CFLAGS   ?= -O2 -g
PACKAGES := libsodium libprotobuf-c jansson
PKG_CONFIG ?= pkg-config

WARNINGS := -Wall -Wextra -Werror -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wold-style-definition
# Training repeats bit for bit: products and sums are never contracted into one rounding.
NUMBERS  := -ffp-contract=off
OWN_CFLAGS := -std=c11 -D_POSIX_C_SOURCE=200809L -fPIC -fvisibility=hidden -pthread $(NUMBERS) $(WARNINGS) \
              -Iinclude -I. -I$(BUILD) $(shell $(PKG_CONFIG) --cflags $(PACKAGES))
LIBRARIES := $(shell $(PKG_CONFIG) --libs $(PACKAGES)) -lgmp -lm -pthread

PROTO    := $(wildcard proto/*.proto)
PROTO_C  := $(PROTO:%.proto=$(BUILD)/%.pb-c.c)
PROTO_H  := $(PROTO:%.proto=$(BUILD)/%.pb-c.h)
SOURCES  := $(wildcard lib/*.c src/*/*.c src/models/*/*.c)
OBJECTS  := $(SOURCES:%.c=$(BUILD)/release/%.o) $(PROTO:%.proto=$(BUILD)/release/%.pb-c.o)
# The test build: the same sources, with the internal entry for small keys.
TEST_OBJECTS := $(SOURCES:%.c=$(BUILD)/test/%.o) $(PROTO:%.proto=$(BUILD)/test/%.pb-c.o)

all: $(BUILD)/libfate.so $(BUILD)/libfate.a $(BUILD)/fate
.PHONY: all
.SECONDARY:

$(BUILD)/%.pb-c.c $(BUILD)/%.pb-c.h: %.proto
	@mkdir -p $(BUILD)
	protoc-c --c_out=$(BUILD) $<
$(BUILD)/release/%.pb-c.o: $(BUILD)/%.pb-c.c
	@mkdir -p $(@D)
	$(CC) $(filter-out $(WARNINGS),$(OWN_CFLAGS)) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
$(BUILD)/test/%.pb-c.o: $(BUILD)/%.pb-c.c
	@mkdir -p $(@D)
	$(CC) $(filter-out $(WARNINGS),$(OWN_CFLAGS)) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
$(BUILD)/release/%.o: %.c $(PROTO_H)
	@mkdir -p $(@D)
	$(CC) $(OWN_CFLAGS) -DFATE_BUILDING $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/test/%.o: %.c $(PROTO_H)
	@mkdir -p $(@D)
	$(CC) $(OWN_CFLAGS) -DFATE_BUILDING -DFATE_TEST_BUILD $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/libfate.so: $(OBJECTS)
	$(CC) -shared -Wl,-soname,$(SONAME) -Wl,-z,defs $(CFLAGS) $(LDFLAGS) -o $@ $(OBJECTS) $(LIBRARIES)
	ln -sf libfate.so $(BUILD)/$(SONAME)
# One object in which only the public names are global: internal names cannot clash with an application's.
$(BUILD)/libfate.a: $(OBJECTS)
	$(LD) -r -o $(BUILD)/fate-all.o $(OBJECTS)
	$(OBJCOPY) --localize-hidden $(BUILD)/fate-all.o
	rm -f $@ && $(AR) rcs $@ $(BUILD)/fate-all.o
$(BUILD)/libfate-test.a: $(TEST_OBJECTS)
	rm -f $@ && $(AR) rcs $@ $(TEST_OBJECTS)

# The command uses the public headers alone.
TOOL_SOURCES := $(wildcard tools/*.c)
$(BUILD)/fate: $(TOOL_SOURCES) $(wildcard tools/*.h) $(BUILD)/libfate.so
	$(CC) -std=c11 -D_POSIX_C_SOURCE=200809L -pthread $(WARNINGS) -Iinclude -I. $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $(TOOL_SOURCES) \
	    -L$(BUILD) -lfate -lm -Wl,-rpath,'$$ORIGIN'

# Unit tests: tests/unit/FLOOR/test_NAME.c, one program each, linked against the test build.
UNIT_SOURCES := $(wildcard tests/unit/*/test_*.c tests/unit/*/*/test_*.c)
UNIT_TESTS   := $(UNIT_SOURCES:%.c=$(BUILD)/%)
$(BUILD)/tests/unit/%: tests/unit/%.c $(BUILD)/libfate-test.a
	@mkdir -p $(@D)
	$(CC) $(OWN_CFLAGS) -DFATE_TEST_BUILD -Wno-missing-prototypes $(CPPFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< $(BUILD)/libfate-test.a -lcmocka $(LIBRARIES)
unit: $(UNIT_TESTS)
	@for test in $(UNIT_TESTS); do echo "# $$test"; $$test || exit 1; done
.PHONY: unit

clean:
	rm -rf $(BUILD)
.PHONY: clean

-include $(OBJECTS:.o=.d) $(TEST_OBJECTS:.o=.d) $(UNIT_TESTS:=.d)
