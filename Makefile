# Everything a contributor runs. `make help` lists the targets.
GO ?= go
# Assembly and pure Go only: the binary needs no C toolchain and no shared library.
export CGO_ENABLED = 0

.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

build: ## build bin/framewise
	$(GO) build -o bin/framewise ./cmd/framewise

demo: build ## synthesize a corpus, build, train, evaluate, write demo/report.html
	bin/framewise demo --out demo

test: ## all tests (what continuous integration runs)
	$(GO) vet ./...
	@test -z "$$(gofmt -l .)" || { echo "gofmt would change:"; gofmt -l .; exit 1; }
	$(GO) test -timeout 20m ./...

.PHONY: help build demo test
