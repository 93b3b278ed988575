#!/usr/bin/env bash
# Makes the default weights again from labelled pages:
#
#     scripts/train_default.sh DATA [OUT]
#
# DATA holds train/ and val/, each with annotations.json (COCO) and its pages, and unlabeled/ with pages alone; OUT is
# runs/default unless given, and gets edocnet-n.pt, edocnet-n.onnx and edocnet-n-int8.xml. Each step is left out where
# its output is there, and a training that was stopped goes on with its last epoch, so the script can be called again at
# any time. Needs `pip install -e '.[export,bench]'`.
set -euo pipefail

DATA=$(realpath "${1:?usage: scripts/train_default.sh DATA [OUT]}")
OUT=$(realpath -m "${2:-runs/default}")
PAGES=2500    # synthetic pages of each kind
WORKERS=2     # processes that draw them
# Stages 1 to 3 train on the real pages, COPIES times each an epoch, and on the synthetic ones once; 4 to 7 on pages
# too that the model before them has labelled. EPOCH pages make an epoch, so that the rate falls in small steps.
EPOCH=1600
COPIES1=2
STAGE1=(epochs=4 freeze=4 lr0=1.5e-3 lrf=0.35 batch=8 imgsz=640 seed=1)
COPIES2=8
STAGE2=(epochs=1 freeze=4 lr0=8e-4 lrf=0.01 warmup_epochs=0.05 batch=8 imgsz=640 seed=2)
COPIES3=16
STAGE3=(epochs=8 freeze=4 lr0=5e-4 lrf=0.01 warmup_epochs=0.2 batch=8 imgsz=640 seed=3)
COPIES4=4
STAGE4=(epochs=3 freeze=4 lr0=6e-4 lrf=0.8 warmup_epochs=0.3 batch=8 imgsz=640 seed=21 scale=0.3)
COPIES5=8
STAGE5=(epochs=5 freeze=4 lr0=3e-4 lrf=0.01 warmup_epochs=0.1 batch=8 imgsz=640 seed=31)
SHARE5=0.6    # of stage 5 in its average with stage 3
COPIES6=8
SHARE6=0.6    # of stage 6 in its average with where it started
STAGE6=(epochs=6 freeze=4 lr0=3e-4 lrf=0.01 warmup_epochs=0.1 batch=8 imgsz=640 seed=41)
COPIES7=8
EPOCH7=2400
STAGE7=(epochs=8 freeze=4 lr0=4e-4 lrf=0.01 warmup_epochs=0.1 batch=8 imgsz=640 seed=51 scale=0.3)
SHARE7=0.8    # of stage 7 in its average with where it started

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

# dataset NAME COPIES [LABELLED] [EPOCH]: write a data set of so many copies of the real pages, two of pages that a model
# has labelled, and the synthetic ones
dataset() {
  {
    echo "train:"
    for ((i = 0; i < $2; i++)); do echo "  - $DATA/train/annotations.json"; done
    if [[ -n ${3:-} ]]; then for _ in 1 2; do echo "  - $OUT/$3/annotations.json"; done; fi
    echo "  - $OUT/recompose/annotations.json"
    echo "  - $OUT/datasheet/annotations.json"
    echo "val: $DATA/val/annotations.json"
    echo "schema: datasheet21"
    if [[ -n ${4:-} ]]; then echo "epoch_size: $4"; fi
  } > "$OUT/$1.yaml"
}

# label NAME CHECKPOINT: calibrate a checkpoint, and let it label the unlabelled pages in $OUT/NAME
label() {
  if [[ -f $OUT/$1/annotations.json ]]; then return; fi
  if [[ ! -f $OUT/$1.onnx ]]; then python scripts/ship.py "$2" "$DATA" "$1" "$OUT"; fi
  python scripts/pseudo_label.py "$DATA/unlabeled" "$OUT/$1" "$OUT/$1.onnx"
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
dataset data3 "$COPIES3" "" "$EPOCH"
stage stage1 last "$OUT/init.pt" "$OUT/data1.yaml" "${STAGE1[@]}"
stage stage2 last "$OUT/stage1.pt" "$OUT/data2.yaml" "${STAGE2[@]}"
stage stage3 best "$OUT/stage2.pt" "$OUT/data3.yaml" "${STAGE3[@]}"
label labelled1 "$OUT/stage3.pt"
dataset data4 "$COPIES4" labelled1 "$EPOCH"
dataset data5 "$COPIES5" labelled1 "$EPOCH"
stage stage4 last "$OUT/stage3.pt" "$OUT/data4.yaml" "${STAGE4[@]}"
stage stage5 last "$OUT/stage4.pt" "$OUT/data5.yaml" "${STAGE5[@]}"
python scripts/average.py "$OUT/stage3.pt" "$OUT/stage5.pt" "$SHARE5" "$OUT/average.pt"
label labelled2 "$OUT/average.pt"
dataset data6 "$COPIES6" labelled2 "$EPOCH"
stage stage6 last "$OUT/average.pt" "$OUT/data6.yaml" "${STAGE6[@]}"
python scripts/average.py "$OUT/average.pt" "$OUT/stage6.pt" "$SHARE6" "$OUT/average6.pt"
label labelled3 "$OUT/average6.pt"
dataset data7 "$COPIES7" labelled3 "$EPOCH7"
stage stage7 last "$OUT/average6.pt" "$OUT/data7.yaml" "${STAGE7[@]}"
if [[ ! -f $OUT/edocnet-n.onnx ]]; then
  python scripts/average.py "$OUT/average6.pt" "$OUT/stage7.pt" "$SHARE7" "$OUT/final.pt"
  python scripts/ship.py "$OUT/final.pt" "$DATA" edocnet-n "$OUT"
fi
if [[ ! -f $OUT/edocnet-n-int8.xml ]]; then
  doclayout export model="$OUT/edocnet-n.pt" format=openvino int8=True calibrate="$DATA/train" name=edocnet-n-int8
  mv "$OUT/edocnet-n-int8_openvino/edocnet-n-int8.bin" "$OUT/edocnet-n-int8_openvino/edocnet-n-int8.xml" "$OUT"
fi
for weights in edocnet-n.onnx edocnet-n-int8.xml; do
  doclayout val model="$OUT/$weights" data="$DATA" save_dir="$OUT/val-$weights"
done
