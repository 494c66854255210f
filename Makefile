# make            commands, static and shared library, in build/
# make check      every unit suite;  scripts/test runs these and the rest
# make plots      pictures of the shipped kernels, in build/plots
# make sanitize | tsan | valgrind | coverage | fuzz | fault | mutate | bench | lint      variants, each in a build folder of its own
# make install PREFIX=/usr/local DESTDIR=      also uninstall, man, doc, dist (scripts/install.mk)

VERSION := $(shell sed -n 's/^.define TCONV_VERSION "\(.*\)"/\1/p' lib/tconv.h)
SOVERSION := 0
BUILD ?= build
PREFIX ?= /usr/local
bindir ?= $(PREFIX)/bin
libdir ?= $(PREFIX)/lib
includedir ?= $(PREFIX)/include
datadir ?= $(PREFIX)/share
CC ?= cc
AR ?= ar
PKG_CONFIG ?= pkg-config
INSTALL ?= install
CFLAGS ?= -O2 -g
WERROR ?=
# -ffp-contract=off: results do not depend on whether the compiler fuses a multiplication with an addition.
STANDARD := -std=c11 -D_POSIX_C_SOURCE=200809L -ffp-contract=off
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wvla -Wformat=2 -Wundef $(WERROR)
HARDEN ?= -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection
HARDEN_LINK := -Wl,-z,relro,-z,now,-z,noexecstack

LIB_PACKAGES := fftw3 fftw3f jansson libzip sndfile libpng
LIB_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(LIB_PACKAGES))
LIB_LIBS := $(shell $(PKG_CONFIG) --libs $(LIB_PACKAGES)) -lpthread -lm
CUNIT_LIBS = $(shell $(PKG_CONFIG) --libs cunit zlib)

LIB_SRC := $(wildcard lib/*/*.c)
LIB_OBJ := $(LIB_SRC:%.c=$(BUILD)/obj/%.o)
PICTURES := $(wildcard plots/*.gp)
APP_COMMON_OBJ := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard apps/common/*.c)) $(BUILD)/obj/pictures.o
APPS := $(patsubst apps/%.c,$(BUILD)/%,$(wildcard apps/polyphase-*.c))
UNIT_COMMON_OBJ := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/unit/testing*.c))
UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))
# One line for each step, none under make -s.
SAY := $(if $(findstring s,$(firstword -$(MAKEFLAGS))),@:,@echo)
# No name of a folder gets into what is built, so that two builds are the same, byte for byte.
SAME := -ffile-prefix-map=$(CURDIR)=.
COMPILE = $(CC) $(STANDARD) $(SAME) $(WARN) $(HARDEN) -Ilib $(LIB_CFLAGS) $(CPPFLAGS) $(CFLAGS) -MMD -MP
X86 := $(filter x86_64%,$(shell $(CC) -dumpmachine))
SONAME := libtconv.so.$(SOVERSION)

all: $(BUILD)/libtconv.a $(BUILD)/libtconv.so $(APPS) $(BUILD)/polyphase-plot

# The engines' inner loops (lib/operator/simd.inc), one object per instruction set; a plan picks one at run time. Their
# products are fused where the set can: same bits on integers, and results never depend on anything else but the set.
# LOOPS: how they are optimised, whatever CFLAGS says.
LOOPS ?= -O3
SIMD_OBJ := $(BUILD)/obj/lib/operator/simd_
PRUNED_OBJ := $(BUILD)/obj/lib/analysis/pruned_
$(SIMD_OBJ)portable.o $(PRUNED_OBJ)portable.o: OBJECT_FLAGS = $(LOOPS)
$(SIMD_OBJ)avx2.o $(PRUNED_OBJ)avx2.o: OBJECT_FLAGS = $(LOOPS) $(if $(X86),-mavx2 -mfma -ffp-contract=fast)
$(SIMD_OBJ)avx512.o $(PRUNED_OBJ)avx512.o: OBJECT_FLAGS = $(LOOPS) $(if $(X86),-mavx512f -mavx512dq -mavx512bw -mavx512vl -mfma -mprefer-vector-width=512 -ffp-contract=fast)

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(SAY) "  CC   $<"
	@$(COMPILE) $(OBJECT_FLAGS) -fPIC -fvisibility=hidden -c $< -o $@

# make plots draws every picture of the shipped kernels into build/plots.
plots: all
	scripts/make-plots $(BUILD)

# The pictures travel inside the commands.
$(BUILD)/pictures.c: $(PICTURES) scripts/embed-pictures
	@mkdir -p $(@D)
	$(SAY) "  GEN  $@"
	@scripts/embed-pictures $(PICTURES) >$@.tmp && mv $@.tmp $@
$(BUILD)/obj/pictures.o: $(BUILD)/pictures.c
	@mkdir -p $(@D)
	$(SAY) "  CC   $<"
	@$(COMPILE) -Iapps -c $< -o $@

# The style of the reports as lines of C strings.
$(BUILD)/page_style.inc: lib/report/page.css lib/report/report.css
	@mkdir -p $(@D)
	@sed 's/[\\"]/\\&/g; s/.*/"&\\n",/' $^ >$@.tmp && mv $@.tmp $@
$(BUILD)/obj/lib/report/html.o: OBJECT_FLAGS = -I$(BUILD)
$(BUILD)/obj/lib/report/html.o: $(BUILD)/page_style.inc

$(BUILD)/libtconv.a: $(LIB_OBJ)
	@rm -f $@
	$(SAY) "  AR   $@"
	@$(AR) rcs $@ $^

$(BUILD)/$(SONAME): $(LIB_OBJ) lib/tconv.map
	$(SAY) "  LINK $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,$(SONAME) -Wl,--version-script=lib/tconv.map $(HARDEN_LINK) \
	    -Wl,--no-undefined -o $@ $(LIB_OBJ) $(LIB_LIBS)

$(BUILD)/libtconv.so: $(BUILD)/$(SONAME)
	@ln -sf $(SONAME) $@

$(BUILD)/polyphase-%: $(BUILD)/obj/apps/polyphase-%.o $(APP_COMMON_OBJ) $(BUILD)/libtconv.a
	$(SAY) "  LINK $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) -pie $(HARDEN_LINK) -o $@ $^ $(LIB_LIBS)

$(BUILD)/tests/test_%: $(BUILD)/obj/tests/unit/test_%.o $(UNIT_COMMON_OBJ) $(BUILD)/libtconv.a
	@mkdir -p $(@D)
	$(SAY) "  LINK $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LDLIBS) $(CUNIT_LIBS) $(LIB_LIBS)

# FFTW in quadruple precision is the oracle of the responses.
$(BUILD)/tests/test_plot: $(APP_COMMON_OBJ)
$(BUILD)/tests/test_response: LDLIBS += -lfftw3q -lquadmath

# Allocations that fail on request (tests/unit/failing_memory.h), and the suites that use them.
FAILING := $(BUILD)/tests/test_plan_memory $(BUILD)/tests/test_memory_failures
$(FAILING): LDLIBS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
$(FAILING): $(BUILD)/obj/tests/unit/failing_memory.o
$(BUILD)/tests/test_memory_failures: $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/unit/trials_*.c))

# Loaded before a command: allocations, reads and writes that fail (tests/fault/run).
$(BUILD)/fault.so: tests/fault/fault.c
	@mkdir -p $(@D)
	$(SAY) "  LINK $@"
	@$(CC) -std=c11 $(WARN) -O2 -shared -fPIC -o $@ $<

tests: $(UNIT_TESTS) $(BUILD)/accuracy $(BUILD)/fault.so

fault: all $(BUILD)/fault.so
	tests/fault/run $(BUILD)

check: all tests
	scripts/run-suites $(BUILD)/tests

SANITIZE := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
sanitize:
	$(MAKE) BUILD=$(BUILD)/sanitize HARDEN= LOOPS=-O1 CFLAGS="$(SANITIZE)" check

# What the threads share: every suite under gcc's ThreadSanitizer, with few random cases, and the command that has --threads.
# It wants its shadow where a kernel of many random address bits may have put the program: no random addresses.
tsan:
	$(MAKE) BUILD=$(BUILD)/tsan HARDEN= LOOPS=-O1 CFLAGS="-O1 -g -fno-omit-frame-pointer -fsanitize=thread" all tests
	TCONV_TEST_QUICK=1 setarch -R scripts/run-suites $(BUILD)/tsan/tests
	TCONV_TEST_QUICK=1 setarch -R tests/cli/run $(BUILD)/tsan upsample

# make fuzz builds the targets for libFuzzer (clang); run one: build/fuzz/fuzz_text -runs=1000000 tests/fuzz/corpus/text
# make fuzz-replay runs every corpus through its target, built by $(CC) with the sanitizers
FUZZ_NAMES := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_CLANG ?= clang
FUZZ_FLAGS := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
fuzz:
	$(MAKE) BUILD=$(BUILD)/fuzz CC="$(FUZZ_CLANG)" HARDEN= LOOPS=-O1 CFLAGS="$(FUZZ_FLAGS)" fuzz-targets
fuzz-targets: $(FUZZ_NAMES:%=$(BUILD)/fuzz_%)
$(BUILD)/fuzz_%: $(BUILD)/obj/tests/fuzz/fuzz_%.o $(BUILD)/libtconv.a
	$(SAY) "  LINK $@"
	@$(CC) $(CFLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(LIB_LIBS)

fuzz-replay:
	$(MAKE) BUILD=$(BUILD)/sanitize HARDEN= LOOPS=-O1 CFLAGS="$(SANITIZE)" replay-targets
	@for name in $(FUZZ_NAMES); do \
	    echo "corpus $$name: $$($(BUILD)/sanitize/replay_$$name tests/fuzz/corpus/$$name/*)" || exit 1; done
replay-targets: $(FUZZ_NAMES:%=$(BUILD)/replay_%)
$(BUILD)/replay_%: $(BUILD)/obj/tests/fuzz/fuzz_%.o $(BUILD)/obj/tests/fuzz/replay.o $(BUILD)/libtconv.a
	$(SAY) "  LINK $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIB_LIBS)

# Every suite and every command under valgrind, with few random cases (valgrind 3.19 knows no AVX-512).
# A block of tconv_alloc is pointed to behind its beginning, which valgrind calls possibly lost: what nothing points to is lost.
VALGRIND := valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite
valgrind: export TCONV_MAX_ISA = avx2
valgrind: export TCONV_TEST_QUICK = 1
valgrind: all tests
	TCONV_WRAPPER="$(VALGRIND)" scripts/run-suites $(BUILD)/tests
	tests/fault/run $(BUILD) --under "$(VALGRIND)"

# Lines, branches and functions that the tests run, file by file; with bars.
coverage:
	scripts/coverage

lint:
	scripts/lint

# One operator or constant changed at a time: do the suites notice?
mutate:
	scripts/mutate

# make bench: the library alone on the layers of tests/bench/bench.c, every line with the engine that the plan picks;
# make rivals: other programs on the same layers, for scripts/bench-rivals, which installs what they need
BENCH_OBJ := $(BUILD)/obj/tests/bench/bench.o
$(BUILD)/obj/tests/bench/limits.o: OBJECT_FLAGS = -O3 -ffp-contract=fast
$(BUILD)/obj/tests/bench/rivals/%.o: OBJECT_FLAGS = -O3 $(if $(X86),-march=native) -ffast-math
$(BUILD)/bench-%: $(BUILD)/obj/tests/bench/bench_%.o $(BENCH_OBJ) $(BUILD)/obj/tests/bench/limits.o $(BUILD)/libtconv.a
	$(SAY) "  LINK $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIB_LIBS)
$(BUILD)/rival-onednn: LDLIBS = -ldnnl
$(BUILD)/rival-xnnpack: LDLIBS = -lXNNPACK -lpthreadpool
$(BUILD)/rival-liquid: LDLIBS = -lliquid
$(BUILD)/rival-fftw: LDLIBS = -lfftw3f
$(BUILD)/rival-%: $(BUILD)/obj/tests/bench/rivals/rival_%.o $(BENCH_OBJ)
	$(SAY) "  LINK $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS) -lm

bench: $(BUILD)/bench-tconv $(BUILD)/bench-response $(BUILD)/bench-network all
	$(BUILD)/bench-tconv
	$(BUILD)/bench-response
	$(BUILD)/bench-network
	python3 tests/bench/audit.py $(BUILD) $(or $(TCONV_SHARED),../shared)

rivals: $(BUILD)/bench-tconv $(BUILD)/bench-response $(patsubst tests/bench/rivals/rival_%.c,$(BUILD)/rival-%,$(wildcard tests/bench/rivals/*.c))

# make accuracy: how far results are from the truth; the figures of the README
$(BUILD)/accuracy: $(BUILD)/obj/tests/bench/accuracy.o $(BUILD)/libtconv.a
	$(SAY) "  LINK $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIB_LIBS)

accuracy: $(BUILD)/accuracy
	$(BUILD)/accuracy

# Twelve lessons with the real output of their commands: build/lessons/lessons.html and lessons.txt.
lessons: all
	BUILD=$(abspath $(BUILD)) scripts/lessons/build $(BUILD)/lessons

include scripts/install.mk

clean:
	rm -rf $(BUILD)

.PHONY: all lessons plots bench rivals accuracy tests check fault lint mutate sanitize fuzz fuzz-targets fuzz-replay replay-targets valgrind coverage clean
.SECONDARY:
-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
