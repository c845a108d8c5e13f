#!/bin/sh
# Makes .venv and installs the project into it: `sh tools/setup.sh lab` all that the notebooks need,
# `sh tools/setup.sh test` what the tests and the site need too. With PYTHON=python3.12 before it, from that Python.
set -eu
case "$0" in */*) cd "${0%/*}/.." ;; *) cd .. ;; esac

stop() {
    printf '\nStopped: %s\n' "$1" >&2
    exit 1
}

# The first Python that really runs the code $1: a pyenv shim may be there and fail.
find_python() {
    for name in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
        if "$name" -c "$1" >/dev/null 2>&1; then
            command -v "$name"
            return
        fi
    done
    return 1
}

recent='import sys; sys.exit(sys.version_info < (3, 11))'
python=.venv/bin/python
if [ "${OS:-}" = Windows_NT ]; then python=.venv/Scripts/python.exe; fi

if command -v uv >/dev/null 2>&1; then
    if ! "$python" -c "$recent" >/dev/null 2>&1; then
        base=$(find_python "$recent") || base=${PYTHON:-3.12}  # uv can fetch one itself
        echo "Making a Python environment in .venv with uv, from Python $base."
        rm -rf .venv
        uv venv --quiet --seed --python "$base" .venv || stop "Python 3.11 or newer is needed.
Install it (python.org/downloads, or your system's packages) and try again."
    fi
    install="uv pip install --python $python"
else
    if ! "$python" -c "import pip; $recent" >/dev/null 2>&1; then
        base=$(find_python "import ensurepip, venv; $recent") || {
            base=$(find_python "$recent") || stop "Python 3.11 or newer is needed, and none was found.
Install it and try again:
  Debian, Ubuntu    sudo apt install python3 python3-venv
  macOS             brew install python
  elsewhere         python.org/downloads"
            stop "$base lacks the modules that make an environment, venv and ensurepip.
Install them and try again:
  Debian, Ubuntu    sudo apt install ${base##*/}-venv"
        }
        echo "Making a Python environment in .venv, from $base."
        rm -rf .venv
        "$base" -m venv .venv
    fi
    install="$python -m pip install --disable-pip-version-check"
fi

echo "Installing the course into .venv, with all it needs: some 400 MB of disk the first time, so give it a minute."
if [ "$1" = test ]; then
    set -- lab test
    $install -r requirements.txt -e '.[test,site,cluster]'
else
    $install -r requirements.txt
fi || stop "the installation failed; the reason stands above. If the network was the reason, just try again."
for part; do touch ".venv/.$part"; done  # newer than what it was made from: nothing to do next time
