"""python-tuf's ngclient as a second opinion: python-tuf.py METADATA_URL TARGETS_URL DIRECTORY PATH..."""

import os
import sys

from tuf.ngclient import Updater

metadata_url, targets_url, directory, *paths = sys.argv[1:]
metadata_dir = os.path.join(directory, "metadata")
target_dir = os.path.join(directory, "targets")
os.makedirs(target_dir, exist_ok=True)
with open(os.path.join(directory, "root.json"), "rb") as file:
    root = file.read()

updater = Updater(metadata_dir, metadata_url, target_dir, targets_url, bootstrap=root)
updater.refresh()
for path in paths:
    target = updater.get_targetinfo(path)
    if target is None:
        print(f"{path}: none")
        continue
    with open(updater.download_target(target), encoding="utf-8") as file:
        print(f"{path}: {file.read()}")
