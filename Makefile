# Everything that is done with the project is a target here; CI calls nothing else.
# `make` alone prints the list.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

# Where `make run` keeps its store, where it listens and what the zone of a new store is.
DATA ?= .build/data
LISTEN ?= 127.0.0.1:50051
TIME_ZONE ?= Asia/Shanghai
# `make test FILTER=StoreTests` runs the tests whose name matches.
FILTER ?=
# Tests at one time. All at once, those that wait for a server or a clock starve behind those that work.
TEST_WIDTH ?= 12
# How long `make fuzz` runs for each target, and the target if it is to be one only.
SECONDS ?= 60
TARGET ?=
# What `make sanitize` looks for: thread, address, or both if empty.
SANITIZER ?=
# Rounds of each test of `make crash`; the tests alone take a few, by a seed that they print.
ROUNDS ?= 200
# Further options of the server (`make run`) and of the benchmarks (`make bench`).
ARGS ?=

.PHONY: help setup build test run demo protos check format interop fuzz sanitize crash bench up down clean

help: ## print this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  variables: DATA=$(DATA) LISTEN=$(LISTEN) TIME_ZONE=$(TIME_ZONE) FILTER= ARGS="

setup: ## install the Debian packages that are missing
	@scripts/setup.sh

build: ## build the server and the command line in release mode
	@scripts/setup.sh build
	@scripts/release.sh

test: ## run all tests (FILTER=name for some)
	@scripts/setup.sh build run test
	swift test --disable-xctest --experimental-maximum-parallelization-width $(TEST_WIDTH) $(if $(FILTER),--filter $(FILTER))

run: ## build and run the server (DATA, LISTEN, TIME_ZONE, ARGS)
	@scripts/setup.sh build run
	@folder=$$(scripts/release.sh newsrpc-server) && mkdir -p "$(DATA)" && \
		exec "$$folder/newsrpc-server" --data "$(DATA)" --listen "$(LISTEN)" --time-zone "$(TIME_ZONE)" $(ARGS)

demo: ## build, serve, import the samples, list and show them, stop
	@scripts/setup.sh build run
	@scripts/demo.sh

protos: ## generate code from Protos/ anew
	@scripts/setup.sh build protos
	@scripts/protos.sh

check: ## formatting, generated code and the rules of the repository
	@scripts/setup.sh build protos run test
	scripts/lint.sh
	scripts/protos.sh --check
	swift test --disable-xctest --filter TidyTests

format: ## format the Swift sources
	@scripts/lint.sh --fix

interop: ## gRPC's interop tests with grpcio, as server and as client
	@scripts/setup.sh build run test
	swift build --product newsrpc-interop
	@Tests/Conformance/prepare.sh .build/conformance
	Tests/Conformance/interop.sh "$$(swift build --show-bin-path)" .build/conformance

fuzz: ## let libFuzzer look for trouble: 60 s for each target (SECONDS=n, TARGET=name for one)
	@scripts/setup.sh build
	scripts/fuzz.sh $(SECONDS) $(TARGET)

sanitize: ## all tests under the thread and address sanitizers (SANITIZER=thread, FILTER=name); an hour
	@scripts/setup.sh build run test
	@scripts/sanitize.sh $(SANITIZER) $(if $(FILTER),-- $(FILTER))

crash: ## kill the server while it imports, end it and fail its disk at every call, flip its pages (ROUNDS)
	@scripts/setup.sh build run test
	@scripts/crash.sh
	NEWSRPC_ROUNDS=$(ROUNDS) swift test --disable-xctest --filter 'DiskFaultTests|DamagedShardTests|RecoveryCrashTests'

bench: ## compare with the C mirrors and nghttpd (ARGS)
	@scripts/setup.sh
	@Benchmarks/run.sh $(ARGS)

up: ## build the image and start the server in a container
	docker compose up --build --detach --wait server

down: ## stop the container; the volume stays
	docker compose --profile demo down

clean: ## remove everything that was built
	rm -rf .build
