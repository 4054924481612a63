// Package iter holds what reads in pages return and knows nothing of any SDK:
// pages and their statistics, cursors, errors of limits, and adapters over the
// sequences that queries return. Import it as dyniter where the standard
// library's iter is imported too.
//
// # Evaluated and returned
//
// DynamoDB evaluates an item before the filter runs and returns it only if it
// passes. A request's Limit counts evaluated items, and a position to go on
// from comes back whenever evaluation stopped at Limit or at 1 MB, even when it
// stopped on the very last item; so a last page may be empty. See
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html.
//
// # Sequences and errors
//
// A sequence here is an iter.Seq2[T, error]. It has at most one error, which
// stands in its last pair beside the zero T. Every adapter takes such a
// sequence and keeps to the same contract.
//
// The guide is https://github.com/dynarepo/dynarepo/blob/main/docs/cursors.md.
// Rules are those of
// https://github.com/dynarepo/dynarepo/blob/main/docs/rules.md.
package iter
