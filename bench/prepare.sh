#!/usr/bin/env bash
# Prepares the peers of `make bench-spectra`: Python's in bench/.venv, and
# kaldi-native-fbank as C++ programs in bench/.cache/knf, once as shipped and
# once with its FFT plan kept (knf-plan.sed). Does again only what changed.
#
# kaldi-native-fbank's source is on PyPI; its build fetches kissfft, which we
# take from Debian's source package, or from the folder that KISSFFT_DIR names.
# What cannot be built is no error here: the reason goes to why-not.txt, and
# from there into the benchmark's rows.
set -euo pipefail
cd "$(dirname "$0")"

venv=.venv knf=.cache/knf
python=${PYTHON:-python3}

prepare_python() {
  local stamp=$venv/requirements.txt
  cmp -s requirements.txt "$stamp" && return
  echo "bench: installing the Python peers into bench/$venv (some GB, most of it torch)"
  [ -x $venv/bin/python ] || "$python" -m venv $venv
  # python_speech_features 0.6 has no wheel, and builds with the setuptools of old
  $venv/bin/python -m pip install --quiet --disable-pip-version-check setuptools wheel
  $venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
  cp requirements.txt "$stamp"
}

# fail says why the C++ programs are not there, and ends the script in peace.
fail() {
  echo "$1" >$knf/why-not.txt
  echo "bench: kaldi-native-fbank in C++ is left out: $1"
  exit 0
}

# fetch_kissfft leaves kissfft's source in $knf/kissfft.
fetch_kissfft() {
  if [ -n "${KISSFFT_DIR:-}" ]; then
    cp -r "$KISSFFT_DIR" $knf/kissfft
    return
  fi
  command -v apt-get >/dev/null || fail "no apt-get to take kissfft's source from: set KISSFFT_DIR"
  # apt's own sources, as source packages, with lists of our own: no root needed
  local apt=$PWD/$knf/apt
  mkdir -p "$apt"/{parts,lists/partial,cache/archives/partial}
  for f in /etc/apt/sources.list /etc/apt/sources.list.d/debian.*; do
    [ -f "$f" ] && sed -E 's/^Types: deb$/Types: deb-src/; s/^deb /deb-src /' "$f" >"$apt/parts/$(basename "$f" | sed 's/^sources.list$/main.list/')"
  done
  local options=(-q -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$apt/parts"
    -o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt/cache")
  [ "$(id -u)" = 0 ] && options+=(-o APT::Sandbox::User=root)
  (apt-get "${options[@]}" update && cd $knf && apt-get "${options[@]}" source --download-only kissfft) \
    >$knf/apt.log 2>&1 || fail "apt-get has no source package of kissfft (bench/$knf/apt.log): set KISSFFT_DIR"
  mkdir -p $knf/kissfft
  tar xzf $knf/kissfft_*.orig.tar.gz -C $knf/kissfft --strip-components=1
}

# compile SOURCES PROGRAM builds our server with their files.
compile() {
  g++ -std=c++17 -O3 -march=native -DNDEBUG -DPEER="\"$3\"" -I"$1" -I$knf/kissfft \
    -o "$2" knf.cc $(ls "$1"/kaldi-native-fbank/csrc/*.cc | grep -vE '/(test-|log\.cc)') \
    -x c++ $knf/kissfft/kiss_fft.c $knf/kissfft/kiss_fftr.c >>$knf/build.log 2>&1 ||
    fail "g++ failed (bench/$knf/build.log)"
}

prepare_knf() {
  local version stamp
  version=$(sed -n 's/^kaldi-native-fbank==//p' requirements.txt)
  stamp=$(cat prepare.sh knf.cc knf-plan.sed requirements.txt | sha256sum)
  [ "$(cat $knf/stamp 2>/dev/null)" = "$stamp" ] && return
  echo "bench: building kaldi-native-fbank $version in bench/$knf"
  rm -rf $knf && mkdir -p $knf/shipped
  command -v g++ >/dev/null || fail "no g++"
  $venv/bin/python -m pip download --quiet --no-deps --no-binary :all: -d $knf "kaldi-native-fbank==$version" >$knf/pip.log 2>&1 ||
    fail "pip has no source of kaldi-native-fbank $version (bench/$knf/pip.log)"
  tar xzf $knf/kaldi_native_fbank-*.tar.gz -C $knf/shipped --strip-components=1
  fetch_kissfft
  cp -r $knf/shipped $knf/kept
  sed -E -i -f knf-plan.sed $knf/kept/kaldi-native-fbank/csrc/rfft.cc
  [ "$(grep -c plan_ $knf/kept/kaldi-native-fbank/csrc/rfft.cc)" = 4 ] || fail "knf-plan.sed does not fit kaldi-native-fbank $version"
  compile $knf/shipped $knf/knf-shipped "kaldi-native-fbank $version (C++)"
  compile $knf/kept $knf/knf-kept "kaldi-native-fbank $version (C++, FFT plan kept)"
  echo "$stamp" >$knf/stamp
}

prepare_python
prepare_knf
