"""Labelled pages between COCO, YOLO, Pascal VOC, Label Studio and CVAT.

Each format is one file with the same two functions: `read(source, images)` gives a `LabelSet`, `write(data, folder,
size)` writes one. None loses pages, splits, class lists or boxes. The writers of supervision do: 0.01 pixels on the way
through YOLO and 0.5 through Pascal VOC, folders, and pages that are PDFs.
"""
