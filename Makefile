# Suyuan. One Makefile, everything under $(BUILD).
#
#   make run        private PostgreSQL, keys, all services, a simulated post
#   make up, down   the same in the background, and its end
#   make test       unit, integration and fault tests
#   make test-faults SEED= MINUTES=   fault tests, the long ones and mixed faults too
#   make fuzz       libFuzzer over all that takes bytes from outside
#   make web        the pages of the gateway alone
#   make check      format, lint and house rules
#
# BUILD=dir and CC=clang make a build beside another; SAN=1 adds ASan and UBSan,
# FAULTS=1 the named fault points that the tests kill at, FUZZ=1 clang's coverage.

BUILD ?= build
CC := $(if $(filter default,$(origin CC)),gcc,$(CC))
PYTHON ?= python3

PKGS := libzmq libpq libprotobuf-c libuv jansson icu-i18n icu-uc \
	libxxhash libsodium libmicrohttpd libcsv libisal zlib
# libcsv has no .pc file, r-mathlib's is named otherwise
PC := $(filter-out libcsv,$(PKGS))
CPPFLAGS += -D_GNU_SOURCE -Iservices -Iservices/common -Itests/bench -isystem $(BUILD)/gen \
	$(shell pkg-config --cflags $(PC) 2>/dev/null)
WARN := -Wall -Wextra -Wswitch-enum -Wconversion -Wshadow \
	-Wstrict-prototypes -Wmissing-prototypes -Werror
CFLAGS ?= -O2 -g
CFLAGS += -std=gnu11 -fno-omit-frame-pointer
LDLIBS += $(shell pkg-config --libs $(PC) 2>/dev/null) -lcsv -lRmath -lm

ifdef SAN
CFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=undefined
LDFLAGS += -fsanitize=address,undefined
endif
ifdef FUZZ
CFLAGS += -fsanitize=fuzzer-no-link
endif
ifdef FAULTS
CPPFLAGS += -DSUYUAN_FAULT_POINTS
endif

# --- what there is -------------------------------------------------------

PROTOS := $(wildcard proto/suyuan/v1/*.proto)
GEN_PB := $(patsubst proto/%.proto,$(BUILD)/gen/%.pb-c.c,$(PROTOS)) \
	$(BUILD)/gen/google/protobuf/descriptor.pb-c.c \
	$(BUILD)/gen/bench.pb-c.c

# component=folder of NNNN_what.sql files
SCHEMAS := bus=services/common/bus/schema \
	consumer=services/common/bus/schema_consumer \
	directory_replica=services/common/dir/schema \
	directory=services/directory/schema \
	complaints=services/complaints/schema \
	kpi=services/kpi/schema \
	gateway=services/gateway/schema \
	bench=tests/bench/schema \
	bench_effect=tests/bench/schema_effect
schema_dir = $(patsubst $(1)=%,%,$(filter $(1)=%,$(SCHEMAS)))
COMPONENTS := $(foreach s,$(SCHEMAS),$(firstword $(subst =, ,$(s))))
GEN_SQL := $(COMPONENTS:%=$(BUILD)/gen/schema/%.c)

GEN := $(GEN_PB) $(GEN_SQL)
GEN_OBJ := $(GEN:$(BUILD)/gen/%.c=$(BUILD)/obj/gen/%.o)

COMMON := $(wildcard services/common/*.c services/common/*/*.c)
JSON := $(filter services/common/json/%,$(COMMON))
COMMON := $(filter-out $(JSON),$(COMMON))
SERVICES := directory complaints kpi gateway
CLI := $(wildcard services/cli/*.c)
BENCH := $(wildcard tests/bench/*.c)
UNIT := $(wildcard tests/unit/test_*.c)

obj = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
PROGRAMS := $(SERVICES:%=$(BUILD)/bin/suyuan-%) $(BUILD)/bin/suyuan \
	$(BUILD)/bin/suyuan-bench
UNIT_BINS := $(UNIT:tests/unit/%.c=$(BUILD)/unit/%)

.PHONY: all run up down test test-faults check format clean bootstrap unit print-cflags
.DEFAULT_GOAL := all
.SECONDARY:
.DELETE_ON_ERROR:

all: $(PROGRAMS)

# --- generated -------------------------------------------------------------

$(BUILD)/gen/suyuan/v1/%.pb-c.c: proto/suyuan/v1/%.proto $(PROTOS)
	@mkdir -p $(@D)
	protoc-c -Iproto -I/usr/include --c_out=$(BUILD)/gen $<

$(BUILD)/gen/google/protobuf/descriptor.pb-c.c:
	@mkdir -p $(@D)
	protoc-c -I/usr/include --c_out=$(BUILD)/gen \
		/usr/include/google/protobuf/descriptor.proto

$(BUILD)/gen/bench.pb-c.c: tests/bench/bench.proto $(PROTOS)
	@mkdir -p $(@D)
	protoc-c -Iproto -Itests/bench -I/usr/include --c_out=$(BUILD)/gen $<

define schema_rule
$(BUILD)/gen/schema/$(1).c: $$(wildcard $(call schema_dir,$(1))/*.sql) scripts/embed-schema
	@mkdir -p $$(@D)
	scripts/embed-schema $(1) $(call schema_dir,$(1)) $$@
endef
$(foreach c,$(COMPONENTS),$(eval $(call schema_rule,$(c))))

$(BUILD)/obj/gen/%.o: $(BUILD)/gen/%.c | $(GEN)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -w -MD -MP -c $< -o $@

# --- compiled ----------------------------------------------------------------

# -MD, not -MMD: the generated headers come by -isystem, and a changed .proto must
# compile again all that read it.

$(BUILD)/obj/%.o: %.c | $(GEN)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(WARN) -MD -MP -c $< -o $@

$(BUILD)/libcommon.a: $(call obj,$(COMMON)) $(GEN_OBJ)
	rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/libjson.a: $(call obj,$(JSON))
	rm -f $@ && $(AR) rcs $@ $^

define service_rule
$(BUILD)/bin/suyuan-$(1): $$(call obj,$$(wildcard services/$(1)/*.c)) \
		$(if $(filter gateway,$(1)),$(BUILD)/libjson.a) $(BUILD)/libcommon.a
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS) $$(LDFLAGS) $$^ $$(LDLIBS) -o $$@
endef
$(foreach s,$(SERVICES),$(eval $(call service_rule,$(s))))

$(BUILD)/bin/suyuan: $(call obj,$(CLI)) $(BUILD)/libjson.a $(BUILD)/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

$(BUILD)/bin/suyuan-bench: $(call obj,$(BENCH)) $(BUILD)/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

# The bench service with one guard removed, for tests/fault/guards: the one object
# that reads the macro stands before the archive that has the right one.
GUARD_FILES := ack_after_commit=services/common/bus/writer.c
guard_file = $(patsubst $(1)=%,%,$(filter $(1)=%,$(GUARD_FILES)))
GUARDS := $(foreach g,$(GUARD_FILES),$(firstword $(subst =, ,$(g))))

define guard_rule
$(BUILD)/obj/without_$(1).o: $(call guard_file,$(1)) | $(GEN)
	@mkdir -p $$(@D)
	$$(CC) $$(CPPFLAGS) -DSUYUAN_WITHOUT_$(shell echo $(1) | tr a-z A-Z) \
		$$(CFLAGS) $$(WARN) -MD -MP -c $$< -o $$@

$(BUILD)/bin/suyuan-bench-without-$(1): $(BUILD)/obj/without_$(1).o \
		$(call obj,$(BENCH)) $(BUILD)/libcommon.a
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS) $$(LDFLAGS) $$^ $$(LDLIBS) -o $$@
endef
$(foreach g,$(GUARDS),$(eval $(call guard_rule,$(g))))

.PHONY: guards
guards: $(GUARDS:%=$(BUILD)/bin/suyuan-bench-without-%)

# A unit test links what it asks for out of everything but the mains.
TESTABLE := $(filter-out %/main.c,$(foreach s,$(SERVICES) cli,$(wildcard services/$(s)/*.c)))
$(BUILD)/libtestable.a: $(call obj,$(TESTABLE))
	rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/unit/%: $(BUILD)/obj/tests/unit/%.o $(BUILD)/libtestable.a $(BUILD)/libjson.a $(BUILD)/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -lcmocka -o $@

unit: $(UNIT_BINS)

# An archive: a target has what it asks for, lib/replica.c before the real one.
$(BUILD)/libfuzz.a: $(call obj,$(wildcard tests/fuzz/lib/*.c))
	rm -f $@ && $(AR) rcs $@ $^

# Fuzz targets; scripts/fuzz calls this with clang, SAN=1 and FUZZ=1.
FUZZ_BINS := $(patsubst tests/fuzz/targets/%.c,$(BUILD)/bin/fuzz-%,\
	$(wildcard tests/fuzz/targets/*.c))
$(BUILD)/bin/fuzz-%: $(BUILD)/obj/tests/fuzz/targets/%.o $(BUILD)/libfuzz.a \
		$(BUILD)/libtestable.a $(BUILD)/libjson.a $(BUILD)/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -fsanitize=fuzzer $^ $(LDLIBS) -o $@

.PHONY: fuzz-targets fuzz
fuzz-targets: $(FUZZ_BINS)
fuzz:
	@scripts/bootstrap
	@MINUTES="$(MINUTES)" TARGET="$(TARGET)" scripts/fuzz

# --- pages -------------------------------------------------------------------

WEB := services/gateway/web
WEB_SRC := $(shell find $(WEB) \( -name node_modules -o -name dist -o -name test \) \
	-prune -o -type f ! -name README.md -print)
WEB_TOOLS := $(WEB)/node_modules/.package-lock.json

.PHONY: web
web: $(WEB)/dist/index.html
all: web

$(WEB_TOOLS): $(WEB)/package-lock.json
	cd $(WEB) && npm ci --no-audit --no-fund
	@touch $@

$(WEB)/dist/index.html: $(WEB_SRC) $(WEB_TOOLS)
	cd $(WEB) && npm run -s build

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

# --- commands --------------------------------------------------------------

bootstrap:
	scripts/bootstrap

# These install what is missing, then call make again, so that each works as the
# first command on a fresh machine.
run up test check:
	@scripts/bootstrap
	@scripts/$@

test-faults:
	@scripts/bootstrap
	@SEED="$(SEED)" MINUTES="$(MINUTES)" scripts/test --faults

down:
	@scripts/down

format:
	clang-format -i $$(git ls-files -co --exclude-standard '*.c' '*.h')

# For clang-tidy, and after the generated headers are there.
print-cflags: $(GEN)
	@echo $(CPPFLAGS) $(CFLAGS) $(WARN)

clean:
	rm -rf $(BUILD)
