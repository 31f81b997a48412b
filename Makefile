# Everything that is done to this repository, by its name.
# `make` alone lists it. GNU make 3.81 (macOS) is enough.

GO      ?= go
BENCH   ?= .
BENCH_TIME     ?= 1s
BENCH_PACKAGES ?= ./...
KILLS   ?= 200
TEST_TIMEOUT   ?= 12m

# Packages that are tested at a time. Their tests wait more than they reckon, for
# clocks, processes and servers: more than there are cores.
TEST_ROOMS     ?= 3

# A login that has no HOME still has a home: Go keeps its caches there.
ifeq ($(strip $(HOME)),)
HOME := $(shell getent passwd "$$(id -u)" 2>/dev/null | cut -d: -f6)
endif
export HOME

# The programs are built without C, so that one binary runs on any machine
# with its kernel. Only the race detector, in `test`, needs a C compiler.
export CGO_ENABLED = 0

VERSION := $(shell sh .ci/version)

# Where `build` puts which programs, `install` these and what belongs beside them,
# and `release` what it makes for RELEASE_FOR.
BIN  ?= bin
PROGRAMS ?= ./cmd/lsh ./cmd/lshd
DIST ?= dist
PREFIX ?= $(HOME)/.local
RELEASE_FOR ?= linux/amd64 linux/arm64 darwin/amd64 darwin/arm64

# -buildvcs=false: Go would refuse to build in a work tree that belongs to
# somebody else. The version is stamped here instead.
BUILD := $(GO) build -trimpath -buildvcs=false -ldflags '-s -w -X main.version=$(VERSION)'

# Systems whose code is compiled and vetted here, and tried elsewhere.
OTHERS := darwin freebsd

# .ci/release is passed over by ./..., for its name.
PACKAGES := ./... ./.ci/release

# The tools are built by the Go that will use them: staticcheck reads only
# what its own compiler understands.
TOOLS := bin/tools/$(shell $(GO) env GOVERSION 2>/dev/null)

.PHONY: help run test supabase crash bench lint build install release deps generate tools
.NOTPARALLEL:

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name text; do \
		printf '  make %-10s %s\n' "$$name" "$$text"; done

run: build ## build, start the daemon, run a first job and show its output
	@sh .ci/first-run

test: deps lint $(TOOLS)/nfpm ## everything that must hold: builds, vet, format, staticcheck, all tests with the race detector
	$(GO) build ./...
	for os in $(OTHERS); do GOOS=$$os $(GO) build ./... || exit 1; done
	CGO_ENABLED=1 $(GO) test -race -p $(TEST_ROOMS) -timeout $(TEST_TIMEOUT) $(PACKAGES)

supabase: build ## push the schema with the Supabase CLI, which npm brings, and set up what it has pushed
	@GO='$(GO)' sh .ci/supabase

crash: ## kill the daemon with -9 at random and at each point on its road, KILLS=200 times (`test` does it a few times)
	$(GO) test -count=1 -v -timeout 60m -run 'TestKilled|TestKeeperAndWorker' ./daemon -kills $(KILLS)

bench: build ## the benchmarks; BENCH=regexp BENCH_TIME=3s BENCH_PACKAGES=./config choose
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchtime $(BENCH_TIME) -timeout 30m $(BENCH_PACKAGES)

lint: $(TOOLS)/staticcheck ## gofumpt, vet and staticcheck
	@unformatted="$$($(TOOLS)/gofumpt -l . .ci/release)" && { test -z "$$unformatted" || { \
		printf 'not formatted (bin/tools/*/gofumpt -w .):\n%s\n' "$$unformatted" >&2; exit 1; }; }
	$(GO) vet $(PACKAGES)
	for os in $(OTHERS); do GOOS=$$os $(GO) vet ./... || exit 1; done
	$(TOOLS)/staticcheck $(PACKAGES)

build: ## bin/lsh and bin/lshd
	@sh .ci/needs-go '$(GO)'
	@mkdir -p '$(BIN)'
	$(BUILD) -o '$(BIN)/' $(PROGRAMS)

install: build ## into PREFIX (~/.local): the programs, completions, the manual
	@mkdir -p '$(DESTDIR)$(PREFIX)/bin'
	install -m 755 '$(BIN)/lsh' '$(BIN)/lshd' '$(DESTDIR)$(PREFIX)/bin/'
	'$(BIN)/lsh' packaging '$(DESTDIR)$(PREFIX)/share'
	@test -n '$(DESTDIR)' || sh .ci/installed '$(PREFIX)/bin'

release: $(TOOLS)/nfpm ## into dist: archives for Linux and macOS, Debian packages, checksums; VERSION=1.2.3 names it
	@VERSION='$(VERSION)' DIST='$(DIST)' RELEASE_FOR='$(RELEASE_FOR)' GO='$(GO)' MAKE='$(MAKE)' NFPM='$(TOOLS)/nfpm' sh .ci/release/build

deps: ## what the tests need besides Go: installed by apt where it is missing
	@sh .ci/deps

generate: ## refresh the files that are made from the code: docs/rpc.md, the schema, the goldens
	@sh .ci/generate

tools: $(TOOLS)/staticcheck $(TOOLS)/nfpm ## the pinned tools, into bin/tools

$(TOOLS)/staticcheck: .ci/tools/go.mod .ci/tools/go.sum
	@mkdir -p $(TOOLS)
	$(GO) -C .ci/tools build -buildvcs=false -o '$(CURDIR)/$(TOOLS)/' mvdan.cc/gofumpt honnef.co/go/tools/cmd/staticcheck
	@touch $@

# Apart, since only a release needs it, and it is as large as both others.
$(TOOLS)/nfpm: .ci/tools/go.mod .ci/tools/go.sum
	@mkdir -p $(TOOLS)
	$(GO) -C .ci/tools build -buildvcs=false -o '$(CURDIR)/$(TOOLS)/' github.com/goreleaser/nfpm/v2/cmd/nfpm
	@touch $@
