# `make help` lists the targets. MVN_ARGS goes to Maven, ARGS to what `run` and `migrate` start,
# BENCH_ARGS to the benchmarks.

.DEFAULT_GOAL := help
.NOTPARALLEL:

ARGS ?=
MVN_ARGS ?=

# A Maven 3.8.1 or newer on the PATH, or else the wrapper, which downloads the one that it pins.
MVN ?= $(shell mvn -v 2>/dev/null | sed -n 's/.*Apache Maven \([0-9.]*\).*/\1/p' | \
	awk -F . '$$1 == 3 && $$2 * 100 + $$3 >= 801 { found = 1 } END { print found ? "mvn" : "./mvnw" }')
MAVEN = $(MVN) -B -ntp \
	-Dbuild.commit=$$(git rev-parse --short HEAD 2>/dev/null || echo unknown) \
	-Dbuild.time=$$(date -u +%Y-%m-%dT%H:%M:%SZ) $(MVN_ARGS)

JAR := job/target/streamforge.jar
STAMP := deploy/local/target/build.stamp
POMS := pom.xml job/pom.xml deploy/flink/pom.xml deploy/local/pom.xml
# Directories too: their time changes where a file is removed.
SOURCES := $(POMS) $(shell find job/src/main deploy/local/src/main sql)

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo '  make run ARGS="--help"             what run takes'
	@echo '  make test-unit MVN_ARGS="-pl job"  any of Maven'"'"'s options'

.PHONY: setup
setup: ## check the JDK and fetch everything that building and testing need
	@javac=$${JAVA_HOME:+$$JAVA_HOME/bin/}javac; \
	version=$$($$javac -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p'); \
	if [ -z "$$version" ]; then \
		echo "no JDK: install JDK 17 or newer, or set JAVA_HOME to one" >&2; exit 1; \
	elif [ "$$version" -lt 17 ]; then \
		echo "JDK $$version is too old: install JDK 17 or newer, or set JAVA_HOME to one" >&2; exit 1; \
	fi; \
	echo "JDK $$version, $(MVN); a first time downloads several hundred MB"
# One short test, since only a run of tests fetches what runs them.
	$(MAVEN) -Pcoverage spotless:check verify -Dtest=SecretTest -Dit.test=none \
		-Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false
	@echo "ready: make run, make test"

.PHONY: build
build: $(STAMP) ## build the job's jar and the launcher, where sources have changed

$(STAMP) $(JAR) &: $(SOURCES)
	$(MAVEN) package -Dmaven.test.skip=true -pl '!deploy/bench'
	@touch $(JAR) $(STAMP)

.PHONY: run
run: build ## run the whole pipeline on this machine; ARGS="--events 200000 --rate 20000"
	@exec deploy/local/streamforge-local $(ARGS)

.PHONY: watch
watch: ## rebuild and run the unit tests at every change; Ctrl-C ends it
	@trap 'exit 0' INT TERM; seen=; \
	while :; do \
		now=$$(find $(POMS) job/src deploy/local/src sql -type f -exec cksum {} + | sort | cksum); \
		if [ "$$now" != "$$seen" ]; then \
			seen=$$now; \
			if $(MAVEN) test; then verdict=passed; else verdict=FAILED; fi; \
			echo; \
			echo "== $$verdict; waiting for a change; Ctrl-C ends it"; \
		fi; \
		sleep 1; \
	done

.PHONY: test
test: ## all tests, unit and integration, of all modules
	$(MAVEN) verify

.PHONY: test-unit
test-unit: ## the unit tests (*Test)
	$(MAVEN) test

.PHONY: test-integration
test-integration: ## the integration tests (*ITCase): real Kafka, Postgres and Flink on this machine
	$(MAVEN) verify -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false

.PHONY: test-faults
test-faults: ## every fault, the long ones too: kills, outages, refusals; prints a table
	$(MAVEN) -Pfaults verify -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false \
		-Dit.test='*FaultsITCase' -Dfailsafe.failIfNoSpecifiedTests=false
	@cat deploy/local/target/faults.md

BENCH_ARGS ?=
BENCH_JAVA = $(MAVEN) -q -Pbench package -Dmaven.test.skip=true && \
	exec $${JAVA_HOME:+$$JAVA_HOME/bin/}java -Xmx1g -Dstreamforge.log.dir=deploy/bench/target/log \
	-cp "deploy/bench/target/classes:deploy/bench/target/lib/*"
BENCH = $(BENCH_JAVA) io.streamforge.bench.Bench
RESULTS := deploy/bench/target/results

.PHONY: bench
bench: ## throughput beside limits and peers; BENCH_ARGS="--events 300000 --rounds 1"
	@$(BENCH) throughput $(BENCH_ARGS)

.PHONY: bench-latency
bench-latency: ## from produced to committed in Postgres, at 10,000 and 50,000 events/s
	@$(BENCH) latency $(BENCH_ARGS)

.PHONY: bench-scale
bench-scale: ## the cost of an event as table, topic and events grow; BENCH_ARGS="--only table"
	@$(BENCH) scale $(BENCH_ARGS)

.PHONY: bench-micro
bench-micro: ## single parts beside the plain ones, with JMH; BENCH_ARGS="Parser -f 3"
	@mkdir -p $(RESULTS)
	@$(BENCH_JAVA) org.openjdk.jmh.Main -foe true -prof gc -rf json -rff $(RESULTS)/micro.json \
		$(BENCH_ARGS)

.PHONY: lint
lint: ## format, compiler warnings as errors, converging dependencies
	$(MAVEN) spotless:check test-compile

.PHONY: fmt
fmt: ## format all Java sources
	$(MAVEN) spotless:apply

.PHONY: coverage
coverage: ## all tests with JaCoCo, and where its HTML is
	$(MAVEN) -Pcoverage verify
	@for module in job deploy/local; do echo "$$module/target/site/jacoco/index.html"; done

.PHONY: pre-commit
pre-commit: lint test-unit ## what a commit should pass: lint and test-unit

.PHONY: migrate
migrate: ## create or update the tables in the database of POSTGRES_URL
	@if [ -z "$$POSTGRES_URL$$POSTGRES_URL_FILE" ]; then \
		echo "set POSTGRES_URL, for example:" >&2; \
		echo "  POSTGRES_URL=postgresql://owner:secret@localhost:5432/events make migrate" >&2; \
		exit 2; \
	fi
	@$(MAKE) --no-print-directory build
	@exec $${JAVA_HOME:+$$JAVA_HOME/bin/}java -jar $(JAR) migrate $(ARGS)

IMAGE ?= streamforge:0.1.0

.PHONY: docker-build
docker-build: build ## build the image, with the jar and what Maven collects for it; IMAGE=name:tag
	$(MAVEN) -f deploy/flink/pom.xml dependency:copy@image
	docker build -t $(IMAGE) -f deploy/docker/Dockerfile .

.PHONY: docker-up
docker-up: docker-build ## the whole system in containers; ARGS="--scale taskmanager=3"
	STREAMFORGE_IMAGE=$(IMAGE) docker compose up --wait $(ARGS)

.PHONY: docker-down
docker-down: ## stop the containers; a later docker-up goes on where they were
	docker compose down

# The end-to-end tests that make test runs on processes of this machine.
CONTAINER_TESTS := PipelineITCase,TransactionsITCase,DeadLettersITCase

.PHONY: test-docker
test-docker: ## image, compose file and end-to-end tests in containers; skipped without Docker
	@if docker info >/dev/null 2>&1; then \
		$(MAKE) --no-print-directory docker-build && \
		$(MAVEN) -Pdocker verify -Dit.test='Docker*ITCase' -Dtest=none \
			-Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false && \
		$(MAVEN) verify -Dstack=containers -Dit.test=$(CONTAINER_TESTS) -Dtest=none \
			-Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false; \
	else \
		echo "SKIPPED: no Docker engine answers, so nothing is tested in containers"; \
	fi

RELEASE ?= $(shell sed -n 's/^  <version>\(.*\)<\/version>/\1/p' pom.xml)

.PHONY: savepoint
savepoint: ## keep a savepoint of this release, which the tests of later ones restore
	$(MAVEN) verify -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false \
		-Dit.groups=savepoint -Dit.excludedGroups= -Dit.test=ReleasedStateITCase \
		-Dfailsafe.failIfNoSpecifiedTests=false -Drelease=$(RELEASE)

.PHONY: clean
clean: ## remove what was built, not data/
	rm -rf target job/target deploy/*/target
