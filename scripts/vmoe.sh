#!/bin/sh
# Trains the four V-MoE configurations on fashion or cifar10 for each seed and prints the table: scripts/vmoe.sh DATA [SEED ...]
# A run that is there already is taken up or passed over, so that seeds can be added later.
set -e
cd "$(dirname "$0")/.."
data=${1:-fashion}
[ $# -eq 0 ] || shift
seeds=${*:-0 1 2}
case $data in fashion) out=runs/vmoe ;; *) out=runs/vmoe-$data ;; esac
out=${FOVEA_RUNS:-$out}
compare=
for arm in dense k1 wide k2; do
    folders=
    for seed in $seeds; do
        folder=$out/${arm}_s$seed
        ./fovea train "configs/vmoe_${data}_$arm.yaml" --out "$folder" "train.seed=$seed" >&2
        folders=${folders:+$folders,}$folder
    done
    compare="$compare $arm=$folders"
done
# shellcheck disable=SC2086
./fovea compare $compare --metrics 'eval/top1,eval/crossEntropy,train/task|train/loss'
