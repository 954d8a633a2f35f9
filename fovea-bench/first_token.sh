#!/bin/sh
# Seconds from the start of the process to the first character of the answer, in fresh processes; the worst counts.
# fovea-bench/first_token.sh MODEL [RUNS] [OPTIONS OF generate ...]
here=$(cd "$(dirname "$0")/.." && pwd)
model=$1
runs=${2:-10}
[ $# -ge 2 ] && shift
shift
"$here/fovea" generate "$model" "Hello" --max-tokens 1 "$@" >/dev/null 2>&1 # builds, and writes the archive of classes
for _ in $(seq "$runs"); do
    start=$(date +%s%N)
    "$here/fovea" generate "$model" "Why is the sky blue?" --raw --greedy --max-tokens 1 "$@" 2>/dev/null |
        { head -c 1 >/dev/null && date +%s%N; cat >/dev/null; } | { read -r end && echo $(((end - start) / 1000000)); }
done | sort -n | awk '{ t[NR] = $1 } END { printf "%d runs: best %.2f s, median %.2f s, worst %.2f s\n", NR, t[1] / 1e3, t[int((NR + 1) / 2)] / 1e3, t[NR] / 1e3 }'
