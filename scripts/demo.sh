#!/usr/bin/env bash
# npm run demo: all the set-up on a fresh clone, then the demo itself (demo/main.ts).
set -euo pipefail
case " $* " in *' --help '* | *' -h '*) helping=1 ;; *) helping=0 ;; esac
. "$(dirname "$0")/ensure-npm.sh"
if [ "$helping" = 0 ]; then
  npm run --silent build
  bash scripts/ensure-kafka.sh >/dev/null
fi
exec node --import tsx demo/main.ts "$@"
