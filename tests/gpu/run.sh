#!/usr/bin/env bash
# Everything that needs a GPU, from a bare checkout and without a network: installs, tests, measures, and says what came of it.
#
#     tests/gpu/run.sh [tests|bench|curves|all] [arguments for pytest]
#
# Environment:
#     WHEELS   folder of wheels that this Python lacks (default .whl); taken without their dependencies, into a temporary folder
#     OUT      where results go (default bench/results)
#     PYTHON   the interpreter (default python3)
#     LIMIT    seconds for the tests (default 1500), BENCH_LIMIT for the measurements (default 900),
#              CURVES_BUDGET for the curves (default 150)
# Ends with 0 only if everything that was asked for succeeded.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2

what=${1:-all}
case $what in
tests | bench | curves | all) shift $(($# > 0 ? 1 : 0)) ;;
-*) what=all ;;
*)
    echo "usage: $0 [tests|bench|curves|all] [arguments for pytest]" >&2
    exit 2
    ;;
esac
python=${PYTHON:-python3}
wheels=${WHEELS:-.whl}
out=${OUT:-bench/results}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$out" || exit 2
summary=()
failed=0

export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore
# A kernel that is loaded at its first launch would wait there for the one that waits for the host.
export CUDA_MODULE_LOADING=EAGER
# The checkout's own hostcall/ has no extension: it must not come before the installed one.
export PYTHONSAFEPATH=1
# Each pipe of the residency tests is two descriptors of this process.
ulimit -n "$(ulimit -Hn)" 2>/dev/null || true

note() {
    summary+=("$1")
    printf '\n== %s\n' "$1"
}

# step NAME SECONDS COMMAND...: runs it with a time limit and notes how it ended.
step() {
    local name=$1 limit=$2 began=$SECONDS status
    shift 2
    printf '\n== %s\n' "$name"
    timeout --kill-after=20 "$limit" "$@"
    status=$?
    case $status in
    0) note "$(printf '%-34s ok      %4d s' "$name" $((SECONDS - began)))" ;;
    124 | 137) note "$(printf '%-34s FAILED  %4d s (time limit of %s s)' "$name" $((SECONDS - began)) "$limit")" ;;
    *) note "$(printf '%-34s FAILED  %4d s (status %s)' "$name" $((SECONDS - began)) "$status")" ;;
    esac
    [ "$status" -eq 0 ] || failed=1
    return "$status"
}

finish() {
    printf '\n%s\n' "======================================================================== summary"
    printf '%s\n' "${summary[@]}"
    if [ -f "$scratch/tests.log" ]; then
        grep -aE '^(FAILED|ERROR) ' "$scratch/tests.log" | head -40
        tail -n 1 "$scratch/tests.log"
    fi
    [ -f "$scratch/bench.log" ] && tail -n 40 "$scratch/bench.log"
    [ "$failed" -eq 0 ] && echo "all good" || echo "FAILED"
    exit "$failed"
}

# -- what this Python lacks
if compgen -G "$wheels/*.whl" >/dev/null; then
    # Newer packages of the image win over carried ones only where the carried one does not fit this Python.
    for wheel in "$wheels"/*.whl; do
        timeout 120 "$python" -m pip install --quiet --no-index --no-deps --target "$scratch/site" "$wheel" \
            2>>"$scratch/pip.log" || printf 'left out: %s\n' "$(basename "$wheel")"
    done
    export PYTHONPATH="$scratch/site${PYTHONPATH:+:$PYTHONPATH}"
fi

# -- the package itself: by pip where it can, else built and laid out by hand
install() {
    "$python" -m pip install --quiet --no-index --no-deps --no-build-isolation --target "$scratch/package" . && return 0
    echo "pip cannot build it here; building by hand"
    # Old build tools stumble over pyproject.toml, which the extension does not need.
    mkdir -p "$scratch/source" "$scratch/package/hostcall" &&
        cp -r setup.py hostcall transports host_services libc_facade configs "$scratch/source/" &&
        (cd "$scratch/source" && "$python" setup.py --quiet build_ext --inplace) &&
        cp -r "$scratch/source/hostcall/." "$scratch/package/hostcall/" &&
        cp -r transports host_services libc_facade configs "$scratch/package/hostcall/"
}
step "install" 600 bash -c "$(declare -f install); python=$python scratch=$scratch; install" || finish
export PYTHONPATH="$scratch/package${PYTHONPATH:+:$PYTHONPATH}"
(cd / && timeout 60 "$python" -c 'import hostcall, sys; print("hostcall", hostcall.__file__)') ||
    { failed=1; note "import hostcall                    FAILED"; finish; }
[ "$what" = tests ] || [ "$what" = all ] && rm -f "$out/gpu-tests.xml"

# Without a device every test would be skipped, which must not look like success.
probe='import sys, hostcall
found = hostcall.transports.find("pinned-ring").probe(hostcall.load_config())
print(found.device or found.reason)
sys.exit(not found.works)'
step "a CUDA device" 120 "$python" -c "$probe" || finish

cli='import sys; from hostcall.bench.cli import main; sys.exit(main())'
nvidia-smi --query-gpu=name,driver_version,pstate,clocks.sm --format=csv,noheader 2>/dev/null | head -4
timeout --kill-after=20 120 "$python" -c "$cli" doctor 2>&1 | head -60

if [ "$what" = tests ] || [ "$what" = all ]; then
    # pipefail: the status is pytest's, not tee's.
    step "pytest -m gpu" "${LIMIT:-1500}" bash -o pipefail -c \
        '"$0" -m pytest -m gpu -q -p no:cacheprovider --junitxml="$1" "${@:3}" 2>&1 | tee "$2"' \
        "$python" "$out/gpu-tests.xml" "$scratch/tests.log" "$@"
    step "pytest tests/test_generated_code.py" 600 "$python" -m pytest -q -p no:cacheprovider tests/test_generated_code.py
fi
if [ "$what" = bench ] || [ "$what" = all ]; then
    step "hostcall-bench compare" "${BENCH_LIMIT:-900}" bash -o pipefail -c \
        '"$0" -c "$3" compare --json "$1/compare.json" --csv "$1/compare.csv" 2>&1 | tee "$2"' \
        "$python" "$out" "$scratch/bench.log" "$cli"
fi
if [ "$what" = curves ] || [ "$what" = all ]; then
    budget=${CURVES_BUDGET:-150}
    # Pictures only where there is something to draw them with; `hostcall-bench curves --from` draws them elsewhere.
    plot=--plot
    "$python" -c 'import matplotlib' 2>/dev/null || plot=--no-plot
    step "hostcall-bench curves" $((budget + 60)) "$python" -c "$cli" curves --budget "$budget" "$plot" --out "$out"
fi
finish
