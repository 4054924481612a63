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

# public lists the packages of the module here that users may import.
public() {
	go list -f '{{if ne .Name "main"}}{{.ImportPath}}{{end}}' ./... | grep -vE '/internal(/|$)' || true
}

# broken tells what of the packages exported to "$old/api" is not as it was.
broken() {
	public >"$old/now"
	for file in "$old/api"/*; do
		pkg=$(basename "$file" | tr , /)
		if ! grep -qx "$pkg" "$old/now"; then
			echo "$pkg: removed"
			continue
		fi
		diff=$($apidiff -incompatible "$file" "$pkg")
		[ -z "$diff" ] || printf '%s:\n%s\n' "$pkg" "$diff"
	done
}

failed=0
for module in . migrate/command otel; do
	prefix=${module#.}
	prefix=${prefix:+$prefix/}
	tag=$(git describe --tags --abbrev=0 --match "${prefix}v[0-9]*" 2>/dev/null) || {
		echo "$module: no release yet, nothing to compare with"
		continue
	}
	rm -rf "$old/api"
	mkdir "$old/api"
	git worktree add --quiet --detach "$old/tree" "$tag"
	(
		cd "$old/tree/$module"
		for pkg in $(public); do
			$apidiff -w "$old/api/$(echo "$pkg" | tr / ,)" "$pkg"
		done
	)
	git worktree remove --force "$old/tree"
	found=$(cd "$module" && broken)
	if [ -z "$found" ]; then
		echo "$module: compatible with $tag"
	elif [ -n "$told" ]; then
		printf '%s: not compatible with %s, and the changelog says so:\n%s\n' "$module" "$tag" "$found"
	else
		printf '%s: not compatible with %s, and CHANGELOG.md has nothing under Changed or Removed:\n%s\n' "$module" "$tag" "$found"
		failed=1
	fi
done
exit $failed
