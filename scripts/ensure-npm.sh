# Sourced by the other scripts: installs the project's own dependencies when they are missing or the lock file moved on.
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root"
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null || {
  echo "barnabas needs Node.js 20.19 or newer; found $(node --version 2>/dev/null || echo none)" >&2
  exit 2
}
if ! cmp -s package-lock.json node_modules/.barnabas-lock; then
  echo "installing the project's dependencies (npm ci)" >&2
  npm ci --no-audit --no-fund --loglevel=error >&2
  cp package-lock.json node_modules/.barnabas-lock
fi
