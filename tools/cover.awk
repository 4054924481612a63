# Prints the share of covered statements of each package and of all, from a
# profile of "go test -coverprofile". With -coverpkg, each test binary writes
# every block: a block is covered if any of them ran it.
# Usage: awk -v module=PATH -v min=PERCENT -f cover.awk PROFILE
FNR == 1 { next } # mode
{
	statements[$1] = $2
	if ($3 > 0) covered[$1] = $2
}
END {
	for (block in statements) {
		pkg = block
		sub(/\/[^\/]*$/, "", pkg)
		sub("^" module "/?", "./", pkg)
		total[pkg] += statements[block]
		hit[pkg] += covered[block]
		all += statements[block]
		allHit += covered[block]
	}
	for (pkg in total) printf "%6.1f%%  %s\n", 100 * hit[pkg] / total[pkg], pkg | "sort -k 2"
	close("sort -k 2")
	if (all == 0) { print "no statement in the profile"; exit 1 }
	percent = 100 * allHit / all
	printf "%6.1f%%  total\n", percent
	if (percent < min) { printf "under %s%%\n", min; exit 1 }
}
