#!/bin/sh
# Stands where Electron's executable stands: takes the same arguments and runs the app's main process in Node, with
# `electron` resolved to the stand-in module beside this file.
here=$(dirname "$(readlink -f "$0")")
inspect=
for argument in "$@"; do
  case $argument in --inspect=*) inspect=$argument ;; esac
done
exec "$here/../../node_modules/.bin/node" ${inspect:+"$inspect"} --import "$here/register.ts" "$here/boot.ts" "$@"
