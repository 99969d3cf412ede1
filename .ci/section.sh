# Sourced by run and nightly: prints what a command says as it says it, then how long it took and how it ended.
section() {
  local title=$1 began=$SECONDS status=0
  shift
  printf '\n==== %s: %s\n' "$title" "$*"
  "$@" 2>&1 || status=$?
  if ((status == 0)); then
    printf '==== %s: passed in %d s\n' "$title" $((SECONDS - began))
  else
    printf '==== %s: FAILED (exit %d) after %d s\n' "$title" "$status" $((SECONDS - began))
  fi
  return "$status"
}
