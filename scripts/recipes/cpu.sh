# Twenty stages for two CPU cores: see scripts/train_default.sh. Each goes on where the one before it stopped.
PAGES=2500    # synthetic pages of each kind
WORKERS=2     # processes that draw them
# Stages 1 to 3 train on the real pages, COPIES times each an epoch, and on the synthetic ones once; 4 to 13 on pages
# too that the model before them has labelled, and from 14 on those pages with their labels corrected page by page. EPOCH pages
# make an epoch, so that the rate falls in small steps.
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
COPIES8=8     # stage 8 trains a wider network, which then labels pages together with the narrow one
EPOCH8=2000
STAGE8=(epochs=6 freeze=4 lr0=5e-4 lrf=0.02 warmup_epochs=0.1 batch=8 imgsz=640 multi_scale=0.4 seed=71 scale=0.3)
SHARE8=0.8    # of stage 8 in its average with where it started
COPIES9=8
EPOCH9=2200
STAGE9=(epochs=8 freeze=4 lr0=4e-4 lrf=0.01 warmup_epochs=0.1 batch=8 imgsz=640 seed=81 scale=0.3)
SHARE9=0.8    # of stage 9 in its average with where it started
COPIES10=8    # stage 10 trains edocnet-m, widened from stage 9's average
EPOCH10=2200
STAGE10=(epochs=7 freeze=4 lr0=3e-4 lrf=0.01 warmup_epochs=0.1 batch=8 imgsz=640 seed=91 scale=0.3)
SHARE10=0.5   # of stage 10 in its average with where it started
COPIES11=8
LABELLED11=4  # copies of the pages that stages 9 and 10 have labelled together
EPOCH11=2200
STAGE11=(epochs=8 freeze=4 lr0=4e-4 lrf=0.01 warmup_epochs=0.1 batch=8 imgsz=640 seed=101 scale=0.3)
SHARE11=0.6   # of stage 11 in its average with where it started
COPIES12=8    # stages 12 and 13 both start from stage 11's average
LABELLED12=4
EPOCH12=2200
STAGE12=(epochs=9 freeze=4 lr0=4e-4 lrf=0.01 warmup_epochs=0.1 batch=8 imgsz=640 seed=111 scale=0.3 cls_pw=0.25)
STAGE13=(epochs=8 freeze=4 lr0=4e-4 lrf=0.01 warmup_epochs=0.1 batch=8 imgsz=640 seed=131 scale=0.3)
SHARE13=0.5   # of stage 13 in its average with stage 12, and of that in its average with where both started
COPIES14=8
CORRECTED14=6 # copies of the pages whose labels were corrected
EPOCH14=2200
STAGE14=(epochs=12 freeze=4 lr0=4e-4 lrf=0.01 warmup_epochs=0.1 batch=8 imgsz=640 seed=181 scale=0.3)
SHARE14=0.4   # of stage 14 in its average with where it started
STAGE15=(epochs=7 freeze=4 lr0=3e-4 lrf=0.01 warmup_epochs=0.1 batch=8 imgsz=640 seed=201 scale=0.3)  # on the same pages
SHARE15=0.5   # of stage 15 in its average with where it started
STAGE16=(epochs=4 freeze=2 lr0=8e-4 lrf=0.505 warmup_epochs=0.2 batch=8 imgsz=640 seed=211 scale=0.3)  # edocnet-n, narrowed
STAGE17=(epochs=5 freeze=2 lr0=6e-4 lrf=0.01 warmup_epochs=0.1 batch=8 imgsz=640 seed=221 scale=0.3 distill=dense)
STAGE18=(epochs=6 freeze=2 lr0=4e-4 lrf=0.01 warmup_epochs=0.1 batch=8 imgsz=640 seed=231 scale=0.3 distill=dense)
SHARE18=0.5   # of stage 18 in its average with stage 17
COPIES19=6    # stages 19 and 20 have new synthetic pages, and aged ones
EPOCH19=2200
STAGE19=(epochs=8 freeze=2 lr0=4e-4 lrf=0.01 warmup_epochs=0.1 batch=8 imgsz=640 seed=241 scale=0.3 distill=dense)  # teaches
STAGE20=(epochs=12 freeze=2 lr0=8e-4 lrf=0.01 warmup_epochs=0.2 batch=8 imgsz=640 seed=251 scale=0.3 distill=dense)  # edocnet-t
SHARE20=0.5   # of the last epoch of stage 20 in its average with the best one

pages recompose recompose "$PAGES" 0 pool="$DATA/train"
pages datasheet datasheet "$PAGES" 0
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
python scripts/average.py "$OUT/average6.pt" "$OUT/stage7.pt" "$SHARE7" "$OUT/average7.pt"
if [[ ! -f $OUT/wide.pt ]]; then python scripts/widen.py "$OUT/average7.pt" "$OUT/wide.pt"; fi
dataset data8 "$COPIES8" labelled3 "$EPOCH8"
stage stage8 last "$OUT/wide.pt" "$OUT/data8.yaml" "${STAGE8[@]}"
python scripts/average.py "$OUT/wide.pt" "$OUT/stage8.pt" "$SHARE8" "$OUT/average8.pt"
label labelled4 "$OUT/average7.pt" "$OUT/average8.pt"
dataset data9 "$COPIES9" labelled4 "$EPOCH9"
stage stage9 last "$OUT/average7.pt" "$OUT/data9.yaml" "${STAGE9[@]}"
python scripts/average.py "$OUT/average7.pt" "$OUT/stage9.pt" "$SHARE9" "$OUT/average9.pt"
if [[ ! -f $OUT/wide10.pt ]]; then python scripts/widen.py "$OUT/average9.pt" "$OUT/wide10.pt"; fi
dataset data10 "$COPIES10" labelled4 "$EPOCH10"
stage stage10 last "$OUT/wide10.pt" "$OUT/data10.yaml" "${STAGE10[@]}"
python scripts/average.py "$OUT/wide10.pt" "$OUT/stage10.pt" "$SHARE10" "$OUT/average10.pt"
cp "$OUT/average10.pt" "$OUT/final-m.pt"
label labelled5 "$OUT/average9.pt" "$OUT/average10.pt"
dataset data11 "$COPIES11" labelled5 "$EPOCH11" "$LABELLED11"
stage stage11 last "$OUT/average9.pt" "$OUT/data11.yaml" "${STAGE11[@]}"
python scripts/average.py "$OUT/average9.pt" "$OUT/stage11.pt" "$SHARE11" "$OUT/average11.pt"
label labelled6 "$OUT/average11.pt" "$OUT/average10.pt"
dataset data12 "$COPIES12" labelled6 "$EPOCH12" "$LABELLED12"
stage stage12 last "$OUT/average11.pt" "$OUT/data12.yaml" "${STAGE12[@]}"
stage stage13 last "$OUT/average11.pt" "$OUT/data12.yaml" "${STAGE13[@]}"
python scripts/average.py "$OUT/stage12.pt" "$OUT/stage13.pt" "$SHARE13" "$OUT/average13.pt"
python scripts/average.py "$OUT/average11.pt" "$OUT/average13.pt" "$SHARE13" "$OUT/average12.pt"
dataset data14 "$COPIES14" corrected "$EPOCH14" "$CORRECTED14"
stage stage14 last "$OUT/average12.pt" "$OUT/data14.yaml" "${STAGE14[@]}"
python scripts/average.py "$OUT/average12.pt" "$OUT/stage14.pt" "$SHARE14" "$OUT/average14.pt"
stage stage15 last "$OUT/average14.pt" "$OUT/data14.yaml" "${STAGE15[@]}"
python scripts/average.py "$OUT/average14.pt" "$OUT/stage15.pt" "$SHARE15" "$OUT/final-s.pt"
if [[ ! -f $OUT/slim.pt ]]; then python scripts/narrow.py "$OUT/final-s.pt" "$DATA/unlabeled" "$OUT/slim.pt"; fi
stage stage16 last "$OUT/slim.pt" "$OUT/data14.yaml" "${STAGE16[@]}"
stage stage17 last "$OUT/stage16.pt" "$OUT/data14.yaml" teacher="$OUT/final-s.pt" "${STAGE17[@]}"
stage stage18 last "$OUT/stage17.pt" "$OUT/data14.yaml" teacher="$OUT/final-s.pt" "${STAGE18[@]}"
python scripts/average.py "$OUT/stage17.pt" "$OUT/stage18.pt" "$SHARE18" "$OUT/final-n.pt"
pages recompose2 recompose 1500 41 pool="$DATA/train"
pages datasheet2 datasheet 1800 41
aged aged "$DATA"
aged aged-corrected "$OUT/judged.yaml"
mixture data19 "$EPOCH19" "$COPIES19:$DATA/train" "2:$OUT/aged/train" "5:$OUT/corrected" "1:$OUT/aged-corrected/train" \
  "1:$OUT/recompose2" "1:$OUT/datasheet2"
stage stage19 last "$OUT/final-n.pt" "$OUT/data19.yaml" teacher="$OUT/final-s.pt" "${STAGE19[@]}"
if [[ ! -f $OUT/slim-t.pt ]]; then python scripts/narrow.py "$OUT/stage19.pt" "$DATA/unlabeled" "$OUT/slim-t.pt" t; fi
stage stage20 last "$OUT/slim-t.pt" "$OUT/data19.yaml" teacher="$OUT/stage19.pt" "${STAGE20[@]}"
python scripts/average.py "$OUT/stage20/weights/best.pt" "$OUT/stage20.pt" "$SHARE20" "$OUT/final-t.pt"
