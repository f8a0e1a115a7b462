# Everything a contributor runs. `make help` lists the targets.
GO ?= go
FUZZTIME ?= 20s
# Assembly and pure Go only: the binary needs no C toolchain and no shared library.
export CGO_ENABLED = 0

STATICCHECK = $(GO) run honnef.co/go/tools/cmd/staticcheck@v0.7.0

.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

build: ## build bin/framewise; TAGS=blas for OpenBLAS, BLIS and MKL at run time
	$(GO) build -tags "$(TAGS)" -o bin/framewise ./cmd/framewise

demo: build ## synthesize a corpus, build, train, evaluate, write demo/report.html
	bin/framewise demo --out demo

test: lint ## lint and all tests (what continuous integration runs)
	$(GO) test -timeout 20m ./...

lint: ## gofmt, go vet and staticcheck
	@test -z "$$(gofmt -l .)" || { echo "gofmt would change:"; gofmt -l .; exit 1; }
	$(GO) vet ./...
	$(STATICCHECK) ./...

test-arch: ## the same bits with every vector unit, GOAMD64=v3, and (QEMU) on arm64, Haswell, Nehalem
	GO="$(GO)" .ci/test-arch

soak-train: build ## kill training 50 times at drawn moments and resume: the same bits each time
	FRAMEWISE_SOAK=$(CURDIR)/bin/framewise $(GO) test -count 1 -timeout 60m -v -run TestSoak ./model/train

test-interop: .venv-interop/done ## read shards, exports and event files back with the readers of Arrow, TensorFlow, WebDataset, Kaldi, Lhotse and TensorBoard
	FRAMEWISE_PYTHON=$(CURDIR)/.venv-interop/bin/python $(GO) test -count 1 -timeout 20m -v -run 'ReadTheSame|ReadsTheSame' ./dataset/... ./model/tensorboard

.venv-interop/done: dataset/export/testdata/requirements.txt
	python3 -m venv .venv-interop
	.venv-interop/bin/pip install --quiet -r $<
	touch $@

test-engines: .venv-engines/done ## build on other engines than prism in the process: workers as processes, Beam's Python SDK; the same bytes
	$(GO) build -o bin/beam-boot github.com/apache/beam/sdks/v2/go/container
	FRAMEWISE_BEAM_BOOT=$(CURDIR)/bin/beam-boot FRAMEWISE_BEAM_PYTHON=$(CURDIR)/.venv-engines/bin/python \
	  $(GO) test -count 1 -timeout 20m -v -run 'TestEngines' ./cmd/framewise

.venv-engines/done: cmd/framewise/testdata/engines.txt
	python3 -m venv .venv-engines
	.venv-engines/bin/pip install --quiet -r $<
	touch $@

cover: ## coverage of the packages without engines, which is to be 85 % or more
	$(GO) test -cover ./corpus/... ./augment ./transforms/... ./dataset ./dataset/export ./model/score ./model/results ./report

soak: build ## kill 200 builds at random moments and hold what they leave against an undisturbed one (SOAKFLAGS)
	$(GO) run ./bench/soak $(SOAKFLAGS)

test-faults: ## every fault of stores, inputs, folders and the machine, with a table of what came of it
	FRAMEWISE_FAULTS=all $(GO) test -count 1 -timeout 30m -v -run 'TestFaults' ./corpus/audio ./pipelines ./cmd/framewise

bench: ## Go benchmarks of the hot paths
	$(GO) test -run '^$$' -bench . -benchtime 1s ./transforms ./corpus/audio ./model/gemm ./model/nn ./pipelines

bench-spectra: build ## spectra, resampling and reading beside other programs; writes bench/out/spectra.jsonl
	bench/prepare.sh
	$(GO) build -o bench/.cache/spectra ./bench/spectra
	bench/.cache/spectra $(BENCHFLAGS)

bench-train: ## training beside PyTorch and Keras on the CPU; writes bench/out/train.jsonl
	bench/prepare-train.sh
	$(GO) build -tags blas -o bench/.cache/train ./bench/train
	bench/.cache/train $(BENCHFLAGS)

bench-parity: build ## learning beside PyTorch, batch by batch; writes bench/out/parity.jsonl, docs/images/parity.svg
	bench/prepare-train.sh
	$(GO) build -o bench/.cache/parity-bin ./bench/parity
	bench/.cache/parity-bin $(BENCHFLAGS)

bench-scale: build ## planning up to a million utterances, building 10 h, beside a plain loop; writes bench/out/scale.jsonl
	$(GO) build -o bench/.cache/scale-bin ./bench/scale
	bench/.cache/scale-bin $(BENCHFLAGS)

bench-docs: ## make the tables of docs/benchmarks.md from bench/out
	$(GO) run ./bench/table

fuzz: ## every fuzz target for FUZZTIME (20s), JOBS at a time, and a table; fails if one crashes
	GO="$(GO)" FUZZTIME=$(FUZZTIME) .ci/fuzz-long

fuzz-long: ## the same for 10 minutes a target (FUZZTIME); TARGETS is a pattern of "folder FuzzName"
	GO="$(GO)" FUZZTIME=$(if $(filter file,$(origin FUZZTIME)),10m,$(FUZZTIME)) .ci/fuzz-long

fuzz-keep: ## put a small selection of the inputs that fuzzing found into testdata/fuzz
	GO="$(GO)" .ci/fuzz-keep

generate: ## write the generated assembly and Go again
	$(GO) generate ./...

clean: ## remove what was built
	rm -rf bin demo

.PHONY: $(shell grep -ohE '^[a-z-]+:' Makefile | tr -d :)
