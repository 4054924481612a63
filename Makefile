# What a developer runs. It needs Go, make and a POSIX shell; "make setup" brings
# the rest where it may.

FUZZTIME   ?= 10s
MODELTIME  ?= 10m
COVER_MIN  ?= 85
# Not counted: programs, and packages that only tests use.
COVER_SKIP ?= /internal/engine|/internal/faults|test(/setup)?$$

TOOL    := go tool -modfile=$(CURDIR)/tools/go.mod
MODULES := $(patsubst %/,%,$(dir $(wildcard go.mod */go.mod */*/go.mod)))
# The modules with code of ours: all but that of the tools.
CODE    := $(filter-out tools,$(MODULES))
# Those beneath the root, which ./... there leaves out.
NESTED  := $(filter-out .,$(CODE))
# Those that users may require.
PUBLISHED := . migrate/command cmd/dynarepo otel
# Packages whose tests need no engine, or one only in part.
PURE := ./iter ./key ./index ./cond ./internal/fields ./internal/codec

.DEFAULT_GOAL := help
.PHONY: help setup demo test newest ports api cover fuzz fuzz-short trust model bench bench-report docs lint fmt tidy tools house

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what is missing: Java, npm, DynamoDB Local, a C compiler
	go run ./repotest/setup -race

demo: ## Run the example on real data
	go run ./repotest/setup
	cd examples && go run ./cities

test: setup ## Run all tests with the race detector, and the allocation budgets
	go test -race -shuffle=on -timeout 20m ./...
	@go test -shuffle=on ./repo -args -wire & other=$$!; \
		go test -shuffle=on ./repo -args -standard; rc=$$?; wait $$other && exit $$rc
	@for dir in $(NESTED); do \
		echo "== $$dir"; (cd $$dir && go test $$([ $$dir = bench ] || echo -race) -shuffle=on ./...) || exit 1; \
	done

newest: setup ## Run the tests with the newest SDK; go.mod has the oldest that may be used
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && cp go.mod go.sum "$$dir" && \
		go get -modfile="$$dir/go.mod" -u ./... && go test -modfile="$$dir/go.mod" ./...

ports: ## Vet for 32-bit and big-endian machines; test with 32-bit integers what needs no engine
	@for dir in $(PUBLISHED); do for arch in 386 s390x; do \
		echo "== $$dir $$arch"; (cd $$dir && GOARCH=$$arch CGO_ENABLED=0 go vet ./...) || exit 1; \
	done; done
	@[ "$$(go env GOHOSTOS)/$$(go env GOHOSTARCH)" != linux/amd64 ] || \
		if GOARCH=386 CGO_ENABLED=0 go test -run '^$$' ./iter 2>&1 | grep -q 'exec format error'; then \
			echo "this machine runs no 32-bit programs: their tests are left out"; \
		else \
			GOARCH=386 CGO_ENABLED=0 go test $(PURE); \
		fi

api: ## Compare the exported API with the last release
	tools/api.sh "$(TOOL) apidiff"

cover: setup ## Print the coverage of each package; fail under COVER_MIN percent
	go test -coverprofile=cover.out \
		-coverpkg=$$(go list ./... | grep -vE '$(COVER_SKIP)' | paste -sd, -) ./...
	awk -v module=$$(go list -m) -v min=$(COVER_MIN) -f tools/cover.awk cover.out

fuzz: setup ## Run each fuzz target for FUZZTIME
	@for pkg in $$(go list ./...); do \
		targets=$$(go test -list '^Fuzz' $$pkg) || exit 1; \
		for target in $$(echo "$$targets" | grep '^Fuzz'); do \
			echo "== $$pkg $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$pkg || exit 1; \
		done; \
	done

fuzz-short: ## Run each fuzz target for 20 seconds
	@$(MAKE) --no-print-directory fuzz FUZZTIME=20s

trust: setup ## Run the long forms of the tests of what may go wrong
	go test -timeout 2h ./internal/trust -args -long

model: setup ## Compare random programs with the models of them, each for MODELTIME
	cd modeltest && go test -timeout 0 -v -model.time=$(MODELTIME) .

docs: ## Check the links and the samples of the documents, and run the first query
	go run ./repotest/setup
	go test -run 'TestDocs|TestReadme|TestFirstQuery' .

bench: setup ## Measure against the SDK and peers; print the ratios
	cd bench && go run ./cmd/ratios

bench-report: setup ## Measure at length; write bench/RESULTS.md and its plot
	cd bench && go run ./cmd/ratios -rounds 40 -report .

lint: ## Check format, vet, linters, modernity and module files
	@unformatted=$$($(TOOL) gofumpt -l .) && test -z "$$unformatted" || \
		{ echo "not formatted, run make fmt:"; echo "$$unformatted"; exit 1; }
	@for dir in $(CODE); do \
		(cd $$dir && go vet ./... && $(TOOL) golangci-lint run ./... && go fix -diff ./...) || exit 1; \
	done
	@for dir in $(MODULES); do (cd $$dir && go mod tidy -diff) || exit 1; done

house: ## Measure the packages: circles of files, sizes, exported names
	cd tools && go build -o ../bin/house ./house
	bin/house

fmt: ## Format the code
	$(TOOL) gofumpt -w .

tidy: ## Tidy every module file
	@for dir in $(MODULES); do (cd $$dir && go mod tidy) || exit 1; done

tools: ## Build the pinned tools, which takes minutes the first time
	cd tools && go build -o /dev/null tool
