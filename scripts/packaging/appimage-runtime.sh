#!/bin/sh
# The runtime at the head of an AppImage that was packaged without AppImage's own runtime. Unpacks the squashfs behind
# it into a private directory, runs AppRun there and removes the directory when the app has ended. AppImage's runtime
# does the same for `--appimage-extract-and-run`. Needs unsquashfs (squashfs-tools).
set -eu
APPIMAGE=$(readlink -f "$0")
APPDIR=$(mktemp -d "${TMPDIR:-/tmp}/.mount_XXXXXXXXXX")
export APPIMAGE APPDIR ARGV0="$0" OWD="$PWD"
trap 'rm -rf "$APPDIR"' EXIT
unsquashfs -quiet -no-progress -force -offset @SIZE@ -dest "$APPDIR" "$APPIMAGE" >/dev/null

# Signals are passed to the app. A signal that arrives before the app is known is passed on as soon as it is.
app=
signalled=
for signal in HUP INT TERM; do
  trap "signalled=$signal; [ -z \"\$app\" ] || kill -$signal \"\$app\" 2>/dev/null || true" "$signal"
done
"$APPDIR/AppRun" "$@" <&0 &
app=$!
[ -z "$signalled" ] || kill -"$signalled" "$app" 2>/dev/null || true
status=
while :; do
  signalled=
  ended=0
  wait "$app" || ended=$?
  # 127: an earlier wait already returned the status.
  [ "$ended" = 127 ] && [ -n "$status" ] || status=$ended
  # A trapped signal ends `wait` early. The app has received the signal and ends in its own time.
  [ -n "$signalled" ] || break
done
exit "$status"
