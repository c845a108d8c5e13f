# Type `make` to see what it can do. Everything is installed into .venv here and nowhere else;
# `make lab PYTHON=python3.12` chooses the Python that .venv is made from.
BIN := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
AS_ROOT = $$(test "$$(id -u)" != 0 || echo --allow-root)
NBVAL = --nbval --nbval-current-env --nbval-cell-timeout 60
# A file is run by one process, so that a notebook keeps its kernel; the slowest files come first.
TOGETHER = --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.PHONY: help lab test bench refresh site soak rerun mutants

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:/ {printf "make %-8s %s\n", $$1, $$2}' Makefile

lab: .venv/.lab ## open the notebooks in JupyterLab
	@echo "Opening JupyterLab in your browser; if no window appears, copy the address with ?token= from below. To stop it: Ctrl+C here, then y."
	@$(BIN)/python -m jupyterlab $(AS_ROOT) --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb

test: .venv/.test ## run every test and every notebook, comparing what it prints with what is stored
	@$(BIN)/python -m pytest $(TOGETHER) $(NBVAL) tests/browser notebooks tests gdlab

bench: .venv/.test ## measure gdlab against the alternatives and print one table
	@$(BIN)/python benchmarks/run.py

refresh: .venv/.test ## run every notebook and store its outputs: nothing else writes them
	@$(BIN)/python tools/refresh.py

site: .venv/.test ## build the pages that need no kernel, into build/site/html
	@$(BIN)/python tools/site.py

soak: .venv/.test ## move explorers ten thousand times, and see that nothing grows
	@$(BIN)/python tools/soak.py

mutants: .venv/.test ## break gdlab in small ways and count what the tests notice (M="losses data" for these only)
	@$(BIN)/python -m pip install --quiet -c constraints.txt mutmut==3.8.1
	@$(BIN)/python tools/mutants.py $(M)

rerun: .venv/.test ## run every notebook ten times, and see that it prints the same
	@$(BIN)/python tools/rerun.py

.venv/.lab .venv/.test: pyproject.toml requirements.txt constraints.txt tools/setup.sh
	@sh tools/setup.sh $(@:.venv/.%=%)
