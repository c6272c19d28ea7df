/**
 * A POSIX shell script that starts the new version as soon as the process that installed it has ended, and watches the
 * first start. The script is neither of these two processes. The old version would hold what the new one needs: its
 * profile, its single-instance lock and its mount. A new version that cannot be loaded cannot count its own failures.
 *
 * The arguments are the private directory of the updates, the id of the install, the path to start, the path of the
 * previous version (empty if there is no way back), a number of failures, three limits in ticks, and the arguments of
 * the app. If the script gives the version up, it writes `first-start` for the next start. It decides nothing else.
 */
export const watchdogScript: string = String.raw`
directory=$1 id=$2 live=$3 previous=$4 failures=$5 load=$6 hang=$7 watch=$8
shift 8
# Ends when the process that installed has ended, however it did.
read -r _ || :
exec </dev/null

journal() { cat "$directory/journal.json" 2>/dev/null; }
# A confirmed install, or another one: whatever becomes of that is not ours to judge.
is_ours() { case $(journal) in *"\"id\": \"$id\""*) ;; *) return 1 ;; esac; }
# A group of its own, so that all of it can be ended.
start() { if command -v setsid >/dev/null; then exec setsid "$live" "$@"; else exec "$live" "$@"; fi; }
tick=1
pause() { [ $tick = 1 ] && sleep 0.2 || { tick=5; sleep 1; }; }

# What an end says; nothing for a quit, a log-out and a second copy.
judge_end() {
  case $1 in
    0 | 129 | 130 | 143) ;;
    126 | 127) echo "cannot be started (code $1)" ;;
    *)
      if [ "$1" -gt 128 ] && name=$(kill -l $(($1 - 128))); then echo "was ended by SIG$name"
      else echo "ended with code $1"; fi ;;
  esac
}

# Ticks are counted instead of asking a clock: neither a changed clock nor a sleeping machine is the version's fault.
# The result is in "why"; empty when nothing is wrong, or not ours to say.
watch_run() {
  start "$@" &
  app=$! why= now= beat= elapsed=0 silent=0
  while is_ours; do
    if ! kill -0 "$app"; then
      wait "$app" && code=0 || code=$?
      is_ours && why=$(judge_end "$code")
      return
    fi
    if [ -e "$directory/heartbeat" ]; then
      read -r now <"$directory/heartbeat" || :
      if [ "$now" != "$beat" ]; then beat=$now silent=0; fi
      if [ $silent -ge "$hang" ]; then why='stopped responding'; break; fi
      if [ $elapsed -ge "$watch" ]; then return; fi
    elif [ $elapsed -ge "$load" ]; then why='did not get ready'; break; fi
    pause
    elapsed=$((elapsed + tick)) silent=$((silent + tick))
  done
  [ -z "$why" ] || { kill -9 "-$app" || kill -9 "$app"; wait "$app"; }
}

count=0
while :; do
  rm -f "$directory/heartbeat"
  watch_run "$@"
  [ -n "$why" ] || exit 0
  count=$((count + 1))
  [ $count -lt "$failures" ] || break
  # What was slow to load the first time is in the page cache now.
  load=$(((load + 1) / 2))
done
printf '%s\n%s\n' "$id" "$why" >"$directory/first-start.new" && mv -f "$directory/first-start.new" "$directory/first-start"
case $(journal) in *'"pastReturn": true'*) exit 0 ;; esac
[ -n "$previous" ] && { [ -e "$previous" ] || [ -L "$previous" ]; } || exit 0
mv -f "$previous" "$live" && start "$@"
`;

/** Milliseconds of one tick of the script. */
export const tickMs = 200;
