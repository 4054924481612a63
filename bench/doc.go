// Package bench compares dynarepo with the bare SDK, the SDK with
// attributevalue, decoding written by hand, and guregu/dynamo. It is a module
// of its own, so that these are nobody's dependency.
//
//	go test -bench . ./...   # Go's own benchmarks
//	make bench               # interleaved rounds and their ratios, in the directory above
//
// Most answers are canned and come from a transport in the process: what is
// measured is what a client costs. Loopback HTTP and DynamoDB Local stand
// beside it; it needs what make setup installs.
package bench
