#!/bin/sh
# Compares the exported API of each published module with its last release. What
# is incompatible fails, unless the changelog tells of it under [Unreleased] as
# changed or removed. Usage: api.sh APIDIFF-COMMAND
set -eu
cd "$(dirname "$0")/.."
apidiff=$1
old=$(mktemp -d)
trap 'git worktree remove --force "$old/tree" 2>/dev/null || true; rm -rf "$old"' EXIT
told=$(awk '/^## \[Unreleased\]/ { on = 1; next } /^## / { on = 0 } on && /^### (Changed|Removed)/' CHANGELOG.md)
failed=0
for module in . migrate/command; do
	prefix=${module#.}
	prefix=${prefix:+$prefix/}
	tag=$(git describe --tags --abbrev=0 --match "${prefix}v[0-9]*" 2>/dev/null) || {
		echo "$module: no release yet, nothing to compare with"
		continue
	}
	git worktree add --quiet --detach "$old/tree" "$tag"
	(cd "$old/tree/$module" && $apidiff -m -w "$old/api" "$(go list -m)")
	git worktree remove --force "$old/tree"
	broken=$(cd "$module" && $apidiff -m -incompatible "$old/api" "$(go list -m)")
	if [ -z "$broken" ]; then
		echo "$module: compatible with $tag"
	elif [ -n "$told" ]; then
		printf '%s: not compatible with %s, and the changelog says so:\n%s\n' "$module" "$tag" "$broken"
	else
		printf '%s: not compatible with %s, and CHANGELOG.md has nothing under Changed or Removed:\n%s\n' "$module" "$tag" "$broken"
		failed=1
	fi
done
exit $failed
