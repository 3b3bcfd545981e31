# Suyuan. One Makefile, everything under $(BUILD).
#
#   make run        private PostgreSQL, keys, all services, a simulated post
#   make up, down   the same in the background, and its end
#   make test       unit, integration and fault tests
#   make test-faults SEED= MINUTES=   fault tests, the long ones and mixed faults too
#   make fuzz       libFuzzer over all that takes bytes from outside
#   make bench      speed beside the peers; bench-quick: in two minutes
#   make web        the pages of the gateway alone
#   make sdk        libsuyuan alone; make install DESTDIR= PREFIX=
#   make check      format, lint and house rules
#   make compose-up    docker-compose up, with all that it needs (deploy/README.md)
#   make test-compose  an installation of containers, and what it must survive
#
# BUILD=dir and CC=clang make a build beside another; SAN=1 adds clang's ASan, UBSan
# and coverage, with which the fuzz targets are built as well, and the named points
# that the tests kill at, TSAN=1 ThreadSanitizer.

BUILD ?= build
CC := $(if $(SAN),clang,$(if $(filter default,$(origin CC)),gcc,$(CC)))
PYTHON ?= python3

PKGS := libzmq libpq libprotobuf-c libuv jansson icu-i18n icu-uc \
	libxxhash libsodium libmicrohttpd libcsv libisal zlib libmagic \
	libical libcurl gmime-3.0 libxml-2.0 expat
# libcsv has no .pc file, r-mathlib's is named otherwise
PC := $(filter-out libcsv,$(PKGS))
# Asked once, and not for each file.
PC_CFLAGS := $(shell pkg-config --cflags $(PC) 2>/dev/null)
PC_LIBS := $(shell pkg-config --libs $(PC) 2>/dev/null)
CPPFLAGS += -D_GNU_SOURCE -Iservices -Iservices/common -Iservices/sdk -Itests/bench -isystem $(BUILD)/gen \
	$(PC_CFLAGS)
WARN := -Wall -Wextra -Wswitch-enum -Wconversion -Wshadow \
	-Wstrict-prototypes -Wmissing-prototypes -Werror
# Under the sanitizers -O1: they see the same in half the time to compile.
CFLAGS ?= $(if $(SAN),-O1,-O2) -g
CFLAGS += -std=gnu11 -fno-omit-frame-pointer
LDLIBS += $(PC_LIBS) -lcsv -lRmath -lm \
	-Wl,--push-state,--as-needed -lstemmer -llinear -lhs -Wl,--pop-state
# There is more to link here than to compile: gold, of binutils too, takes a quarter
# of the other's time; but of ASan's symbols it has much to say.
LINKER := $(or $(LINKER),$(if $(SAN),bfd,$(if $(shell command -v ld.gold),gold,bfd)))
LDFLAGS += -fuse-ld=$(LINKER)

ifdef SAN
CFLAGS += -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=undefined
LDFLAGS += -fsanitize=address,undefined
CPPFLAGS += -DSAN_REPORTS='"$(abspath $(BUILD))/reports/stray"' -DSUYUAN_FAULT_POINTS
endif
ifdef TSAN
CFLAGS += -fsanitize=thread
LDFLAGS += -fsanitize=thread
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
	duty=services/common/duty/schema \
	directory=services/directory/schema \
	complaints=services/complaints/schema \
	kpi=services/kpi/schema \
	social=services/social/schema \
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
SERVICES := directory complaints kpi social gateway
CLI := $(wildcard services/cli/*.c)
BENCH := $(wildcard tests/bench/*.c)
PEERS := jetstream rabbitmq
UNIT := $(wildcard tests/unit/test_*.c)

obj = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
PROGRAMS := $(SERVICES:%=$(BUILD)/bin/suyuan-%) $(BUILD)/bin/suyuan \
	$(BUILD)/bin/suyuan-bench $(BUILD)/bin/suyuan-bench-text
UNIT_BINS := $(UNIT:tests/unit/%.c=$(BUILD)/unit/%)

.PHONY: all run up down test test-faults bench bench-quick peers check format clean \
	bootstrap unit print-cflags
.DEFAULT_GOAL := all
.SECONDARY:
.DELETE_ON_ERROR:

all: $(PROGRAMS)

# What an installation runs; the images are made of these.
.PHONY: programs
programs: $(filter-out %/suyuan-bench %/suyuan-bench-text,$(PROGRAMS))

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

$(BUILD)/bin/suyuan-bench-text: $(call obj,$(wildcard tests/bench/text/*.c)) $(BUILD)/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

# The load programs of the peers; their libraries come by `scripts/bootstrap bench`.
PEER_PARTS := $(call obj,tests/bench/peers/peer.c tests/bench/rows.c tests/bench/report.c)

$(BUILD)/bin/peer-%: $(BUILD)/obj/tests/bench/peers/%.o $(PEER_PARTS) $(BUILD)/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -l$(if $(filter jetstream,$*),nats,$*) -o $@

peers: $(PEERS:%=$(BUILD)/bin/peer-%)

# The bench service's next version: its messages with a field more, its schema
# with a column more. Made when tests/fault/versions asks for it.
NEWER := $(BUILD)/newer
.PHONY: newer
newer: $(NEWER)/bin/suyuan-bench
$(NEWER)/bin/suyuan-bench: $(BENCH) tests/bench/bench.h tests/bench/newer/edit.sed \
		$(wildcard tests/bench/schema/*.sql tests/bench/newer/*.sql) \
		$(BUILD)/libcommon.a
	@mkdir -p $(NEWER)/bin $(NEWER)/proto $(NEWER)/sql $(NEWER)/gen/schema
	sed -f tests/bench/newer/edit.sed tests/bench/bench.proto >$(NEWER)/proto/bench.proto
	cp tests/bench/schema/*.sql tests/bench/newer/*.sql $(NEWER)/sql/
	protoc-c -Iproto -I$(NEWER)/proto -I/usr/include --c_out=$(NEWER)/gen $(NEWER)/proto/bench.proto
	scripts/embed-schema bench $(NEWER)/sql $(NEWER)/gen/schema/bench.c
	$(CC) -DBENCH_NOTE -isystem $(NEWER)/gen $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(BENCH) \
		$(NEWER)/gen/bench.pb-c.c $(NEWER)/gen/schema/bench.c \
		$(BUILD)/libcommon.a $(LDLIBS) -o $@

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

# The programs with the named points to die at (fault.h), for tests/fault: what reads
# the macro is compiled once more, and of services/common stands before the archives
# that have it without.
FAULT_FILES := $(shell grep -lE '"(fault|private|db/private|bus/archive)\.h"|db_fault' \
	$(COMMON) $(BENCH) $(wildcard services/*/*.c))
FAULTS_DIR := $(BUILD)/faults
fault_obj = $(patsubst %.c,$(FAULTS_DIR)/obj/%.o,$(filter $(FAULT_FILES),$(1))) \
	$(call obj,$(filter-out $(FAULT_FILES),$(1)))

$(FAULTS_DIR)/obj/%.o: %.c | $(GEN)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -DSUYUAN_FAULT_POINTS $(CFLAGS) $(WARN) -MD -MP -c $< -o $@

define fault_rule
$(FAULTS_DIR)/bin/$(1): $$(call fault_obj,$(2) $$(filter $(COMMON),$(FAULT_FILES))) \
		$(BUILD)/libjson.a $(BUILD)/libcommon.a
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS) $$(LDFLAGS) $$^ $$(LDLIBS) -o $$@
endef
$(foreach s,$(SERVICES),$(eval $(call fault_rule,suyuan-$(s),$(wildcard services/$(s)/*.c))))
$(eval $(call fault_rule,suyuan,$(CLI)))
$(eval $(call fault_rule,suyuan-bench,$(BENCH)))

.PHONY: faults
faults: $(SERVICES:%=$(FAULTS_DIR)/bin/suyuan-%) $(FAULTS_DIR)/bin/suyuan $(FAULTS_DIR)/bin/suyuan-bench

# A unit test links what it asks for out of everything but the mains.
TESTABLE := $(filter-out %/main.c,$(foreach s,$(SERVICES) cli,$(wildcard services/$(s)/*.c))) \
	services/sdk/spool.c
$(BUILD)/libtestable.a: $(call obj,$(TESTABLE))
	rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/unit/%: $(BUILD)/obj/tests/unit/%.o $(BUILD)/libtestable.a $(BUILD)/libjson.a $(BUILD)/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -lcmocka -o $@

unit: $(UNIT_BINS)

ifdef SAN
$(PROGRAMS) $(UNIT_BINS): $(call obj,tests/san/options.c)
endif

# An archive: a target has what it asks for, lib/replica.c and lib/transfer.c
# before the real ones.
$(BUILD)/libfuzz.a: $(call obj,$(wildcard tests/fuzz/lib/*.c))
	rm -f $@ && $(AR) rcs $@ $^

# Fuzz targets, of a SAN build.
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

# --- the library for integrators ---------------------------------------------

# What of services/common goes into it; services/sdk/README.md names the same
# files, which are under Apache-2.0 as well.
SDK_COMMON := arena.c error.c timeutil.c trace.c utf8.c uuid.c \
	json/pbtext.c $(addprefix bus/, \
	client.c client_replica.c context.c frame.c keys.c publisher.c \
	publisher_lane.c publisher_wire.c query.c resolve.c trouble.c zsock.c)
SDK_GEN := $(addprefix suyuan/v1/,bus common directory operations options) \
	$(patsubst proto/%.proto,%,$(wildcard proto/suyuan/v1/complaints*.proto \
	proto/suyuan/v1/social*.proto)) \
	google/protobuf/descriptor
SDK_PC := libzmq libprotobuf-c libuv libxxhash libsodium libisal
SDK_VERSION := 1.0.0
SDK_OBJ := $(patsubst services/%.c,$(BUILD)/sdk/obj/%.o,$(wildcard services/sdk/*.c) \
	$(SDK_COMMON:%=services/common/%)) \
	$(SDK_GEN:%=$(BUILD)/sdk/obj/gen/%.pb-c.o)
SDK_FLAGS = $(CPPFLAGS) $(CFLAGS) -fPIC -fvisibility=hidden -MD -MP
SDK_LIBS = $(shell pkg-config --libs $(SDK_PC)) -lpthread
SDK_WHOLE := -Wl,--no-undefined
SDK_LINK = -L$(BUILD)/sdk -Wl,-rpath,'$$ORIGIN/..' -lsuyuan
ifdef SAN
# The runtimes are static here, and stand in programs alone.
SDK_WHOLE :=
SDK_LINK = $(LDFLAGS) $(BUILD)/sdk/libsuyuan.a $(SDK_LIBS)
endif
SDK_EXAMPLES := $(patsubst services/sdk/examples/%.c,$(BUILD)/sdk/examples/%, \
	$(wildcard services/sdk/examples/*.c))
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib

.PHONY: sdk install print-sdk-files
sdk: $(BUILD)/sdk/libsuyuan.so $(BUILD)/sdk/libsuyuan.a $(BUILD)/sdk/libsuyuan.pc \
	$(SDK_EXAMPLES) $(BUILD)/sdk/drive
all: sdk

$(BUILD)/sdk/obj/gen/%.o: $(BUILD)/gen/%.c | $(GEN)
	@mkdir -p $(@D)
	$(CC) $(SDK_FLAGS) -w -c $< -o $@

$(BUILD)/sdk/obj/%.o: services/%.c | $(GEN)
	@mkdir -p $(@D)
	$(CC) $(SDK_FLAGS) $(WARN) -c $< -o $@

# Only suyuan_* is seen from outside: of the shared library by its version script,
# of the static one because it is a single object with the rest made local.
# nodelete: threads that end call it (services/common/arena.c), also when whoever
# loaded it by hand has closed it.
$(BUILD)/sdk/libsuyuan.so.1: $(SDK_OBJ) services/sdk/suyuan.map
	$(CC) -shared $(CFLAGS) $(LDFLAGS) -Wl,-soname,libsuyuan.so.1,-z,nodelete \
		-Wl,--version-script=services/sdk/suyuan.map $(SDK_WHOLE) \
		$(SDK_OBJ) $(SDK_LIBS) -o $@

$(BUILD)/sdk/libsuyuan.so: $(BUILD)/sdk/libsuyuan.so.1
	ln -sf libsuyuan.so.1 $@

$(BUILD)/sdk/libsuyuan.a: $(SDK_OBJ)
	$(LD) -r $^ -o $(BUILD)/sdk/libsuyuan.o
	objcopy --wildcard --keep-global-symbol='suyuan_*' $(BUILD)/sdk/libsuyuan.o
	rm -f $@ && $(AR) rcs $@ $(BUILD)/sdk/libsuyuan.o

$(BUILD)/sdk/libsuyuan.pc: services/sdk/libsuyuan.pc.in
	@mkdir -p $(@D)
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' \
		-e 's|@VERSION@|$(SDK_VERSION)|' -e 's|@LIBS@|$(SDK_LIBS)|' $< > $@

# As an integrator compiles it: the one header, the shared library.
$(BUILD)/sdk/examples/%: services/sdk/examples/%.c services/sdk/suyuan.h \
		$(BUILD)/sdk/libsuyuan.so $(BUILD)/sdk/libsuyuan.a
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -g $(WARN) -Iservices/sdk $< $(SDK_LINK) -o $@

$(BUILD)/sdk/drive: tests/integration/sdk/drive.c services/sdk/suyuan.h \
		$(BUILD)/sdk/libsuyuan.a
	$(CC) $(CFLAGS) $(LDFLAGS) -D_GNU_SOURCE $(WARN) -Iservices/sdk $< $(BUILD)/sdk/libsuyuan.a \
		$(SDK_LIBS) -o $@

# For the test that holds the list in services/sdk/LICENSE against it.
print-sdk-files:
	@printf '%s\n' $(SDK_COMMON:%=services/common/%)

# PREFIX stands in the .pc file, so that is made anew.
install: sdk
	rm -f $(BUILD)/sdk/libsuyuan.pc
	$(MAKE) $(BUILD)/sdk/libsuyuan.pc
	install -d $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(LIBDIR)/pkgconfig \
		$(DESTDIR)$(PREFIX)/share/man/man3 $(DESTDIR)$(PREFIX)/share/doc/libsuyuan
	install -m 644 services/sdk/suyuan.h $(DESTDIR)$(PREFIX)/include
	install -m 644 $(BUILD)/sdk/libsuyuan.a $(DESTDIR)$(LIBDIR)
	install -m 755 $(BUILD)/sdk/libsuyuan.so.1 $(DESTDIR)$(LIBDIR)/libsuyuan.so.$(SDK_VERSION)
	ln -sf libsuyuan.so.$(SDK_VERSION) $(DESTDIR)$(LIBDIR)/libsuyuan.so.1
	ln -sf libsuyuan.so.1 $(DESTDIR)$(LIBDIR)/libsuyuan.so
	install -m 644 $(BUILD)/sdk/libsuyuan.pc $(DESTDIR)$(LIBDIR)/pkgconfig
	install -m 644 services/sdk/libsuyuan.3 $(DESTDIR)$(PREFIX)/share/man/man3
	install -m 644 services/sdk/LICENSE services/sdk/README.md \
		$(DESTDIR)$(PREFIX)/share/doc/libsuyuan

# --- pages -------------------------------------------------------------------

WEB := services/gateway/web
WEB_SRC := $(shell find $(WEB) \( -name node_modules -o -name dist -o -name test \) \
	-prune -o -type f ! -name README.md -print)
WEB_TOOLS := $(WEB)/node_modules/.package-lock.json

.PHONY: web
web: $(WEB)/dist/index.html
all: web

# And what the tests of the pages drive a browser with.
BROWSER_TOOLS := tests/browser/node_modules/.package-lock.json
.PHONY: browser-tools
browser-tools: $(BROWSER_TOOLS)

$(WEB_TOOLS) $(BROWSER_TOOLS): %/node_modules/.package-lock.json: %/package-lock.json
	cd $* && npm ci --no-audit --no-fund
	@touch $@

$(WEB)/dist/index.html: $(WEB_SRC) $(WEB_TOOLS)
	cd $(WEB) && npm run -s build

-include $(shell find $(BUILD)/obj $(BUILD)/sdk/obj $(FAULTS_DIR)/obj -name '*.d' 2>/dev/null)

# --- commands --------------------------------------------------------------

bootstrap:
	scripts/bootstrap

# These install what is missing, then call make again, so that each works as the
# first command on a fresh machine.
run up test check:
	@scripts/bootstrap
	@scripts/$@

bench bench-quick:
	@scripts/bootstrap bench
	@$(MAKE) -s -j$$(nproc) all peers
	@tests/bench/run $(if $(filter bench-quick,$@),--quick) $(BENCH_ARGS)

test-faults:
	@scripts/bootstrap
	@SEED="$(SEED)" MINUTES="$(MINUTES)" scripts/test --faults

down:
	@scripts/down

.PHONY: compose-up test-compose
compose-up:
	@scripts/compose-up

test-compose:
	@scripts/bootstrap
	@scripts/bootstrap compose
	@tests/compose/run

format:
	clang-format -i $$(git ls-files -co --exclude-standard '*.c' '*.h')

# For clang-tidy, which reads tests/san/options.c too, and after the generated
# headers are there.
print-cflags: $(GEN)
	@echo $(CPPFLAGS) $(if $(SAN),,-DSAN_REPORTS='""') $(CFLAGS) $(WARN)

clean:
	rm -rf $(BUILD)
