# Everything happens in .venv, which harness/setup/install.py makes on first use. Nothing else is touched.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
DEVICE ?= auto
SUITE ?= suites/soc_triage
BIN := .venv/bin
INSTALL := $(PYTHON) harness/setup/install.py --device $(DEVICE)

# Serve the demo model, MODEL, or ask a server that runs: only the first two need vLLM. The demo model hardly ever
# stops by itself: what it does shows in its first 128 tokens.
SERVE := $(if $(BASE_URL),--base-url '$(BASE_URL)'$(if $(MODEL), --model '$(MODEL)'),--serve "$$model")
RUN_FLAGS := $(if $(MODEL)$(BASE_URL),,--max-tokens 128) $(if $(OUT),--out '$(OUT)') $(if $(THINKING),--thinking '$(THINKING)') \
	$(if $(BASE_URL),,$(if $(TP),--tensor-parallel-size '$(TP)') $(foreach a,$(ADAPTERS),--adapter '$(a)')) \
	$(ARGS) $(if $(and $(VLLM_ARGS),$(if $(BASE_URL),,serve)),-- $(VLLM_ARGS))

.PHONY: help
help: ## This list
	@echo 'Targets:'
	@sed -n 's/^\([a-z-]*\):.*## /  \1|/p' Makefile | while IFS='|' read -r name text; do printf '  %-11s %s\n' $$name "$$text"; done
	@echo 'Variables:'
	@sed -n 's/^#: \([A-Z_]*\)  */  \1|/p' Makefile | while IFS='|' read -r name text; do printf '  %-10s %s\n' $$name "$$text"; done

#: MODEL      hub id or folder to serve (a small real model, made once); with BASE_URL its name there (the only one served)
#: BASE_URL   a server that runs, as http://host:8000/v1, or several separated by commas; installs no vLLM
#: SUITE      folder with the cases (suites/soc_triage)
#: ADAPTERS   LoRA adapters served beside MODEL, each a run of its own: "sft=PATH dpo=PATH"
#: THINKING   on or off, for models that can do both
#: TP         number of GPUs to split the model over
#: VLLM_ARGS  more flags for vLLM: "--max-model-len 16384"
#: OUT        folder for the run (reports/...)
#: RUN        make gate: the run to let through (the latest in reports/); make report: the run to show
#: BASELINE   make gate, make report: the baseline, by name or file, or another run's folder
#: POLICY     make gate: a file with the bounds (the suite's own)
#: A          make compare: a run's folder, a baseline's name, or MODEL@URL, which is asked SUITE first; B likewise
#: GPUS       make compare: how many GPUs serve A and B, as 8,1; with PRICE (of a GPU hour) and CURRENCY what answers cost
#: ARGS       more options of `harness run` (make compare: of `harness compare`): "--mode both"
#: DEVICE     auto, cpu or cuda: which build of vLLM to install
#: PYTHON     the Python 3.11 to 3.13 to build .venv with (python3)

.PHONY: eval
eval: ## Set up, serve a model and run a suite against it
ifneq ($(BASE_URL),)
	@$(INSTALL)
	@$(BIN)/harness run '$(SUITE)' $(SERVE) $(RUN_FLAGS)
else
	@$(INSTALL) --vllm
	@model='$(MODEL)'; test -n "$$model" || model=$$($(BIN)/harness demo-model) && \
		$(BIN)/harness run '$(SUITE)' $(SERVE) $(RUN_FLAGS)
endif

.PHONY: gate
gate: ## Hold a run against a baseline: exit code 0 passed, 1 failed, 3 not comparable
	@$(INSTALL)
	@$(BIN)/harness gate $(if $(RUN),'$(RUN)') $(if $(BASELINE),--baseline '$(BASELINE)') $(if $(POLICY),--policy '$(POLICY)') $(ARGS)

.PHONY: table
table: ## Put stages side by side: STAGES="base=RUN sft=RUN", runs or baselines; OUT=stages.md, .csv or .tex writes them
	@$(INSTALL)
	@$(BIN)/harness table $(foreach s,$(STAGES),'$(s)') $(if $(OUT),--out '$(OUT)') $(ARGS)

.PHONY: report
report: ## Make the HTML page of RUN (the latest), against BASELINE or not, or of STAGES="base=RUN sft=RUN"; OUT=page.html
	@$(INSTALL)
	@$(BIN)/harness report $(if $(RUN),'$(RUN)') $(foreach s,$(STAGES),'$(s)') $(if $(BASELINE),--baseline '$(BASELINE)') \
		$(if $(OUT),--out '$(OUT)') $(ARGS)

.PHONY: compare
compare: ## Hold one model against another: A=... B=..., each a run, a baseline or MODEL@URL
	$(if $(and $(A),$(B)),,$(error make compare needs A=... and B=..., each a run, a baseline or MODEL@URL))
	@$(INSTALL)
	@$(BIN)/harness compare $(if $(findstring ://,$(A)$(B)),--suite '$(SUITE)' $(if $(OUT),--out '$(OUT)') \
		$(if $(THINKING),--thinking '$(THINKING)')) $(if $(GPUS),--gpus '$(GPUS)') $(if $(PRICE),--price '$(PRICE)') \
		$(if $(CURRENCY),--currency '$(CURRENCY)') $(ARGS) '$(A)' '$(B)'

.PHONY: lint-suites
lint-suites: ## Hold every suite in suites/ against the rules that make gold beyond dispute
	@$(INSTALL)
	@$(BIN)/harness lint $(patsubst %/suite.yaml,%,$(wildcard suites/*/suite.yaml)) $(ARGS)

.PHONY: test
test: ## Set up and run all tests, those on a real vLLM server included
	@$(INSTALL) --dev --vllm
	@$(BIN)/python -m pytest $(ARGS)

# Images often forbid compiled files; each worker and each command under test would compile all anew.
.PHONY: check
check: export PYTHONDONTWRITEBYTECODE =
check: ## Quick gate: format, lint, types, floors, unit tests, the suites linted; installs no vLLM
	@$(INSTALL) --dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -m 'not vllm and not slow' --hypothesis-profile quick -n auto $(ARGS)

.PHONY: bench
bench: ## Set up and measure what the harness itself costs, against a bare loop and on a real server
	@$(INSTALL) --dev --vllm
	@$(BIN)/python tests/bench/bench.py $(ARGS)

.PHONY: format
format: ## Format the code and mend what the linter can
	@$(INSTALL) --dev
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

.PHONY: clean
clean: ## Remove caches of tools; .venv, reports and models stay
	rm -rf .ruff_cache .mypy_cache .pytest_cache .hypothesis .import_linter_cache build *.egg-info
