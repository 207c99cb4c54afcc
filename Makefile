# Bevis. Bare `make` prints the targets; each recipe is one line or one script.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The product is pure Go: no compiler but Go's own is needed anywhere.
export CGO_ENABLED ?= 0

.PHONY: help run dev build test check unit e2e race bench generate fmt setup clean

help: ## this list
	@echo 'Bevis: from "what is SOC 2?" to a report whose every claim can be checked.'
	@echo
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo 'Go is needed for all of it. "make test" says, or as root on Debian installs, what else it needs.'

run: ## start the sample company in this terminal and print its address
	go run ./cmd/bevis demo --serve

dev: ## as run, rebuilt and restarted whenever a source file changes
	@./scripts/dev.sh

build: ## build bin/bevis, one static program
	go build -trimpath -o bin/bevis ./cmd/bevis

test: ## install what tests need, then pass everything: check, browser tests, Go tests
	@./scripts/test.sh

check: ## formatting, vet, linters, architecture, generated code, go.mod
	@./scripts/check.sh

unit: ## the Go tests alone, on SQLite and on a private PostgreSQL
	@./scripts/test-setup.sh go
	@./scripts/unit.sh

e2e: ## the browser tests alone, against a freshly built bin/bevis
	@./scripts/test-setup.sh browser
	@./scripts/e2e.sh

race: ## the Go tests under the race detector (needs a C compiler)
	@./scripts/race.sh

bench: ## every benchmark in bench/ once: product and peers in turns, ratios printed, no pass or fail
	@./scripts/bench.sh

generate: ## write the *_templ.go files anew from the .templ files
	@"$$(./scripts/tool.sh templ)" generate -log-level warn

fmt: ## format Go and templ sources in place
	@./scripts/fmt.sh

setup: ## install what the tests need (Debian, as root) or say what is missing
	@./scripts/test-setup.sh go browser

clean: ## remove everything make has built or kept
	@rm -rf bin .cache e2e/node_modules e2e/test-results e2e/playwright-report
	@echo 'removed bin, .cache and the browser tests'"'"' packages'
