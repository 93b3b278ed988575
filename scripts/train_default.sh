#!/usr/bin/env bash
# Makes the weights that ship again from labelled pages:
#
#     scripts/train_default.sh DATA [OUT] [MACHINE]
#
# DATA holds train/ and val/, each with annotations.json (COCO) and its pages, and unlabeled/ with pages alone; what was
# found on those, corrected page by page, is in scripts/recipes/corrected.json, and of which files, in corrected.sha256
# there: these very pages are needed, and not published. OUT is runs/default unless given, and gets edocnet-t, -n, -s and
# -m, as .pt and as .onnx, and edocnet-n-int8.xml; edocnet-m is no better yet, and does not come with the package.
# MACHINE is cpu, the recipe that made the weights that ship, or gpu, with a larger teacher and more pages:
# scripts/recipes. Each step is left out where its output is there, and a training that was stopped goes on with its last
# epoch, so the script can be called again at any time. OUT/labelled.yaml is left for scripts/train_wording.py,
# and OUT/judged.yaml for scripts/train_rescore.py. Needs
# `pip install -e '.[export,bench]'`.
set -euo pipefail

DATA=$(realpath "${1:?usage: scripts/train_default.sh DATA [OUT] [MACHINE]}")
OUT=$(realpath -m "${2:-runs/default}")
MACHINE=${3:-cpu}
if [[ $MACHINE != cpu && $MACHINE != gpu ]]; then echo "MACHINE is cpu or gpu, not $MACHINE" >&2; exit 2; fi
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

# pages NAME KIND COUNT SEED SETTING...: make so many synthetic pages of a kind in $OUT/NAME
pages() {
  local name=$1 kind=$2 count=$3 seed=$4
  shift 4
  if [[ -f $OUT/$name/annotations.json ]]; then return; fi
  doclayout synth out="$OUT/$name" kind="$kind" n="$count" seed="$seed" workers="$WORKERS" "$@"
}

# aged NAME FROM: age the training pages of a data set as scans are, in $OUT/NAME/train
aged() {
  if [[ -f $OUT/$1/train/annotations.json ]]; then return; fi
  python scripts/scan_pages.py "$2" "$OUT/$1" split=train
}

# mixture NAME EPOCH COPIES:FOLDER...: write a data set of folders' pages, each so many times; EPOCH may be empty
mixture() {
  local name=$1 epoch=$2 part
  shift 2
  {
    echo "train:"
    for part in "$@"; do
      for ((i = 0; i < ${part%%:*}; i++)); do echo "  - ${part#*:}/annotations.json"; done
    done
    echo "val: $DATA/val/annotations.json"
    echo "schema: datasheet21"
    if [[ -n $epoch ]]; then echo "epoch_size: $epoch"; fi
  } > "$OUT/$name.yaml"
}

# dataset NAME COPIES [LABELLED] [EPOCH] [LABELLED_COPIES]: write a data set of so many copies of the real pages, two
# unless told otherwise of those in $OUT/LABELLED, and the synthetic ones
dataset() {
  mixture "$1" "${4:-}" "$2:$DATA/train" ${3:+"${5:-2}:$OUT/$3"} "1:$OUT/recompose" "1:$OUT/datasheet"
}

# label NAME CHECKPOINT...: calibrate checkpoints, and let them label the unlabelled pages in $OUT/NAME
label() {
  local name=$1 weights=() model
  if [[ -f $OUT/$name/annotations.json ]]; then return; fi
  shift
  for model in "$@"; do
    weights+=("$OUT/$name-${#weights[@]}.onnx")
    if [[ ! -f ${weights[-1]} ]]; then python scripts/ship.py "$model" "$DATA" "$(basename "${weights[-1]}" .onnx)" "$OUT"; fi
  done
  python scripts/pseudo_label.py "$DATA/unlabeled" "$OUT/$name" "${weights[@]}"
}

if ! (cd "$DATA/unlabeled" && sha256sum --check --quiet "$OLDPWD/scripts/recipes/corrected.sha256"); then
  echo "$DATA/unlabeled lacks pages that scripts/recipes/corrected.json has the labels of" >&2
  exit 2
fi
mkdir -p "$OUT"
if [[ ! -f $OUT/init.pt ]]; then
  python scripts/init_backbone.py "$OUT/init.part.pt"
  mv "$OUT/init.part.pt" "$OUT/init.pt"
fi
mkdir -p "$OUT/corrected"
cp scripts/recipes/corrected.json "$OUT/corrected/annotations.json"
ln -sfn "$DATA/unlabeled" "$OUT/corrected/pdf"
{
  echo "train:"
  echo "  - $DATA/train/annotations.json"
  echo "  - $OUT/corrected/annotations.json"
  echo "val: $DATA/val/annotations.json"
  echo "schema: datasheet21"
} > "$OUT/labelled.yaml"
grep -vF "$DATA/train/" "$OUT/labelled.yaml" > "$OUT/judged.yaml"  # not the pages that the network knows by heart
source "scripts/recipes/$MACHINE.sh"
for size in t n s m; do
  if [[ ! -f $OUT/edocnet-$size.onnx ]]; then python scripts/ship.py "$OUT/final-$size.pt" "$DATA" "edocnet-$size" "$OUT"; fi
done
if [[ ! -f $OUT/edocnet-n-int8.xml ]]; then
  doclayout export model="$OUT/edocnet-n.pt" format=openvino int8=True calibrate="$DATA/unlabeled" \
    name=edocnet-n-int8 save_dir="$OUT"
  mv "$OUT/edocnet-n-int8_openvino/edocnet-n-int8.bin" "$OUT/edocnet-n-int8_openvino/edocnet-n-int8.xml" "$OUT"
fi
for weights in edocnet-{t,n,s,m}.onnx edocnet-n-int8.xml; do
  doclayout val model="$OUT/$weights" data="$DATA" save_dir="$OUT/val-$weights"
done
