# install.mk: what is made beside the commands and the library: manual pages, completions, installation, the reference of
# the API, the source package. Included by the Makefile.

mandir ?= $(datadir)/man
bashcompletiondir ?= $(datadir)/bash-completion/completions
zshcompletiondir ?= $(datadir)/zsh/site-functions
fishcompletiondir ?= $(datadir)/fish/vendor_completions.d

# polyphase-plot is a script; built, it carries the version.
COMMANDS := $(APPS) $(BUILD)/polyphase-plot
COMMAND_NAMES := $(notdir $(COMMANDS))
MAN_SOURCES := scripts/install/make-man scripts/install/options.awk $(wildcard scripts/install/man/*.txt)
MAN_PAGES := $(COMMAND_NAMES:%=$(BUILD)/man/%.1) $(BUILD)/man/polyphase.7 $(BUILD)/man/libtconv.3
COMPLETIONS := $(foreach shell,bash zsh fish,$(COMMAND_NAMES:%=$(BUILD)/completion/$(shell)/%))
# The headers that tconv.h includes are the public ones.
PUBLIC_HEADERS = $(sort $(patsubst $(CURDIR)/%,%,$(realpath $(filter lib/%,$(shell $(CC) $(STANDARD) -MM lib/tconv.h | tr -d '\\')))))

$(BUILD)/polyphase-plot: scripts/polyphase-plot lib/tconv.h
	@mkdir -p $(@D)
	@sed 's/^version=.*/version=$(VERSION)/' $< >$@.tmp && chmod 755 $@.tmp && mv $@.tmp $@

# The names of pages and completions are those of the commands, each made from what the command's --help says.
man: $(MAN_PAGES)
$(BUILD)/man/%.1: $(BUILD)/% $(MAN_SOURCES)
	@mkdir -p $(@D)
	@scripts/install/make-man $* 1 $(VERSION) $< >$@.tmp && mv $@.tmp $@
$(BUILD)/man/polyphase.7: $(COMMANDS) $(MAN_SOURCES)
	@mkdir -p $(@D)
	@scripts/install/make-man polyphase 7 $(VERSION) '' $(COMMANDS) >$@.tmp && mv $@.tmp $@
$(BUILD)/man/libtconv.3: $(MAN_SOURCES)
	@mkdir -p $(@D)
	@scripts/install/make-man libtconv 3 $(VERSION) >$@.tmp && mv $@.tmp $@

completions: $(COMPLETIONS)
define completion_of
$(BUILD)/completion/$(1)/%: $(BUILD)/% scripts/install/make-completion scripts/install/options.awk
	@mkdir -p $$(@D)
	@scripts/install/make-completion $(1) $$* $$< >$$@.tmp && mv $$@.tmp $$@
endef
$(foreach shell,bash zsh fish,$(eval $(call completion_of,$(shell))))

# What the static library needs is named library by library: Requires.private would ask for all that those need in turn, of
# which Debian's libsndfile names some that its package does not bring. The paths hang on the prefix, so that
# pkg-config --define-variable=prefix=.. moves them.
$(BUILD)/tconv.pc: Makefile scripts/install.mk FORCE
	@mkdir -p $(@D)
	@printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(patsubst $(PREFIX)/%,$${prefix}/%,$(libdir))' \
	    'includedir=$(patsubst $(PREFIX)/%,$${prefix}/%,$(includedir))' '' 'Name: tconv' \
	    'Description: transposed convolution as zero-insertion and synthesis filtering' 'Version: $(VERSION)' \
	    'Libs: -L$${libdir} -ltconv' 'Libs.private: $(strip $(LIB_LIBS))' \
	    'Cflags: -I$${includedir}' >$@

install: all man completions $(BUILD)/polyphase-plot $(BUILD)/tconv.pc
	$(INSTALL) -d $(DESTDIR)$(bindir) $(DESTDIR)$(libdir)/pkgconfig $(DESTDIR)$(includedir)/tconv $(DESTDIR)$(datadir)/tconv/plots \
	    $(DESTDIR)$(mandir)/man1 $(DESTDIR)$(mandir)/man3 $(DESTDIR)$(mandir)/man7 $(DESTDIR)$(bashcompletiondir) \
	    $(DESTDIR)$(zshcompletiondir) $(DESTDIR)$(fishcompletiondir)
	$(INSTALL) -m 755 $(COMMANDS) $(DESTDIR)$(bindir)
	$(INSTALL) -m 644 $(BUILD)/libtconv.a $(DESTDIR)$(libdir)
	$(INSTALL) -m 755 $(BUILD)/$(SONAME) $(DESTDIR)$(libdir)
	ln -sf $(SONAME) $(DESTDIR)$(libdir)/libtconv.so
	$(INSTALL) -m 644 $(BUILD)/tconv.pc $(DESTDIR)$(libdir)/pkgconfig
	sed 's|#include "\(.*/.*\)"|#include "tconv/\1"|' lib/tconv.h >$(DESTDIR)$(includedir)/tconv.h
	for header in $(patsubst lib/%,%,$(filter-out lib/tconv.h,$(PUBLIC_HEADERS))); do \
	    $(INSTALL) -d $(DESTDIR)$(includedir)/tconv/$${header%/*} && \
	    $(INSTALL) -m 644 lib/$$header $(DESTDIR)$(includedir)/tconv/$$header || exit 1; \
	done
	$(INSTALL) -m 644 $(PICTURES) $(DESTDIR)$(datadir)/tconv/plots
	$(INSTALL) -m 644 $(filter %.1,$(MAN_PAGES)) $(DESTDIR)$(mandir)/man1
	$(INSTALL) -m 644 $(filter %.3,$(MAN_PAGES)) $(DESTDIR)$(mandir)/man3
	$(INSTALL) -m 644 $(filter %.7,$(MAN_PAGES)) $(DESTDIR)$(mandir)/man7
	for name in $(COMMAND_NAMES); do \
	    $(INSTALL) -m 644 $(BUILD)/completion/bash/$$name $(DESTDIR)$(bashcompletiondir)/$$name && \
	    $(INSTALL) -m 644 $(BUILD)/completion/zsh/$$name $(DESTDIR)$(zshcompletiondir)/_$$name && \
	    $(INSTALL) -m 644 $(BUILD)/completion/fish/$$name $(DESTDIR)$(fishcompletiondir)/$$name.fish || exit 1; \
	done

# By pattern, so that what an older version installed goes too.
uninstall:
	rm -f $(DESTDIR)$(bindir)/polyphase-* $(DESTDIR)$(libdir)/libtconv.a $(DESTDIR)$(libdir)/libtconv.so* \
	    $(DESTDIR)$(libdir)/pkgconfig/tconv.pc $(DESTDIR)$(includedir)/tconv.h $(DESTDIR)$(mandir)/man1/polyphase-*.1 \
	    $(DESTDIR)$(mandir)/man3/libtconv.3 $(DESTDIR)$(mandir)/man7/polyphase.7 $(DESTDIR)$(bashcompletiondir)/polyphase-* \
	    $(DESTDIR)$(zshcompletiondir)/_polyphase-* $(DESTDIR)$(fishcompletiondir)/polyphase-*.fish
	rm -rf $(DESTDIR)$(includedir)/tconv $(DESTDIR)$(datadir)/tconv

# The reference of the API, by doxygen, out of the headers' comments: build/doc/html/index.html. A warning is an error.
doc:
	@mkdir -p $(BUILD)/doc
	{ cat scripts/doc/Doxyfile; echo 'INPUT = $(PUBLIC_HEADERS)'; echo 'OUTPUT_DIRECTORY = $(BUILD)/doc'; \
	    echo 'PROJECT_NUMBER = $(VERSION)'; } | doxygen -
	@echo "$(BUILD)/doc/html/index.html"

# The source package, the same bytes for the same files: build/libtconv-VERSION.tar.gz
dist:
	scripts/make-dist $(VERSION) $(BUILD)

FORCE:
.PHONY: man completions install uninstall doc dist FORCE
