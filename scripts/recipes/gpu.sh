# Stages for one GPU of 80 GB and 16 cores: see scripts/train_default.sh. A large teacher learns at 1024 pixels from
# synthetic pages, and from all real ones; edocnet-s learns from the same, and from the teacher's features; edocnet-m is
# widened from it and goes on likewise; edocnet-n and edocnet-t are narrowed from it and learn from its outputs.
PAGES=50000   # synthetic pages of each of two kinds
WORKERS=$(nproc)
EPOCH=20000   # pages in an epoch, but for the first stages, which see each once
COPIES=30     # of the real pages beside them, those with corrected labels too
TEACHER1=(epochs=3 batch=32 imgsz=1024 lr0=1e-3 lrf=0.5 warmup_epochs=0.2 device=0 workers=12 seed=1)
TEACHER2=(epochs=10 batch=32 imgsz=1024 multi_scale=0.375 lr0=5e-4 lrf=0.01 warmup_epochs=0.1 device=0 workers=12 seed=2)
STUDENT1=(epochs=4 batch=64 imgsz=640 lr0=2e-3 lrf=0.3 warmup_epochs=0.2 device=0 workers=12 seed=3)
STUDENT2=(epochs=12 batch=64 imgsz=640 lr0=8e-4 lrf=0.01 warmup_epochs=0.1 device=0 workers=12 seed=4 distill=fgd)
STUDENT3=(epochs=8 batch=64 imgsz=640 lr0=4e-4 lrf=0.01 warmup_epochs=0.1 device=0 workers=12 seed=5 distill=fgd)  # edocnet-m
STUDENT4=(epochs=8 batch=64 imgsz=640 lr0=8e-4 lrf=0.01 warmup_epochs=0.1 device=0 workers=12 seed=6 distill=dense)  # edocnet-n, -t

pages recompose recompose "$PAGES" 0 pool="$DATA/train"
pages datasheet datasheet "$PAGES" 0
dataset mix 2
dataset real "$COPIES" corrected "$EPOCH" "$COPIES"
stage teacher1 last yolo26-g2l-m.yaml "$OUT/mix.yaml" "${TEACHER1[@]}"
stage teacher last "$OUT/teacher1.pt" "$OUT/real.yaml" "${TEACHER2[@]}"
stage student1 last "$OUT/init.pt" "$OUT/mix.yaml" "${STUDENT1[@]}"
stage student2 last "$OUT/student1.pt" "$OUT/real.yaml" teacher="$OUT/teacher.pt" "${STUDENT2[@]}"
cp "$OUT/student2.pt" "$OUT/final-s.pt"
if [[ ! -f $OUT/wide.pt ]]; then python scripts/widen.py "$OUT/final-s.pt" "$OUT/wide.pt"; fi
stage student3 last "$OUT/wide.pt" "$OUT/real.yaml" teacher="$OUT/teacher.pt" "${STUDENT3[@]}"
cp "$OUT/student3.pt" "$OUT/final-m.pt"
if [[ ! -f $OUT/slim.pt ]]; then python scripts/narrow.py "$OUT/final-s.pt" "$DATA/unlabeled" "$OUT/slim.pt"; fi
stage student4 last "$OUT/slim.pt" "$OUT/real.yaml" teacher="$OUT/final-s.pt" "${STUDENT4[@]}"
cp "$OUT/student4.pt" "$OUT/final-n.pt"
if [[ ! -f $OUT/slim-t.pt ]]; then python scripts/narrow.py "$OUT/final-n.pt" "$DATA/unlabeled" "$OUT/slim-t.pt" t; fi
stage student5 last "$OUT/slim-t.pt" "$OUT/real.yaml" teacher="$OUT/final-s.pt" "${STUDENT4[@]}"
cp "$OUT/student5.pt" "$OUT/final-t.pt"
