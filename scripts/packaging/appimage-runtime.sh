#!/bin/sh
# The runtime at the head of an AppImage that was packaged without AppImage's own: unpacks the squashfs behind it into
# a private directory, runs AppRun there and removes the directory when the app has ended. AppImage's runtime does the
# same for `--appimage-extract-and-run`. Needs unsquashfs (squashfs-tools).
set -eu
APPIMAGE=$(readlink -f "$0")
APPDIR=$(mktemp -d "${TMPDIR:-/tmp}/.mount_XXXXXXXXXX")
export APPIMAGE APPDIR ARGV0="$0" OWD="$PWD"
trap 'rm -rf "$APPDIR"' EXIT
unsquashfs -quiet -no-progress -force -offset @SIZE@ -dest "$APPDIR" "$APPIMAGE" >/dev/null

"$APPDIR/AppRun" "$@" <&0 &
app=$!
for signal in HUP INT TERM; do trap "kill -$signal $app 2>/dev/null || true" "$signal"; done
status=0
wait "$app" || status=$?
# A trapped signal ends `wait` early: the app has the signal now and ends in its own time.
while kill -0 "$app" 2>/dev/null; do
  status=0
  wait "$app" || status=$?
done
exit "$status"
