#!/bin/sh
# Kills a real training run with kill -9 at random moments, resumes it each time, and compares the end with a run that was
# never killed, bit for bit.
#
#   fovea-bench/kill_resume.sh [KILLS] [FOLDER]
set -eu
kills=${1:-20}
work=${2:-$(mktemp -d)}
here=$(cd "$(dirname "$0")/.." && pwd)
cat > "$work/config.yaml" <<'YAML'
model: {imageSize: 32, patchSize: 4, width: 64, depth: 2, mlpDim: 128, numHeads: 4}
data: {path: set below, evalSplit: test}
augment:
  - {op: randomCrop, size: 32, padding: 2}
  - {op: flipLeftRight}
  - {op: valueRange}
preprocess: [valueRange]
optim: {rule: {name: adam}, lr: 1e-3, schedule: {decay: cosine, warmup: {percent: 0.1}}}
train: {steps: 1500, batchSize: 32, saveEvery: 20, logEvery: 50, ema: {decay: 0.99}}
labelSmoothing: 0.1
mixup: 0.2
YAML
"$here/fovea" draw "$work/data" --count 1000 --test 200 2>/dev/null
train() { "$here/fovea" train "$work/config.yaml" --out "$1" --threads 1 "data.path=$work/data" >>"$1.log" 2>&1; }

start=$(date +%s)
train "$work/whole"
whole=$(($(date +%s) - start))
echo "the uninterrupted run took $whole s"
done=0
while [ "$done" -lt "$kills" ]; do
    "$here/fovea" train "$work/config.yaml" --out "$work/killed" --threads 1 "data.path=$work/data" >>"$work/killed.log" 2>&1 &
    pid=$!
    # from its first second to a fifth of the whole: while it loads, steps, and writes checkpoints
    sleep "$(awk -v s="$(od -An -N4 -tu4 /dev/urandom)" -v w="$whole" 'BEGIN { srand(s); printf "%.3f", 1 + w * rand() / 5 }')"
    if kill -9 "$pid" 2>/dev/null; then
        done=$((done + 1))
    fi
    wait "$pid" 2>/dev/null || true
    if [ -f "$work/killed/model.safetensors" ]; then
        echo "the run ended after $done kills; give it more steps" && break
    fi
done
train "$work/killed"
grep -h "resumed at" "$work/killed.log" || true
if cmp "$work/whole/model.safetensors" "$work/killed/model.safetensors"; then
    echo "equal bit for bit after $done kills"
else
    echo "different after $done kills" && exit 1
fi
