.DEFAULT_GOAL := help
JAR := target/quarkus-app/quarkus-run.jar
SOURCES := pom.xml $(shell find src/main camel-k -type f 2>/dev/null)
MVN ?= mvn
CLASSPATH_FILE := target/bench.classpath
CHROME := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
TEST_TOOLS := curl chromedriver $(if $(CHROME),,chromium)

.PHONY: help run build test tools docs start-classes bench drill soak security sbom reproducible format clean java

help: ## lists the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

run: java $(JAR) ## builds what is missing and runs the hub in its demo profile
	@./uns-hub run --profile demo || { code=$$?; [ $$code -eq 130 ] || [ $$code -eq 143 ] || exit $$code; }

build: java $(JAR) ## builds the program

test: java tools ## runs all tests
	@rm -rf target/route-coverage
	@$(MVN) -B -ntp verify $(if $(PROMTOOL),-Dunshub.promtool=$(PROMTOOL))
	@./uns-hub routes coverage src/main/resources/routes/*.yaml --minimum 100

start-classes: java ## lists anew which classes a start needs, after an update of dependencies
	@: > src/main/resources/start-classes.txt
	@$(MVN) -B -ntp -q package -DskipTests
	@.ci/start-classes > target/start-classes.txt
	@mv target/start-classes.txt src/main/resources/start-classes.txt

tools: ## gets what the tests need and the machine lacks: promtool for the alert rules, Chromium for the console, curl for the pages
	@[ -n '$(PROMTOOL)' ] || command -v promtool >/dev/null || [ -x .tools/promtool ] || .ci/fetch-promtool
	@for tool in $(TEST_TOOLS); do \
	    command -v $$tool >/dev/null 2>&1 && continue; \
	    if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	        echo "installing Chromium and curl for the tests of console and pages ..."; \
	        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium chromium-driver curl >/dev/null && break; \
	    fi; \
	    echo "make tools: $$tool is missing, which the tests of console and pages need; install it, as in: apt-get install chromium chromium-driver curl" >&2; \
	    exit 2; \
	done

docs: java ## writes the generated parts of the pages
	@$(MVN) -B -q test -Dtest=PagesTest#hasGeneratedPartsThatAreCurrent -Dunshub.docs.write=true

bench: java $(JAR) ## measures; writes docs/benchmarks.json and docs/benchmarks.md
	@$(MVN) -B -q test-compile dependency:build-classpath -Dmdep.outputFile=$(CLASSPATH_FILE) -Dmdep.includeScope=test
	@java -cp target/test-classes:target/classes:$$(cat $(CLASSPATH_FILE)) io.unshub.bench.Bench $(ARGS)

drill: java $(JAR) ## rehearses every fault, thoroughly; writes docs/resilience/drills.json
	@./uns-hub drill all --thorough --report docs/resilience/drills.json

soak: java $(JAR) ## cuts the wires of fifty devices and publishers 1,000 times; writes docs/resilience/soak.json
	@$(MVN) -B -q test-compile dependency:build-classpath -Dmdep.outputFile=$(CLASSPATH_FILE) -Dmdep.includeScope=test
	@java -Xmx700m -Djava.util.logging.manager=org.jboss.logmanager.LogManager -cp target/test-classes:target/classes:$$(cat $(CLASSPATH_FILE)) io.unshub.load.QuietMain io.unshub.collect.Soak 1000 docs/resilience/soak.json

security: java $(JAR) ## tries to break in, in every way of docs/security/negative-suite.md; writes its result beside it
	@$(MVN) -B -q test-compile dependency:build-classpath -Dmdep.outputFile=$(CLASSPATH_FILE) -Dmdep.includeScope=test
	@java -Djava.util.logging.manager=org.jboss.logmanager.LogManager -cp target/test-classes:target/classes:$$(cat $(CLASSPATH_FILE)) io.unshub.security.NegativeSuite $(ARGS)

sbom: java ## writes target/sbom.json: what the program is made of, with licences, in CycloneDX form
	@$(MVN) -B -q cyclonedx:makeBom@sbom

reproducible: java ## builds the last commit twice and compares each file
	@MVN='$(MVN)' .ci/reproducible

format: ## formats the sources
	@$(MVN) -B -q spotless:apply

clean: ## removes what was built; data/ stays
	@rm -rf target

java:
	@./uns-hub check-java

$(JAR): $(SOURCES)
	@echo "building ..."
	@$(MVN) -B -ntp -q package -DskipTests
	@touch $(JAR)
