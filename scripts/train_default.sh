#!/usr/bin/env bash
# Makes the default weights again from labelled pages:
#
#     scripts/train_default.sh DATA [OUT]
#
# DATA holds train/ and val/, each with annotations.json (COCO) and its pages; OUT is runs/default unless given, and gets
# edocnet-n.pt and edocnet-n.onnx. Each step is left out where its output is there, and a training that was stopped goes
# on with its last epoch, so the script can be called again at any time. Needs `pip install -e '.[export,bench]'`.
set -euo pipefail

DATA=$(realpath "${1:?usage: scripts/train_default.sh DATA [OUT]}")
OUT=$(realpath -m "${2:-runs/default}")
PAGES=2500    # synthetic pages of each kind
WORKERS=2     # processes that draw them
# All stages train on the real pages, COPIES times each an epoch, and on the synthetic ones once.
COPIES1=2
STAGE1=(epochs=4 freeze=4 lr0=1.5e-3 lrf=0.35 batch=8 imgsz=640 seed=1)
COPIES2=8
STAGE2=(epochs=1 freeze=4 lr0=8e-4 lrf=0.01 warmup_epochs=0.05 batch=8 imgsz=640 seed=2)
COPIES3=16
EPOCH3=1600   # pages that make an epoch of the last stage, so that the rate falls in small steps
STAGE3=(epochs=8 freeze=4 lr0=5e-4 lrf=0.01 warmup_epochs=0.2 batch=8 imgsz=640 seed=3)

cd "$(dirname "$0")/.."
PATH=$PWD/.venv/bin:$PATH
# Memory that training gives back is kept for the next step, which glibc would rather return to the system.
export MALLOC_TRIM_THRESHOLD_=17179869184 MALLOC_MMAP_MAX_=0

# stage NAME KEEP MODEL DATA SETTING...: train into $OUT/NAME, and leave its checkpoint KEEP (last, best) in $OUT/NAME.pt
stage() {
  local name=$1 keep=$2 model=$3 data=$4 last=$OUT/$1/weights/last.pt
  shift 4
  if [[ -f $OUT/$name.pt ]]; then return; fi
  if [[ -f $last ]]; then
    doclayout train model="$last" data="$data" resume=True
  else
    doclayout train model="$model" data="$data" project="$OUT" name="$name" exist_ok=True "$@"
  fi
  cp "$OUT/$name/weights/$keep.pt" "$OUT/$name.part"
  mv "$OUT/$name.part" "$OUT/$name.pt"
}

# pages KIND SETTING...: make synthetic pages of a kind in $OUT/KIND
pages() {
  local kind=$1
  shift
  if [[ -f $OUT/$kind/annotations.json ]]; then return; fi
  doclayout synth out="$OUT/$kind" kind="$kind" n="$PAGES" seed=0 workers="$WORKERS" "$@"
}

# dataset NAME COPIES [EPOCH]: write a data set of so many copies of the real pages, and the synthetic ones
dataset() {
  {
    echo "train:"
    for ((i = 0; i < $2; i++)); do echo "  - $DATA/train/annotations.json"; done
    echo "  - $OUT/recompose/annotations.json"
    echo "  - $OUT/datasheet/annotations.json"
    echo "val: $DATA/val/annotations.json"
    echo "schema: datasheet21"
    if [[ -n ${3:-} ]]; then echo "epoch_size: $3"; fi
  } > "$OUT/$1.yaml"
}

mkdir -p "$OUT"
if [[ ! -f $OUT/init.pt ]]; then
  python scripts/init_backbone.py "$OUT/init.part.pt"
  mv "$OUT/init.part.pt" "$OUT/init.pt"
fi
pages recompose pool="$DATA/train"
pages datasheet
dataset data1 "$COPIES1"
dataset data2 "$COPIES2"
dataset data3 "$COPIES3" "$EPOCH3"
stage stage1 last "$OUT/init.pt" "$OUT/data1.yaml" "${STAGE1[@]}"
stage stage2 last "$OUT/stage1.pt" "$OUT/data2.yaml" "${STAGE2[@]}"
stage stage3 best "$OUT/stage2.pt" "$OUT/data3.yaml" "${STAGE3[@]}"
if [[ ! -f $OUT/edocnet-n.onnx ]]; then
  python scripts/ship.py "$OUT/stage3.pt" "$DATA" edocnet-n "$OUT"
fi
doclayout val model="$OUT/edocnet-n.onnx" data="$DATA" save_dir="$OUT/val"
