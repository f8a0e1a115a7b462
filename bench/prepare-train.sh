#!/usr/bin/env bash
# Prepares the peers of `make bench-train` in bench/.venv-train. Does it again
# only if requirements-train.txt changed. Debian's libopenblas0, if it is
# wanted, is `apt-get install libopenblas0`; rows that need it say so.
set -euo pipefail
cd "$(dirname "$0")"

venv=.venv-train
python=${PYTHON:-python3}

cmp -s requirements-train.txt $venv/requirements.txt && exit
echo "bench: installing PyTorch and TensorFlow into bench/$venv (7 GB)"
[ -x $venv/bin/python ] || "$python" -m venv $venv
$venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-train.txt
cp requirements-train.txt $venv/requirements.txt
