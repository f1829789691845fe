# Aloi. `make help` lists what can be made; `make demo` and `make test` do all
# their own set-up.

SHELL   := /bin/bash
TOOLS   := $(CURDIR)/.cache/tools
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
BUILD   := go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)"

GOLANGCI  := v2.15.0
GOTESTSUM := v1.13.0

SERVE   ?= 1
LISTEN  ?= 127.0.0.1:8080
OUT     ?= demo

.PHONY: help demo test check build servers aloi refcloud lint fmt cross unit faults fuzz bench-evaluate bench-verify bench-decide bench-load shots docs vulnerabilities clean tools

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: servers aloi refcloud ## measure two offers of the reference cloud, write the reports, serve them (SERVE=0: don't serve)
	@SERVE=$(SERVE) LISTEN=$(LISTEN) OUT=$(OUT) scripts/demo

test: tools servers aloi refcloud ## what CI runs: formatting, lint, cross-compilation, every test
	@scripts/test

servers: ## the servers of the machine that the reference cloud runs
	@scripts/postgresql

build: aloi refcloud ## the two binaries, in bin/

aloi: ## the product's binary, bin/aloi
	@$(BUILD) -o bin/aloi ./cmd/aloi

refcloud: ## the reference cloud's binary, bin/refcloud
	@cd refcloud && $(BUILD) -o ../bin/refcloud .

cross: ## the laptop binary for macOS and Windows
	@for target in darwin/arm64 darwin/amd64 windows/amd64; do \
	  GOOS=$${target%/*} GOARCH=$${target#*/} go build -o /dev/null ./cmd/aloi && echo "builds for $$target" || exit 1; done

unit: ## the tests that need no server
	@go test -short ./...

faults: servers refcloud ## plant each fault and variation of the reference cloud before its whole suite (long)
	@ALOI_FAULTS=all go test -p 1 ./internal/demonstrator/probe/... -count=1 -timeout 60m -run 'TestFaults|TestVariations' -v

lint: tools ## golangci-lint on both modules
	@$(TOOLS)/golangci-lint run ./...
	@cd refcloud && $(TOOLS)/golangci-lint run ./...

fmt: ## format every Go file
	@gofmt -w $$(git ls-files '*.go')

fuzz: ## 50,000 changes of a sealed bundle, then each parser for FUZZTIME
	@ALOI_MUTATIONS=50000 go test ./internal/demonstrator/evidence -run TestMutations -count=1 -v
	@scripts/fuzz

bench-verify: ## the figures of docs/benchmarks.md for sealing and verifying
	@go test ./internal/demonstrator/evidence -run 'TestSeal_Memory' -bench 'Seal|Verify' -benchtime 10x -count 1 -v

bench-evaluate: servers aloi refcloud ## the figures of docs/benchmarks.md: time, memory, flakiness, detection
	@scripts/bench-evaluate

bench-decide: ## how often the decision on a quantile is wrong, and how soon it comes (2,000 services of each kind; some minutes)
	@ALOI_DECIDE=2000 go test ./internal/demonstrator/measure/ -count=1 -timeout 60m -run 'TestSequence_Simulated' -v

bench-load: servers refcloud ## the load engine beside other tools: truth under stalls, pace, CPU, memory (LOAD=truth|pace|trivial|memory|s3|postgres, SECONDS_EACH; 12 minutes)
	@scripts/bench-load

shots: servers aloi refcloud ## screenshots of the demo's report (needs chromium), docs/images
	@scripts/shots

docs: ## the generated schemas and pages
	@UPDATE=1 go test ./catalogue ./internal/demonstrator/... -run 'Schema|Document' -count=1

vulnerabilities: ## known vulnerabilities of the dependencies (needs the network)
	@go run golang.org/x/vuln/cmd/govulncheck@latest ./...

tools: $(TOOLS)/golangci-lint-$(GOLANGCI) $(TOOLS)/gotestsum-$(GOTESTSUM)

$(TOOLS)/golangci-lint-$(GOLANGCI):
	@mkdir -p $(TOOLS) && GOBIN=$(TOOLS) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI) && touch $@

$(TOOLS)/gotestsum-$(GOTESTSUM):
	@mkdir -p $(TOOLS) && GOBIN=$(TOOLS) go install gotest.tools/gotestsum@$(GOTESTSUM) && touch $@

clean: ## delete what was built and measured here
	@rm -rf bin .cache demo runs
