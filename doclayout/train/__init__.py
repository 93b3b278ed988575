"""Training and validation on ultralytics' engine: COCO data sets over PDF pages, document augmentation, COCO metrics."""
